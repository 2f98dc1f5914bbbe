package commands

import (
	"fmt"
	"time"

	"smp/client/mock"
)

const mockZyteGroup = "Zyte API"

// zyteFlags choose the service that the mock is, and set what only Zyte API has.
func (o *mockOptions) zyteFlags() []flag {
	c := &o.config
	return append(grouped(mockZyteGroup, []flag{
		{
			name: "service", value: "NAME", def: mock.ServiceSPM, usage: "be Smart Proxy Manager or Zyte API's proxy mode: spm or zyte-api",
			set: oneOf(&c.Service, mock.ServiceSPM, mock.ServiceZyteAPI),
		},
		{
			name: "translated", usage: "be a host of Smart Proxy Manager's after its move to Zyte API",
			set: func(string) error { c.Service = mock.ServiceTranslated; return nil },
		},
		{name: "session-max-age", value: "D", def: "15m", usage: "life of a session after its first request", set: noneOrDuration(&c.SessionMaxAge)},
		{name: "tombstone", value: "D", def: "10m", usage: "how long the ID of an ended session is refused", set: noneOrDuration(&c.Tombstone)},
		{name: "rpm", value: "N", def: "3000", usage: "requests of the key in a minute; 0 for no limit", set: noneOrWhole(&c.RPM)},
		{name: "domain-rpm", value: "N", def: "0, off", usage: "requests to one host in a minute", set: whole(&c.DomainRPM, 0)},
	}), grouped(mockVariantGroup, []flag{
		{name: "error-body", value: "FORM", def: "text", usage: "body of Zyte API's errors: text or json", set: oneOf(&c.ErrorBody, "text", "json")},
		{name: "idle-from-answer", usage: "count a Zyte API session's idle time from its last answer", set: on(&c.IdleFromAnswer)},
		{
			name: "sessions-api", value: "on|off", def: "off", usage: "whether a host that was moved to Zyte API still has /sessions",
			set: func(s string) error {
				var is string
				err := oneOf(&is, "on", "off")(s)
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
		err := whole(p, 0)(s)
		if err == nil && *p == 0 {
			*p = -1
		}
		return err
	}
}
