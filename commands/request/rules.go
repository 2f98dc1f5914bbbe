package request

import (
	"math"
	"strconv"
	"time"

	"smp/client/paced"
	"smp/commands/cli"
	"smp/commands/curl"
)

// RuleFlags say which requests may follow the first: redirects and retries.
type RuleFlags struct {
	Rules        paced.Rules
	MaxRedirects int

	retry      bool // --retry was given
	retryFor   bool // --retry-max-time was given
	retryDelay bool // --retry-delay was given
}

// DefaultMaxRedirects is curl's limit of redirects.
const DefaultMaxRedirects = 50

// Declare declares the flags.
func (o *RuleFlags) Declare() []cli.Flag {
	onDead := func(s string) error {
		words := map[string]paced.OnDead{"fail": paced.OnDeadFail, "replace": paced.OnDeadReplace}
		if _, ok := words[s]; !ok {
			return cli.NotAmong(s, "fail", "replace")
		}
		o.Rules.OnDead = words[s]
		return nil
	}
	retry := func(s string) error {
		o.retry = true
		return cli.Whole(&o.Rules.Retry, 0)(s)
	}
	return cli.Grouped(followUpGroup, []cli.Flag{
		{Name: "location", Short: "L", Usage: "follow redirects, each at a slot of its own", Set: cli.Switch(&o.Rules.Follow)},
		{Name: "max-redirs", Value: "N", Def: "50", Usage: "how many; -1 for no limit", Set: cli.Whole(&o.MaxRedirects, -1)},
		{Name: "retry", Value: "N", Usage: "repeat what another try may better, up to N times", Set: retry},
		{Name: "retry-all-methods", Usage: "repeat POST and PATCH too", Set: cli.Switch(&o.Rules.RetryAllMethods)},
		{Name: "retry-auth", Usage: "repeat a 407 too: the service answers it when it restarts", Set: cli.Switch(&o.Rules.RetryAuth)},
		{Name: "retry-delay", Value: "D", Usage: "wait D before each, if the service does not say how long", Set: duration(&o.Rules.RetryDelay, &o.retryDelay)},
		{Name: "retry-max-time", Value: "D", Usage: "repeat nothing later than D after the beginning", Set: duration(&o.Rules.RetryFor, &o.retryFor)},
		{Name: "on-dead", Value: "WHAT", Usage: "a dead session: fail, or replace (else only a name's is)", Set: onDead},
	})
}

// duration takes a duration and notes that there was one.
func duration(p *time.Duration, given *bool) func(string) error {
	return func(s string) (err error) {
		*given = true
		*p, err = cli.ParseDuration(s)
		return err
	}
}

// Check refuses flags that need --retry, without it.
func (o *RuleFlags) Check() error {
	for _, f := range []struct {
		flag  string
		given bool
	}{{"--retry-auth", o.Rules.RetryAuth}, {"--retry-all-methods", o.Rules.RetryAllMethods}, {"--retry-delay", o.retryDelay}, {"--retry-max-time", o.retryFor}} {
		if f.given && !o.retry {
			return cli.Usagef("%s needs --retry, which says how often", f.flag).Hint("add --retry 5")
		}
	}
	return nil
}

// Curl adds what curl is told for the same.
func (o *RuleFlags) Curl(line *curl.CommandLine) {
	line.AddIf(o.Rules.Follow, "-L")
	if o.Rules.Follow && o.MaxRedirects != DefaultMaxRedirects {
		line.Add("--max-redirs", strconv.Itoa(o.MaxRedirects))
	}
	if o.Rules.Retry > 0 {
		line.Add("--retry", strconv.Itoa(o.Rules.Retry))
	}
	if o.retryDelay {
		line.Add("--retry-delay", wholeSeconds(o.Rules.RetryDelay))
	}
	if o.retryFor {
		line.Add("--retry-max-time", wholeSeconds(o.Rules.RetryFor))
	}
	line.LoseIf(o.Rules.RetryAllMethods, "--retry-all-methods")
	line.LoseIf(o.Rules.RetryAuth, "--retry-auth")
	line.LoseIf(o.Rules.OnDead != 0, "--on-dead")
}

func wholeSeconds(d time.Duration) string {
	return strconv.Itoa(int(math.Ceil(d.Seconds())))
}
