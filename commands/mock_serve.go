package commands

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"smp/commands/process"
)

// serve serves until a signal ends it, which is a success.
func (o *mockOptions) serve(ctx context.Context) (err error) {
	m, err := o.start(ctx, cmp.Or(o.listen, defaultMockListen))
	if err != nil {
		return onAnyPort(err, "smp mock")
	}
	defer func() { err = errors.Join(err, m.close()) }()
	if err := o.app.out.Text(ctx, process.Exports(m.settings.variables())); err != nil {
		return err
	}
	if o.app.out.Stream.Terminal {
		o.app.messages.Info("serving until Ctrl-C; watch it at %s/_mock/", m.server.URL())
	}
	select {
	case err := <-m.failed:
		return err
	case <-ctx.Done():
	}
	return o.reportVerdict(m)
}

// reportVerdict prints the verdict where --check asks for it.
func (o *mockOptions) reportVerdict(m *runningMock) error {
	if !o.check {
		return nil
	}
	v := m.server.Verdict()
	if o.isZyte() {
		return o.judgeIDs(v)
	}
	for i, e := range v.Violations {
		if i == maxViolationsTold {
			o.app.messages.Info("… and %d more", len(v.Violations)-i)
			break
		}
		o.app.messages.Info("too early by %s: %s %s in session %s on IP %s, from %s: %s", serviceTime(e.EarlyS), e.Method, e.Target, e.Session, e.IP, e.Conn, e.Reason)
	}
	if n := len(v.Unknowable); n > 0 {
		o.app.messages.Info("%d more came early on an IP that their sender could not know, which is no violation", n)
	}
	if n := len(v.Violations); n > 0 {
		return &exitError{code: exitVerdict, err: fmt.Errorf("verdict: %d of %d requests in sessions came too early", n, v.Requests)}
	}
	o.app.messages.Info("verdict: none of %d requests in sessions came too early", v.Requests)
	return nil
}

const maxViolationsTold = 20

// serviceTime writes seconds as a person reads them.
func serviceTime(seconds float64) time.Duration {
	return time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
}
