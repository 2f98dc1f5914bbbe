package commands

import "smp/client/paced"

// ruleFlags say what may follow a request without asking.
type ruleFlags struct {
	rules        paced.Rules
	maxRedirects int
	retry        bool // --retry was given
}

// curl's limit of redirects.
const defaultMaxRedirects = 50

func (o *ruleFlags) flags() []flag {
	onDead := func(s string) error {
		words := map[string]paced.OnDead{"fail": paced.OnDeadFail, "replace": paced.OnDeadReplace}
		if _, ok := words[s]; !ok {
			return &notAmongError{s, []string{"fail", "replace"}}
		}
		o.rules.OnDead = words[s]
		return nil
	}
	retry := func(s string) error {
		o.retry = true
		return whole(&o.rules.Retry, 0)(s)
	}
	return grouped(followUpGroup, []flag{
		{name: "location", short: "L", usage: "follow redirects, each at a slot of its own", set: on(&o.rules.Follow)},
		{name: "max-redirs", value: "N", def: "50", usage: "how many; -1 for no limit", set: whole(&o.maxRedirects, -1)},
		{name: "retry", value: "N", usage: "repeat what another try may better, up to N times", set: retry},
		{name: "retry-all-methods", usage: "repeat POST and PATCH too", set: on(&o.rules.RetryAllMethods)},
		{name: "retry-auth", usage: "repeat a 407 too: the service answers it when it restarts", set: on(&o.rules.RetryAuth)},
		{name: "on-dead", value: "WHAT", usage: "a dead session: fail, or replace (else only a name's is)", set: onDead},
	})
}

// check refuses what says how to repeat a request where nothing says how often.
func (o *ruleFlags) check() error {
	for _, f := range []struct {
		flag  string
		given bool
	}{{"--retry-auth", o.rules.RetryAuth}, {"--retry-all-methods", o.rules.RetryAllMethods}} {
		if f.given && !o.retry {
			return usagef("%s needs --retry, which says how often", f.flag).hint("--retry 5 %s", f.flag)
		}
	}
	return nil
}
