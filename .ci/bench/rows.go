//go:build unix

package main

import (
	"os/exec"
	"regexp"
)

// row is one thing that is measured, usually a line of the table.
type row struct {
	name    string
	measure func(b *bench) ([]line, error)
}

func matching(pattern *regexp.Regexp) []row {
	var found []row
	for _, rows := range [][]row{fetchRows(), sessionRows(), batchRows(), accountRows(), relayRows(), mockRows()} {
		for _, r := range rows {
			if pattern.MatchString(r.name) {
				found = append(found, r)
			}
		}
	}
	return found
}

// duel is smp against another program that does the same.
type duel struct {
	name         string
	rounds       int
	limit, reach float64 // of the ratio; 0 is none
	theirs, ours func(b *bench) *exec.Cmd
	before       func(b *bench) error // before each run, not measured; may be nil
}

func (d duel) row() row {
	return row{d.name, func(b *bench) ([]line, error) {
		them, us, err := b.alternate(d)
		if err != nil {
			return nil, err
		}
		return []line{compare(d.name, them, us, d.limit, d.reach)}, nil
	}}
}

// alternate runs both in every round, the other one first every other round, and
// forgets the first round.
func (b *bench) alternate(d duel) (them, us []sample, err error) {
	for round := range b.rounds(d.rounds) + 1 {
		both := []func(*bench) *exec.Cmd{d.theirs, d.ours}
		var got [2]sample
		for i := range both {
			i = (i + round) % 2
			if d.before != nil {
				if err := d.before(b); err != nil {
					return nil, nil, err
				}
			}
			if got[i], err = b.launcher.measure(both[i](b)); err != nil {
				return nil, nil, err
			}
		}
		if round > 0 {
			them, us = append(them, got[0]), append(us, got[1])
		}
	}
	return them, us, nil
}

// repeat runs one command in every round.
func (b *bench) repeat(rounds int, command func(b *bench) *exec.Cmd) ([]sample, error) {
	var all []sample
	for range b.rounds(rounds) {
		s, err := b.launcher.measure(command(b))
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}
