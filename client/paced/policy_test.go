package paced

import (
	"testing"

	"smp/client"
)

func TestRulesNext(t *testing.T) {
	var (
		deadID     = &client.Error{Class: client.SessionDead, Code: "bad_session_id", Status: 400}
		banned     = &client.Error{Class: client.Upstream, Code: "banned", Status: 503}
		reset      = &client.Error{Class: client.Network}
		busy       = &client.Error{Class: client.Later, Code: "serverbusy", Status: 503}
		wrongKey   = &client.Error{Class: client.Credentials, Code: "bad_proxy_auth", Status: 407}
		wrongPlan  = &client.Error{Class: client.Credentials, Code: "header_auth", Status: 470}
		badHeader  = &client.Error{Class: client.Hopeless, Code: "bad_header", Status: 540}
		unforeseen = &client.Error{Class: client.Unforeseen, Status: 418}
	)
	in := func(o outcome) outcome { o.InSession = true; return o }
	named := func(o outcome) outcome { o.InSession, o.Named = true, true; return o }

	for _, c := range []struct {
		name    string
		rules   Rules
		outcome outcome
		want    Action
	}{
		{"an answer is an answer", Rules{Retry: 3, Follow: true}, outcome{Status: 200}, Return},
		{"a 404 is data", Rules{Retry: 3}, outcome{Status: 404}, Return},
		{"a redirect is data unless asked for", Rules{}, outcome{Status: 302, Location: true}, Return},
		{"a redirect is followed", Rules{Follow: true}, outcome{Status: 302, Location: true}, follow},
		{"304 is no redirect", Rules{Follow: true}, outcome{Status: 304, Location: true}, Return},
		{"a redirect to nowhere is data", Rules{Follow: true}, outcome{Status: 302}, Return},

		{"nothing is repeated unasked", Rules{}, outcome{Err: reset}, Return},
		{"a broken network is repeated", Rules{Retry: 1}, outcome{Err: reset}, Wait},
		{"a busy service is repeated", Rules{Retry: 1}, outcome{Err: busy}, Wait},
		{"an upstream failure is repeated", Rules{Retry: 1}, outcome{Err: banned}, Wait},
		{"retries are counted", Rules{Retry: 1}, outcome{Err: reset, Retries: 1}, Return},
		{"a POST is not repeated", Rules{Retry: 1}, outcome{Err: reset, Method: "POST"}, Return},
		{"a POST is repeated where that is allowed", Rules{Retry: 1, RetryAllMethods: true}, outcome{Err: reset, Method: "POST"}, Wait},
		{"what cannot work is not repeated", Rules{Retry: 1}, outcome{Err: badHeader}, Return},
		{"the unforeseen is not repeated", Rules{Retry: 1}, outcome{Err: unforeseen}, Return},
		{"a target's 429 is repeated", Rules{Retry: 1}, outcome{Status: 429}, Wait},
		{"a target's 408 is repeated", Rules{Retry: 1}, outcome{Status: 408}, Wait},
		{"a target's 500 is repeated", Rules{Retry: 1}, outcome{Status: 500}, Wait},
		{"a target's 500 to a POST is not", Rules{Retry: 1}, outcome{Status: 500, Method: "POST"}, Return},

		{"a wrong key is final", Rules{Retry: 1}, outcome{Err: wrongKey}, Return},
		{"a 407 is repeated where that is allowed", Rules{Retry: 1, RetryAuth: true}, outcome{Err: wrongKey}, Wait},
		{"a header outside the plan never is", Rules{Retry: 1, RetryAuth: true}, outcome{Err: wrongPlan}, Return},

		{"a dead id is final", Rules{Retry: 3}, in(outcome{Err: deadID}), Return},
		{"a dead name is replaced", Rules{}, named(outcome{Err: deadID}), Replace},
		{"a dead name takes a POST along", Rules{}, named(outcome{Err: deadID, Method: "POST"}), Replace},
		{"a dead name is replaced once", Rules{}, named(outcome{Err: deadID, Replaced: true}), Return},
		{"a dead name stays dead on demand", Rules{OnDead: OnDeadFail}, named(outcome{Err: deadID}), Return},
		{"a dead id is replaced on demand", Rules{OnDead: OnDeadReplace}, in(outcome{Err: deadID}), Replace},
		{"a banned name stays", Rules{}, named(outcome{Err: banned}), Return},
		{"a ban is death on demand", Rules{OnDead: OnDeadReplace}, in(outcome{Err: banned}), Replace},
		{"a banned POST may have arrived", Rules{OnDead: OnDeadReplace}, in(outcome{Err: banned, Method: "POST"}), Return},
		{"a named session that died meanwhile is replaced", Rules{}, named(outcome{Died: true, Method: "POST"}), Replace},
		{"but once", Rules{}, named(outcome{Died: true, Replaced: true}), Return},
		{"and not where that is forbidden", Rules{OnDead: OnDeadFail}, named(outcome{Died: true}), Return},
		{"an id that died meanwhile is final", Rules{Retry: 3}, in(outcome{Died: true}), Return},
		{"or replaced on demand", Rules{OnDead: OnDeadReplace}, in(outcome{Died: true}), Replace},

		{"moves may count as retries", Rules{Retry: 1, OnDead: OnDeadReplace, MovesAreRetries: true}, in(outcome{Err: deadID, Replaced: true}), Replace},
		{"and are bounded as these", Rules{Retry: 1, OnDead: OnDeadReplace, MovesAreRetries: true}, in(outcome{Err: deadID, Retries: 1}), Return},

		{"a body that is spent is not repeated", Rules{Retry: 1, RetryAllMethods: true}, outcome{Err: reset, Spent: true}, Return},
		{"nor for a target's 500", Rules{Retry: 1}, outcome{Status: 500, Method: "PUT", Spent: true}, Return},
		{"nor in another session", Rules{}, named(outcome{Err: deadID, Spent: true}), Return},
		{"nor for a ban", Rules{OnDead: OnDeadReplace}, in(outcome{Err: banned, Spent: true}), Return},
		{"one that was never opened goes along", Rules{}, named(outcome{Died: true, Spent: true}), Replace},

		{"a connection that ended is made anew", Rules{}, outcome{Err: reset, Stale: true}, again},
		{"for a PUT too", Rules{}, outcome{Err: reset, Stale: true, Method: "PUT"}, again},
		{"but once", Rules{}, outcome{Err: reset, Stale: true, Again: true}, Return},
		{"and then as any failure", Rules{Retry: 1}, outcome{Err: reset, Stale: true, Again: true}, Wait},
		{"a POST may have arrived", Rules{}, outcome{Err: reset, Stale: true, Method: "POST"}, Return},
		{"a PATCH may have arrived", Rules{}, outcome{Err: reset, Stale: true, Method: "PATCH"}, Return},
		{"unless it was not written", Rules{}, outcome{Err: reset, Stale: true, Unsent: true, Method: "POST"}, again},
		{"or all methods go again", Rules{RetryAllMethods: true}, outcome{Err: reset, Stale: true, Method: "POST"}, again},
		{"a body that is spent does not", Rules{}, outcome{Err: reset, Stale: true, Method: "PUT", Spent: true}, Return},

		{"without a session there is nothing to replace", Rules{OnDead: OnDeadReplace}, outcome{Err: banned}, Return},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := c.rules.next(c.outcome); got != c.want {
				t.Errorf("%+v.next(%+v) = %v, want %v", c.rules, c.outcome, got, c.want)
			}
		})
	}
}
