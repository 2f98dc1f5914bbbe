package commands

import (
	"fmt"
	"time"

	"smp/client/mock"
	"smp/commands/cli"
)

const mockZyteGroup = "Zyte API"

// zyteFlags choose the service that the mock is, and set what only Zyte API has.
func (o *mockOptions) zyteFlags() []cli.Flag {
	c := &o.config
	return append(cli.Grouped(mockZyteGroup, []cli.Flag{
		{
			Name: "service", Value: "NAME", Def: mock.ServiceSPM, Usage: "be Smart Proxy Manager or Zyte API's proxy mode: spm or zyte-api",
			Set: cli.OneOf(&c.Service, mock.ServiceSPM, mock.ServiceZyteAPI),
		},
		{
			Name: "translated", Usage: "be a host of Smart Proxy Manager's after its move to Zyte API",
			Set: func(s string) error {
				yes, err := cli.ParseSwitch(s)
				if yes {
					c.Service = mock.ServiceTranslated
				}
				return err
			},
		},
		{Name: "session-max-age", Value: "D", Def: "15m", Usage: "life of a session after its first request", Set: noneOrDuration(&c.SessionMaxAge)},
		{Name: "tombstone", Value: "D", Def: "10m", Usage: "how long the ID of an ended session is refused", Set: noneOrDuration(&c.Tombstone)},
		{Name: "rpm", Value: "N", Def: "3000", Usage: "requests of the key in a minute; 0 for no limit", Set: noneOrWhole(&c.RPM)},
		{Name: "domain-rpm", Value: "N", Def: "0, off", Usage: "requests to one host in a minute", Set: cli.Whole(&c.DomainRPM, 0)},
	}), cli.Grouped(mockVariantGroup, []cli.Flag{
		{Name: "error-body", Value: "FORM", Def: "text", Usage: "body of Zyte API's errors: text or json", Set: cli.OneOf(&c.ErrorBody, "text", "json")},
		{Name: "idle-from-answer", Usage: "count a Zyte API session's idle time from its last answer", Set: cli.Switch(&c.IdleFromAnswer)},
		{
			Name: "sessions-api", Value: "on|off", Def: "off", Usage: "whether a host that was moved to Zyte API still has /sessions",
			Set: func(s string) error {
				var is string
				err := cli.OneOf(&is, "on", "off")(s)
				c.SessionsAPI = is == "on"
				return err
			},
		},
	})...)
}

// defaultDelay is the service's: Zyte API keeps none.
func (o *mockOptions) defaultDelay() time.Duration {
	if o.isZyte() {
		return 0
	}
	return 12 * time.Second
}

func (o *mockOptions) isZyte() bool {
	return o.config.Service == mock.ServiceZyteAPI || o.config.Service == mock.ServiceTranslated
}

// judgeIDs tells which requests named a session of Zyte API's that had ended.
func (o *mockOptions) judgeIDs(v mock.Verdict) error {
	for i, d := range v.Dead {
		if i == maxViolationsTold {
			o.app.messages.Info("… and %d more", len(v.Dead)-i)
			break
		}
		what := "it was refused"
		if d.Reused {
			what = "it began another session, on another IP"
		}
		ago := serviceTime(d.Time.Sub(d.Ended).Seconds())
		o.app.messages.Info("session %s had ended %s before: %s %s, from %s: %s", d.Session, ago, d.Method, d.Target, d.Conn, what)
	}
	all := v.Requests
	for _, d := range v.Dead {
		if !d.Reused {
			all++ // it was refused, and so not judged before
		}
	}
	if n := len(v.Dead); n > 0 {
		return &exitError{code: exitVerdict, err: fmt.Errorf("verdict: %d of %d requests in sessions named one that had ended", n, all)}
	}
	o.app.messages.Info("verdict: none of %d requests in sessions named one that had ended", all)
	return nil
}

// noneOrWhole takes a number whose zero means none. The mock's own zero is the default.
func noneOrWhole(p *int) func(string) error {
	return func(s string) error {
		err := cli.Whole(p, 0)(s)
		if err == nil && *p == 0 {
			*p = -1
		}
		return err
	}
}
