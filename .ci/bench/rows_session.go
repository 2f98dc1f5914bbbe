//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// many is the largest number of sessions that the service keeps.
const many = 5000

// known are the numbers of sessions between which no command's cost may grow.
var known = []int{1, 100, many}

func sessionRows() []row {
	rows := []row{
		{"session list of 5,000", listing},
		{"session delete --all of 5,000", deleting},
		{"a reservation", reservations},
	}
	for _, g := range growths() {
		rows = append(rows, row{"with 1 / 100 / 5,000 sessions: " + g.name, g.measure})
	}
	return rows
}

func listing(b *bench) ([]line, error) {
	endpoint, _, err := b.mock()
	if err != nil {
		return nil, err
	}
	if _, err := b.sessions(endpoint, many); err != nil {
		return nil, err
	}
	got, err := b.repeat(9, func(b *bench) *exec.Cmd { return b.smpAt(endpoint, "session", "list") })
	return []line{alone("session list of 5,000", got, 0.2)}, err
}

func deleting(b *bench) ([]line, error) {
	endpoint, _, err := b.mock()
	if err != nil {
		return nil, err
	}
	var got []sample
	for range b.rounds(5) {
		if _, err := b.sessions(endpoint, many); err != nil {
			return nil, err
		}
		s, err := b.launcher.measure(b.smpAt(endpoint, "session", "delete", "--all", "--yes"))
		if err != nil {
			return nil, err
		}
		got = append(got, s)
	}
	return []line{alone("session delete --all of 5,000", got, 3)}, nil
}

// reservations is the processor time that pacing adds to a fetch: all that a
// process does with the ledger for one request.
func reservations(b *bench) ([]line, error) {
	var lines []line
	for _, n := range known {
		var times []float64
		for range b.rounds(5) {
			var took time.Duration
			out, err := exec.Command(b.self, "reserve", filepath.Join(b.dir, "ledger"), fmt.Sprint(n)).Output()
			if err != nil {
				return nil, err
			}
			if took, err = time.ParseDuration(strings.TrimSpace(string(out))); err != nil {
				return nil, err
			}
			times = append(times, took.Seconds())
		}
		q1, m, q3 := quartiles(times)
		lines = append(lines, line{
			name: fmt.Sprintf("CPU of a reservation, %d sessions known", n), ours: seconds(m),
			spread: seconds(q1) + "–" + seconds(q3), budget: "0.1 ms", verdict: verdict(m, 1e-4, 0),
		})
	}
	return lines, nil
}

// growth is the cost of one command, which the number of sessions known on this
// machine should not change.
type growth struct {
	name   string
	args   func(id string) []string
	before func(id string) []string // not measured; nil is nothing
}

func growths() []growth {
	is := func(args ...string) func(string) []string { return func(string) []string { return args } }
	url := "http://" + target + "/bytes/1024"
	return []growth{
		{name: "--version", args: is("--version")},
		{name: "fetch", args: is("fetch", url)},
		{name: "fetch --session ID", args: func(id string) []string {
			return []string{"fetch", "--delay", "0.001", "--session", id, url}
		}},
		{name: "fetch --session @NAME", args: is("fetch", "--delay", "0.001", "--session", "@bench", url)},
		{name: "session create", args: is("session", "create", "--name", "one"), before: is("session", "delete", "--ignore-missing", "@one")},
		{name: "session delete ID", args: is("session", "delete", "@one"), before: is("session", "create", "--name", "one")},
		{name: "session forget ID", args: is("session", "forget", "@one"), before: is("session", "create", "--name", "one")},
		{name: "session run -- true", args: is("session", "run", "--", "true")},
		{name: "doctor", args: is("doctor", "-k")},
		{name: "session list --local ID", args: func(id string) []string { return []string{"session", "list", "--local", id} }},
		{name: "session list", args: is("session", "list")},
		{name: "batch of 10", args: func(string) []string { return []string{"batch", "-q", "--sessions", "2", "list10"} }},
	}
}

// place is a mock with so many sessions, and the machine's memory of them.
type place struct {
	endpoint, id string
}

// places starts a mock for each number of sessions, once.
func (b *bench) places() ([]place, error) {
	if b.known != nil {
		return b.known, nil
	}
	urls := strings.Repeat("http://"+target+"/bytes/10\n", 10)
	if err := os.WriteFile(filepath.Join(b.dir, "list10"), []byte(urls), 0o644); err != nil {
		return nil, err
	}
	for _, n := range known {
		endpoint, _, err := b.mock("--delay", "1ms", "--session-limit", "6000")
		if err != nil {
			return nil, err
		}
		ids, err := b.sessions(endpoint, n)
		if err != nil {
			return nil, err
		}
		b.known = append(b.known, place{endpoint, ids[0]})
	}
	return b.known, nil
}

func (g growth) measure(b *bench) ([]line, error) {
	places, err := b.places()
	if err != nil {
		return nil, err
	}
	got := make([][]sample, len(places))
	for range b.rounds(15) {
		for i, p := range places {
			if g.before != nil {
				if err := b.at(p, g.before(p.id)).Run(); err != nil {
					return nil, err
				}
			}
			s, err := b.launcher.measure(b.at(p, g.args(p.id)))
			if err != nil {
				return nil, err
			}
			got[i] = append(got[i], s)
		}
	}
	var cells []string
	for _, all := range got {
		cells = append(cells, seconds(median(all, cpu)))
	}
	first, last := got[0], got[len(got)-1]
	q1, _, q3 := quartiles(ratios(first, last, cpu))
	return []line{{
		name: "CPU with 1 / 100 / 5,000 sessions: " + g.name, ours: strings.Join(cells, " / "),
		ratio: fmt.Sprintf("%.2f", median(last, cpu)/median(first, cpu)), spread: fmt.Sprintf("%.2f–%.2f", q1, q3),
		peak: megabytes(median(last, memory)),
	}}, nil
}

func (b *bench) at(p place, args []string) *exec.Cmd {
	c := b.smpAt(p.endpoint, args...)
	c.Dir = b.dir
	return c
}
