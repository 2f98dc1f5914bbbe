package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"smp/client/durable"
	"smp/client/mock"
)

// serve serves until a signal ends it, which is a success.
func (o *mockOptions) serve(ctx context.Context) (err error) {
	listen := o.listen
	if listen == "" {
		listen = defaultMockListen
	}
	if o.readyFile != "" {
		if err := durable.Check(o.readyFile); err != nil {
			return usagef("--ready-file: %v", err)
		}
	}
	m, err := o.start(listen)
	if taken := new(listenError); errors.As(err, &taken) {
		return &exitError{code: exitUnforeseen, err: err, hints: []string{"smp mock --listen 127.0.0.1:0"}}
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	if !isLoopback(listen) {
		o.talk.notice("listening on %s: who can reach this machine can use the mock", listen)
	}
	withdraw, err := o.announce(m)
	if err != nil {
		return err
	}
	defer withdraw()
	select {
	case err := <-m.failed:
		return err
	case <-ctx.Done():
	}
	return o.judge(m)
}

// announce says that m is ready, on stdout and in the ready-file. The returned
// function takes the file away again: it would tell of a mock that is not there.
func (o *mockOptions) announce(m *runningMock) (withdraw func(), err error) {
	lines := exports(m.settings.variables())
	withdraw = func() {}
	if o.readyFile != "" {
		if err := writeWhole(o.readyFile, lines); err != nil {
			return nil, err
		}
		if info, err := os.Stat(o.readyFile); err == nil && info.Mode().IsRegular() {
			withdraw = func() { _ = os.Remove(o.readyFile) }
		}
	}
	if _, err := io.WriteString(o.out, lines); err != nil {
		withdraw()
		return nil, err
	}
	return withdraw, nil
}

func writeWhole(path, content string) error {
	f, err := durable.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.WriteString(f, content); err != nil {
		return err
	}
	return f.Commit()
}

// realDelay is the delay as a client's clock measures it.
func realDelay(c mock.Config) time.Duration {
	return time.Duration(float64(max(c.Delay, 0)) / c.TimeScale)
}

// judge tells the verdict where --check asks for it.
func (o *mockOptions) judge(m *runningMock) error {
	if !o.check {
		return nil
	}
	v := m.server.Verdict()
	for i, e := range v.Violations {
		if i == maxViolationsTold {
			o.talk.notice("… and %d more", len(v.Violations)-i)
			break
		}
		o.talk.notice("too early by %s: %s %s in session %s on IP %s, from %s", serviceTime(e.EarlyS), e.Method, e.Target, e.Session, e.IP, e.Conn)
	}
	if n := len(v.Unknowable); n > 0 {
		o.talk.notice("%d more came early on an IP that their sender could not know, which is no violation", n)
	}
	if n := len(v.Violations); n > 0 {
		return &exitError{code: exitVerdict, err: fmt.Errorf("verdict: %d of %d requests in sessions came too early", n, v.Requests)}
	}
	o.talk.notice("verdict: none of %d requests in sessions came too early", v.Requests)
	return nil
}

const (
	exitVerdict       = 9 // requests came before their slot
	maxViolationsTold = 20
)

// serviceTime writes seconds as a person reads them.
func serviceTime(seconds float64) time.Duration {
	return time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
}
