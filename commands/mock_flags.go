package commands

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"smp/client/mock"
	"smp/commands/cli"
	"smp/commands/config"
)

const (
	mockServiceGroup = "Service"
	mockFaultGroup   = "Faults and verdict"
	mockVariantGroup = "Where the service's behaviour is not known"

	originHTTPBin     = "httpbin"
	originPassthrough = "passthrough"
)

func (o *mockOptions) flags() []cli.Flag {
	flags := []cli.Flag{
		{
			Name: "listen", Value: "HOST:PORT", Def: defaultMockListen + "; a free port with COMMAND",
			Usage: "where to listen; port 0 is a free one", Set: listenAddress(&o.listen),
		},
		{Name: "background", Usage: "start in the background, print the variables and return", Set: cli.Switch(&o.background)},
		{Name: "stop", Usage: "stop the one in the background that SMP_MOCK_PID names, and print what unsets its variables", Set: cli.Switch(&o.stop)},
		{Name: "ready-file", Value: "FILE", Usage: "write the variables to FILE when ready; removed at the end", Set: cli.NonEmpty(&o.readyFile)},
		{Name: "facts", Usage: "start nothing; print what the mock does and how well each of it is known", Set: cli.Switch(&o.facts)},
		{Name: "api-key", Value: "KEY", Def: "test", Usage: "the key to accept", Set: keyText(&o.config.Key)},
		{
			Name: "origin", Value: "WHAT|DIR", Def: originHTTPBin, Offer: []string{originHTTPBin, originPassthrough},
			Usage: "targets: httpbin, a directory with a folder a host, or passthrough (from and to loopback only)", Set: cli.NonEmpty(&o.origin),
		},
	}
	flags = append(flags, o.serviceFlags()...)
	flags = append(flags, o.zyteFlags()...)
	flags = append(flags, o.faultFlags()...)
	return append(flags, o.variantFlags()...)
}

func (o *mockOptions) serviceFlags() []cli.Flag {
	c := &o.config
	flags := []cli.Flag{
		{Name: "time-scale", Value: "N", Def: "1", Usage: "run N times faster than real time", Set: cli.Number(&c.TimeScale)},
		{Name: "delay", Value: "D", Def: "12s; Zyte API has none", Usage: "minimum between two requests of an IP", Set: noneOrDuration(&c.Delay)},
		{Name: "session-ttl", Value: "D", Def: "30m; 2m of Zyte API", Usage: "life of a session after its last request", Set: noneOrDuration(&c.SessionTTL)},
		{Name: "session-limit", Value: "N", Def: "5000", Usage: "sessions at once", Set: cli.Whole(&c.SessionLimit, 1)},
		{Name: "soft-limit", Value: "D", Def: "120s", Usage: "delay from which answers say when to come again", Set: noneOrDuration(&c.SoftLimit)},
		{Name: "max-delay", Value: "D", Def: "15m", Usage: "longest that a request is held", Set: noneOrDuration(&c.MaxDelay)},
		{Name: "hard-limit", Value: "D", Def: "0, off", Usage: "wait from which a request is refused, as in older versions", Set: noneOrDuration(&c.HardLimit)},
		{Name: "concurrency-limit", Value: "N", Def: "0, off", Usage: "requests at once", Set: cli.Whole(&c.ConcurrencyLimit, 0)},
		{Name: "plan", Value: "NAME", Def: "enterprise", Usage: "enterprise, advanced or basic", Set: cli.OneOf(&c.Plan, "enterprise", "advanced", "basic")},
		{Name: "ips", Value: "N", Def: "5000", Usage: "outgoing IPs, which sessions share in turn", Set: cli.Whole(&c.IPs, 1)},
		{Name: "seed", Value: "N", Def: "0", Usage: "start of what is random: ids, IPs, faults", Set: anyWhole(&c.Seed)},
		{Name: "response-limit", Value: "BYTES", Def: "500000000", Usage: "largest body of an answer", Set: size(&c.ResponseLimit)},
		{Name: "allow-host", Value: "NAME", Usage: "also serve /_mock/ under this host name, and to other machines", Set: cli.Texts(&c.AllowHosts)},
	}
	return cli.Grouped(mockServiceGroup, flags)
}

