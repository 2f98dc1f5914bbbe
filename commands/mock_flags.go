package commands

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"smp/client/mock"
)

const (
	mockServiceGroup = "Service"
	mockFaultGroup   = "Faults and verdict"
	mockVariantGroup = "Where the service's behaviour is not known"

	originHTTPBin     = "httpbin"
	originPassthrough = "passthrough"
)

func (o *mockOptions) flags() []flag {
	flags := []flag{
		{
			name: "listen", value: "HOST:PORT", def: defaultMockListen + "; a free port with COMMAND",
			usage: "where to listen; port 0 is a free one", set: listenAddress(&o.listen),
		},
		{name: "background", usage: "start in the background, print the variables and return", set: on(&o.background)},
		{name: "ready-file", value: "FILE", usage: "write the variables to FILE when ready; removed at the end", set: nonEmpty(&o.readyFile)},
		{name: "facts", usage: "start nothing; print what the mock does and how well each of it is known", set: on(&o.facts)},
		{name: "api-key", value: "KEY", def: "test", usage: "the key to accept", set: keyText(&o.config.Key)},
		{
			name: "origin", value: "WHAT|DIR", def: originHTTPBin, offer: []string{originHTTPBin, originPassthrough},
			usage: "targets: httpbin, a directory with a folder a host, or passthrough (from and to loopback only)", set: nonEmpty(&o.origin),
		},
	}
	flags = append(flags, o.serviceFlags()...)
	flags = append(flags, o.zyteFlags()...)
	flags = append(flags, o.faultFlags()...)
	return append(flags, o.variantFlags()...)
}

func (o *mockOptions) serviceFlags() []flag {
	c := &o.config
	flags := []flag{
		{name: "time-scale", value: "N", def: "1", usage: "run N times faster than real time", set: number(&c.TimeScale)},
		{name: "delay", value: "D", def: "12s; Zyte API has none", usage: "minimum between two requests of an IP", set: noneOrDuration(&c.Delay)},
		{name: "session-ttl", value: "D", def: "30m; 2m of Zyte API", usage: "life of a session after its last request", set: noneOrDuration(&c.SessionTTL)},
		{name: "session-limit", value: "N", def: "5000", usage: "sessions at once", set: whole(&c.SessionLimit, 1)},
		{name: "soft-limit", value: "D", def: "120s", usage: "delay from which answers say when to come again", set: noneOrDuration(&c.SoftLimit)},
		{name: "max-delay", value: "D", def: "15m", usage: "longest that a request is held", set: noneOrDuration(&c.MaxDelay)},
		{name: "hard-limit", value: "D", def: "0, off", usage: "wait from which a request is refused, as in older versions", set: noneOrDuration(&c.HardLimit)},
		{name: "concurrency-limit", value: "N", def: "0, off", usage: "requests at once", set: whole(&c.ConcurrencyLimit, 0)},
		{name: "plan", value: "NAME", def: "enterprise", usage: "enterprise, advanced or basic", set: oneOf(&c.Plan, "enterprise", "advanced", "basic")},
		{name: "ips", value: "N", def: "5000", usage: "outgoing IPs, which sessions share in turn", set: whole(&c.IPs, 1)},
		{name: "seed", value: "N", def: "0", usage: "start of what is random: ids, IPs, faults", set: anyWhole(&c.Seed)},
		{name: "response-limit", value: "BYTES", def: "500000000", usage: "largest body of an answer", set: size(&c.ResponseLimit)},
		{name: "allow-host", value: "NAME", usage: "also serve /_mock/ under this host name, and to other machines", set: list(&c.AllowHosts)},
	}
	return grouped(mockServiceGroup, flags)
}

func (o *mockOptions) faultFlags() []flag {
	return grouped(mockFaultGroup, []flag{
		{
			name: "fault", value: "NAME[:COUNT][@RATE][:before|after]",
			usage: "an error code or type of the service, or reset, stall, truncate, slow, garbage", offer: mock.FaultNames(), set: o.addFault,
		},
		{name: "journal", value: "FILE", usage: "append every request to FILE, as a JSON line", set: nonEmpty(&o.journal)},
		{name: "check", usage: "at the end say which requests came too early, or named a session that had ended; exit code 9 if any did", set: on(&o.check)},
		{
			name: "tolerance", value: "D", def: "2ms of real time",
			usage: "how early is still in time", set: noneOrDuration(&o.config.Tolerance),
		},
	})
}

// variantFlags change what the mock does where nobody outside the service knows,
// or where sources disagree.
func (o *mockOptions) variantFlags() []flag {
	c := &o.config
	return grouped(mockVariantGroup, []flag{
		{name: "growth", value: "D", def: "1s", usage: "what an early request adds to the delay of its IP", set: noneOrDuration(&c.Growth)},
		{name: "close-on-407", usage: "close the connection after a 407", set: on(&c.CloseOn407)},
		{name: "empty-407", usage: "send 407 without a text", set: on(&c.EmptyBody407)},
		{name: "sessions-auth-status", value: "N", def: "401", usage: "status of /sessions for a bad key", set: status(&c.SessionsAuthStatus)},
		{name: "delete-status", value: "N", def: "400", usage: "status of deleting an unknown session", set: status(&c.DeleteStatus)},
		{name: "list-ports", usage: "list sessions with IP:PORT instead of the IP", set: on(&c.ListPorts)},
		{name: "header-auth-code", value: "CODE", def: "headers_auth", usage: "code of a header that the plan lacks", set: nonEmpty(&c.HeaderAuthCode)},
		{name: "error-newline", usage: "end error texts with a newline", set: on(&c.ErrorNewline)},
		{name: "attempts", value: "N", def: "3", usage: "tries of a request outside sessions", set: whole(&c.Attempts, 1)},
		{name: "no-session-retries", usage: "ignore X-Crawlera-Max-Retries in sessions", set: on(&c.NoSessionRetries)},
	})
}

func (o *mockOptions) addFault(s string) error {
	fault, err := mock.ParseFault(s)
	if err == nil {
		o.config.Faults = append(o.config.Faults, fault)
	}
	return err
}

// mockOrigin finds what answers for the targets.
func mockOrigin(name string) (http.Handler, error) {
	switch name {
	case originHTTPBin:
		return mock.HTTPBin(), nil
	case originPassthrough:
		return mock.Passthrough(), nil
	}
	return mock.Files(name)
}

// keyText takes a key that clients can send.
func keyText(p *string) func(string) error {
	return func(s string) error {
		if err := checkKey(s); err != nil {
			return err
		}
		return nonEmpty(p)(s)
	}
}

// noneOrDuration takes a duration whose zero means none. The mock's own zero is
// the default.
func noneOrDuration(p *time.Duration) func(string) error {
	return func(s string) error {
		d, err := parseDuration(s)
		if d == 0 {
			d = -1
		}
		*p = d
		return err
	}
}

func anyWhole(p *int64) func(string) error {
	return func(s string) (err error) {
		*p, err = strconv.ParseInt(s, 10, 64)
		return err
	}
}

// size takes a number of bytes, at least one.
func size(p *int64) func(string) error {
	return func(s string) error {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 1 {
			return fmt.Errorf("%q is no number of bytes above zero", s)
		}
		*p = n
		return nil
	}
}

// status takes the status of an error.
func status(p *int) func(string) error {
	return func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < 400 || n > 599 {
			return fmt.Errorf("%q is no status from 400 to 599", s)
		}
		*p = n
		return nil
	}
}
