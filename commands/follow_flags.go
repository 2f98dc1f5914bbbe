package commands

import (
	"time"

	"smp/client/paced"
	"smp/commands/cli"
)

// ruleFlags say which requests may follow the first: redirects and retries.
type ruleFlags struct {
	rules        paced.Rules
	maxRedirects int
	retry        bool // --retry was given
	retryFor     bool // --retry-max-time was given
	retryDelay   bool // --retry-delay was given
}

// curl's limit of redirects.
const defaultMaxRedirects = 50

func (o *ruleFlags) flags() []cli.Flag {
	onDead := func(s string) error {
		words := map[string]paced.OnDead{"fail": paced.OnDeadFail, "replace": paced.OnDeadReplace}
		if _, ok := words[s]; !ok {
			return cli.NotAmong(s, "fail", "replace")
		}
		o.rules.OnDead = words[s]
		return nil
	}
	retry := func(s string) error {
		o.retry = true
		return cli.Whole(&o.rules.Retry, 0)(s)
	}
	return grouped(followUpGroup, []cli.Flag{
		{Name: "location", Short: "L", Usage: "follow redirects, each at a slot of its own", Set: cli.Switch(&o.rules.Follow)},
		{Name: "max-redirs", Value: "N", Def: "50", Usage: "how many; -1 for no limit", Set: cli.Whole(&o.maxRedirects, -1)},
		{Name: "retry", Value: "N", Usage: "repeat what another try may better, up to N times", Set: retry},
		{Name: "retry-all-methods", Usage: "repeat POST and PATCH too", Set: cli.Switch(&o.rules.RetryAllMethods)},
		{Name: "retry-auth", Usage: "repeat a 407 too: the service answers it when it restarts", Set: cli.Switch(&o.rules.RetryAuth)},
		{Name: "retry-delay", Value: "D", Usage: "wait D before each, if the service does not say how long", Set: duration(&o.rules.RetryDelay, &o.retryDelay)},
		{Name: "retry-max-time", Value: "D", Usage: "repeat nothing later than D after the beginning", Set: duration(&o.rules.RetryFor, &o.retryFor)},
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

// check refuses flags that need --retry, without it.
func (o *ruleFlags) check() error {
	for _, f := range []struct {
		flag  string
		given bool
	}{{"--retry-auth", o.rules.RetryAuth}, {"--retry-all-methods", o.rules.RetryAllMethods}, {"--retry-delay", o.retryDelay}, {"--retry-max-time", o.retryFor}} {
		if f.given && !o.retry {
			return cli.Usagef("%s needs --retry, which says how often", f.flag).Hint("add --retry 5")
		}
	}
	return nil
}
