// The limits of a container are not looked up at start. That costs a twentieth of the
// start-up time, and what smp does hardly fills two processors.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

// Command smp works with sessions of Zyte Smart Proxy Manager or Zyte API's proxy mode
// from the shell.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"smp/commands"
)

func main() {
	log.SetOutput(io.Discard) // net/http logs what a server says out of turn
	ctx, stop := context.WithCancelCause(context.Background())
	env := commands.System()
	caught := &signals{stop: stop}
	env.Begin, env.HoldSignals = caught.begin, caught.hold
	code := commands.Main(ctx, os.Args[1:], env)
	if s := signalOf(ctx, code); s != nil {
		dieOf(s)
	}
	os.Exit(code)
}

// signals lets the first signal end a context, so that commands clean up, and the
// second end the process at once, unless signals are held.
type signals struct {
	stop context.CancelCauseFunc
	held atomic.Bool
}

// begin catches signals; they are caught when ready returns. Before, they end the
// process, which has nothing to clean up. Catching takes as long as all else before a
// request, so it is done beside that. SIGPIPE is caught, too: a write to a closed pipe
// is then an error, after which commands clean up.
func (s *signals) begin() (ready func()) {
	begun := make(chan struct{})
	go func() {
		signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
		caught := make(chan os.Signal, 2)
		signal.Notify(caught, os.Interrupt, syscall.SIGTERM)
		if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
			signal.Notify(caught, syscall.SIGHUP)
		}
		close(begun)
		s.stop(&commands.SignalError{Signal: <-caught})
		for again := range caught {
			if !s.held.Load() {
				dieOf(again)
			}
		}
	}()
	return func() { <-begun }
}

func (s *signals) hold() (release func()) {
	s.held.Store(true)
	return func() { s.held.Store(false) }
}

// signalOf gives the signal that an exit code stands for, nil where it is a plain
// code. 130 may also be what a COMMAND chose to exit with, so ctx is asked.
func signalOf(ctx context.Context, code int) os.Signal {
	if code == 128+int(syscall.SIGPIPE) {
		return syscall.SIGPIPE
	}
	var received *commands.SignalError
	if errors.As(context.Cause(ctx), &received) && received.Signal == syscall.Signal(code-128) {
		return received.Signal
	}
	return nil
}

// dieOf ends the process by a signal, so that a shell sees a program that was
// interrupted and stops its loop. Where no process dies of signals it exits.
func dieOf(s os.Signal) {
	signal.Reset(s)
	if self, err := os.FindProcess(os.Getpid()); err == nil && self.Signal(s) == nil {
		time.Sleep(time.Second) // the signal is on its way
	}
	code := 1
	if number, ok := s.(syscall.Signal); ok {
		code = 128 + int(number)
	}
	os.Exit(code)
}
