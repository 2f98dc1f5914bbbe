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
	in := func(o Outcome) Outcome { o.InSession = true; return o }
	named := func(o Outcome) Outcome { o.InSession, o.Named = true, true; return o }

	for _, c := range []struct {
		name    string
		rules   Rules
		outcome Outcome
		want    Action
	}{
		{"an answer is an answer", Rules{Retry: 3, Follow: true}, Outcome{Status: 200}, Return},
		{"a 404 is data", Rules{Retry: 3}, Outcome{Status: 404}, Return},
		{"a redirect is data unless asked for", Rules{}, Outcome{Status: 302, Location: true}, Return},
		{"a redirect is followed", Rules{Follow: true}, Outcome{Status: 302, Location: true}, Follow},
		{"304 is no redirect", Rules{Follow: true}, Outcome{Status: 304, Location: true}, Return},
		{"a redirect to nowhere is data", Rules{Follow: true}, Outcome{Status: 302}, Return},

		{"nothing is repeated unasked", Rules{}, Outcome{Err: reset}, Return},
		{"a broken network is repeated", Rules{Retry: 1}, Outcome{Err: reset}, Wait},
		{"a busy service is repeated", Rules{Retry: 1}, Outcome{Err: busy}, Wait},
		{"an upstream failure is repeated", Rules{Retry: 1}, Outcome{Err: banned}, Wait},
		{"retries are counted", Rules{Retry: 1}, Outcome{Err: reset, Retries: 1}, Return},
		{"a POST is not repeated", Rules{Retry: 1}, Outcome{Err: reset, Method: "POST"}, Return},
		{"a POST is repeated where that is allowed", Rules{Retry: 1, RetryAllMethods: true}, Outcome{Err: reset, Method: "POST"}, Wait},
		{"what cannot work is not repeated", Rules{Retry: 1}, Outcome{Err: badHeader}, Return},
		{"the unforeseen is not repeated", Rules{Retry: 1}, Outcome{Err: unforeseen}, Return},
		{"a target's 429 is repeated", Rules{Retry: 1}, Outcome{Status: 429}, Wait},
		{"a target's 408 is repeated", Rules{Retry: 1}, Outcome{Status: 408}, Wait},
		{"a target's 500 is repeated", Rules{Retry: 1}, Outcome{Status: 500}, Wait},
		{"a target's 500 to a POST is not", Rules{Retry: 1}, Outcome{Status: 500, Method: "POST"}, Return},

		{"a wrong key is final", Rules{Retry: 1}, Outcome{Err: wrongKey}, Return},
		{"a 407 is repeated where that is allowed", Rules{Retry: 1, RetryAuth: true}, Outcome{Err: wrongKey}, Wait},
		{"a header outside the plan never is", Rules{Retry: 1, RetryAuth: true}, Outcome{Err: wrongPlan}, Return},

		{"a dead id is final", Rules{Retry: 3}, in(Outcome{Err: deadID}), Return},
		{"a dead name is replaced", Rules{}, named(Outcome{Err: deadID}), Replace},
		{"a dead name takes a POST along", Rules{}, named(Outcome{Err: deadID, Method: "POST"}), Replace},
		{"a dead name is replaced once", Rules{}, named(Outcome{Err: deadID, Replaced: true}), Return},
		{"a dead name stays dead on demand", Rules{OnDead: OnDeadFail}, named(Outcome{Err: deadID}), Return},
		{"a dead id is replaced on demand", Rules{OnDead: OnDeadReplace}, in(Outcome{Err: deadID}), Replace},
		{"a banned name stays", Rules{}, named(Outcome{Err: banned}), Return},
		{"a ban is death on demand", Rules{OnDead: OnDeadReplace}, in(Outcome{Err: banned}), Replace},
		{"a banned POST may have arrived", Rules{OnDead: OnDeadReplace}, in(Outcome{Err: banned, Method: "POST"}), Return},
		{"a named session that died meanwhile is replaced", Rules{}, named(Outcome{Died: true, Method: "POST"}), Replace},
		{"but once", Rules{}, named(Outcome{Died: true, Replaced: true}), Return},
		{"and not where that is forbidden", Rules{OnDead: OnDeadFail}, named(Outcome{Died: true}), Return},
		{"an id that died meanwhile is final", Rules{Retry: 3}, in(Outcome{Died: true}), Return},
		{"or replaced on demand", Rules{OnDead: OnDeadReplace}, in(Outcome{Died: true}), Replace},

		{"moves may count as retries", Rules{Retry: 1, OnDead: OnDeadReplace, MovesAreRetries: true}, in(Outcome{Err: deadID, Replaced: true}), Replace},
		{"and are bounded as these", Rules{Retry: 1, OnDead: OnDeadReplace, MovesAreRetries: true}, in(Outcome{Err: deadID, Retries: 1}), Return},

		{"a body that is spent is not repeated", Rules{Retry: 1, RetryAllMethods: true}, Outcome{Err: reset, Spent: true}, Return},
		{"nor for a target's 500", Rules{Retry: 1}, Outcome{Status: 500, Method: "PUT", Spent: true}, Return},
		{"nor in another session", Rules{}, named(Outcome{Err: deadID, Spent: true}), Return},
		{"nor for a ban", Rules{OnDead: OnDeadReplace}, in(Outcome{Err: banned, Spent: true}), Return},
		{"one that was never opened goes along", Rules{}, named(Outcome{Died: true, Spent: true}), Replace},

		{"a connection that ended is made anew", Rules{}, Outcome{Err: reset, Stale: true}, Again},
		{"for a PUT too", Rules{}, Outcome{Err: reset, Stale: true, Method: "PUT"}, Again},
		{"but once", Rules{}, Outcome{Err: reset, Stale: true, Again: true}, Return},
		{"and then as any failure", Rules{Retry: 1}, Outcome{Err: reset, Stale: true, Again: true}, Wait},
		{"a POST may have arrived", Rules{}, Outcome{Err: reset, Stale: true, Method: "POST"}, Return},
		{"a PATCH may have arrived", Rules{}, Outcome{Err: reset, Stale: true, Method: "PATCH"}, Return},
		{"unless it was not written", Rules{}, Outcome{Err: reset, Stale: true, Unsent: true, Method: "POST"}, Again},
		{"or all methods go again", Rules{RetryAllMethods: true}, Outcome{Err: reset, Stale: true, Method: "POST"}, Again},
		{"a body that is spent does not", Rules{}, Outcome{Err: reset, Stale: true, Method: "PUT", Spent: true}, Return},

		{"without a session there is nothing to replace", Rules{OnDead: OnDeadReplace}, Outcome{Err: banned}, Return},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := c.rules.Next(c.outcome); got != c.want {
				t.Errorf("%+v.Next(%+v) = %v, want %v", c.rules, c.outcome, got, c.want)
			}
		})
	}
}
