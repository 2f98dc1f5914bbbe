//go:build unix

// Command bench measures smp, built as it is released, beside curl, and prints
// one table. Nothing leaves the machine: it starts a bare proxy and mocks on
// loopback. Contestants take turns in every round, so that what else the machine
// does falls on all of them alike; ratios are those of medians.
//
//	go run ./.ci/bench                 everything, some four minutes
//	go run ./.ci/bench -quick          a third of the rounds, smaller batches
//	go run ./.ci/bench -run 'https'    only the rows whose name matches
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
)

func main() {
	name, job := "bench", run
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		name += " " + os.Args[1]
		job = func() error { return roles[os.Args[1]](os.Args[2:]) }
	}
	if err := job(); err != nil {
		fmt.Fprintln(os.Stderr, name+":", err)
		os.Exit(1)
	}
}

// roles are what this program also is, in processes of their own: their time and
// memory are not to be those of the process that measures.
var roles = map[string]func(args []string) error{
	"launch":  launch,
	"proxy":   serveProxy,
	"load":    load,
	"hold":    hold,
	"splice":  spliced,
	"reserve": reserve,
}

func run() error {
	quick := flag.Bool("quick", false, "fewer rounds and smaller batches")
	only := flag.String("run", "", "measure only rows whose name matches this `regexp`")
	binary := flag.String("smp", "", "measure this `file` instead of building one")
	list := flag.Bool("list", false, "name the rows and measure nothing")
	flag.Parse()
	pattern, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	rows := matching(pattern)
	if *list {
		for _, r := range rows {
			fmt.Println(r.name)
		}
		return nil
	}
	b, err := newBench(*binary, *quick)
	if err != nil {
		return err
	}
	defer b.close()
	return b.table(rows)
}

// table prints each row as soon as it is known. A row that fails is told, and
// the others go on.
func (b *bench) table(rows []row) error {
	printShape(b)
	printHead()
	failed := 0
	for _, r := range rows {
		lines, err := r.measure(b)
		if err != nil {
			failed++
			fmt.Printf("| %s | failed: %v |\n", r.name, err)
			continue
		}
		for _, l := range lines {
			l.print()
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d rows failed", failed)
	}
	return nil
}
