//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"smp/client/ledger"
)

// reserve prints the processor time of one reservation in a ledger of so many
// sessions, the ledger opened and closed for each as a fetch does.
func reserve(args []string) error {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	dir := filepath.Join(args[0], args[1])
	if err := fill(dir, n); err != nil {
		return err
	}
	const times = 2000
	before := used()
	for i := range times {
		if err := reserveOnce(dir, strconv.Itoa(i%n)); err != nil {
			return err
		}
	}
	fmt.Println((used() - before) / times)
	return nil
}

// fill makes a ledger in which every session was used, unless it is there.
func fill(dir string, n int) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	l, err := ledger.Open(dir, ledger.Options{})
	if err != nil {
		return err
	}
	defer l.Close()
	for i := range n {
		id := strconv.Itoa(i)
		if err := l.Add(ledger.Session{ID: id, IP: "192.0.2." + id}); err != nil {
			return err
		}
		if err := requestIn(l, id); err != nil {
			return err
		}
	}
	return nil
}

func reserveOnce(dir, id string) error {
	l, err := ledger.Open(dir, ledger.Options{})
	if err != nil {
		return err
	}
	if err := requestIn(l, id); err != nil {
		return err
	}
	return l.Close()
}

func requestIn(l *ledger.Ledger, id string) error {
	ticket, err := l.Reserve(id, ledger.Pace{Delay: time.Nanosecond, Patience: ledger.NoLimit})
	if err != nil {
		return err
	}
	if err := ticket.Start(context.Background(), nil); err != nil {
		return err
	}
	ticket.FirstByte()
	return ticket.Done(ledger.Feedback{IP: "192.0.2." + id, Session: id})
}

// used is the processor time of this process so far.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