func (o *mockOptions) faultFlags() []cli.Flag {
	return cli.Grouped(mockFaultGroup, []cli.Flag{
		{
			Name: "fault", Value: "NAME[:COUNT][@RATE][:before|after]",
			Usage: "an error code or type of the service, or reset, stall, truncate, slow, garbage", Offer: mock.FaultNames(), Set: o.addFault,
		},
		{Name: "journal", Value: "FILE", Usage: "append every request to FILE, as a JSON line", Set: cli.NonEmpty(&o.journal)},
		{Name: "check", Usage: "at the end say which requests came too early, or named a session that had ended; exit code 9 if any did", Set: cli.Switch(&o.check)},
		{
			Name: "tolerance", Value: "D", Def: "2 % of the delay, at least 2ms, in real time",
			Usage: "how early is still in time", Set: noneOrDuration(&o.config.Tolerance),
		},
	})
}

// variantFlags change the mock's behaviour where the service's is not known, or where
// sources disagree.
func (o *mockOptions) variantFlags() []cli.Flag {
	c := &o.config
	return cli.Grouped(mockVariantGroup, []cli.Flag{
		{Name: "growth", Value: "D", Def: "1s", Usage: "what an early request adds to the delay of its IP", Set: noneOrDuration(&c.Growth)},
		{Name: "close-on-407", Usage: "close the connection after a 407", Set: cli.Switch(&c.CloseOn407)},
		{Name: "empty-407", Usage: "send 407 without a text", Set: cli.Switch(&c.EmptyBody407)},
		{Name: "sessions-auth-status", Value: "N", Def: "401", Usage: "status of /sessions for a bad key", Set: status(&c.SessionsAuthStatus)},
		{Name: "delete-status", Value: "N", Def: "400", Usage: "status of deleting an unknown session", Set: status(&c.DeleteStatus)},
		{Name: "list-ports", Usage: "list sessions with IP:PORT instead of the IP", Set: cli.Switch(&c.ListPorts)},
		{Name: "header-auth-code", Value: "CODE", Def: "headers_auth", Usage: "code of a header that the plan lacks", Set: cli.NonEmpty(&c.HeaderAuthCode)},
		{Name: "error-newline", Usage: "end error texts with a newline", Set: cli.Switch(&c.ErrorNewline)},
		{Name: "attempts", Value: "N", Def: "3", Usage: "tries of a request outside sessions", Set: cli.Whole(&c.Attempts, 1)},
		{Name: "no-session-retries", Usage: "ignore X-Crawlera-Max-Retries in sessions", Set: cli.Switch(&c.NoSessionRetries)},
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
		if err := config.CheckKey(s); err != nil {
			return err
		}
		return cli.NonEmpty(p)(s)
	}
}

// noneOrDuration takes a duration whose zero means none. The mock's own zero is
// the default.
func noneOrDuration(p *time.Duration) func(string) error {
	return func(s string) error {
		d, err := cli.ParseDuration(s)
		if d == 0 {
			d = -1
		}
		*p = d
		return err
	}
}

func anyWhole(p *int64) func(string) error {
	return func(s string) (err error) {
		if *p, err = strconv.ParseInt(s, 10, 64); err != nil {
			return fmt.Errorf("%q is not a whole number", s)
		}
		return nil
	}
}

// size takes a number of bytes, at least one.
func size(p *int64) func(string) error {
	return func(s string) error {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 1 {
			return fmt.Errorf("%q is not a number of bytes above zero", s)
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
			return fmt.Errorf("%q is not a status from 400 to 599", s)
		}
		*p = n
		return nil
	}
}
