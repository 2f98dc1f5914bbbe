package commands

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"smp/client"
	"smp/client/ledger"
	"smp/client/paced"
)

type sessionListOptions struct {
	app   *app
	mine  bool
	local bool
}

func newSessionList(a *app) *command {
	o := &sessionListOptions{app: a}
	return &command{
		name:    "session list",
		args:    "[ID|@NAME…]",
		summary: "list sessions",
		about: "IDs and outgoing IPs are the service's; the rest is what this machine's ledger knows, an estimate. A pipe gets " +
			"tab-separated lines without header: ID IP NAME REQUESTS LAST_USED READY_AT EXPIRES_AT, - for what is unknown, times in UTC.",
		examples: []example{
			{"smp session list", "all sessions of the key"},
			{"smp session list --mine | cut -f1 | smp session delete -", "delete what this machine created"},
			{"smp session list --local @shop", "one session, without asking the service"},
		},
		flags: []flag{
			{name: "mine", usage: "only sessions that this machine created", set: on(&o.mine)},
			{name: "local", usage: "ask nobody: list what the ledger knows", set: on(&o.local)},
		},
		run: o.run,
	}
}

func (o *sessionListOptions) run(ctx context.Context, args []string) error {
	refs, err := sessionRefs(args)
	if err != nil {
		return err
	}
	c, err := o.app.connect(connectOptions{})
	if err != nil {
		return err
	}
	defer c.close()
	sessions, err := o.sessions(ctx, c)
	if err != nil {
		return err
	}
	if o.mine {
		sessions = slices.DeleteFunc(sessions, func(s ledger.Session) bool { return !s.Mine })
	}
	if len(refs) == 0 {
		return o.print(ctx, sessions, nil)
	}
	chosen, missing := choose(sessions, refs, c.ledger, o.where())
	return o.print(ctx, chosen, missing)
}

func (o *sessionListOptions) where() string {
	if o.local {
		return "the ledger"
	}
	return "the service"
}

// sessions joins what the service lists with what the ledger knows, by ID.
func (o *sessionListOptions) sessions(ctx context.Context, c *connection) ([]ledger.Session, error) {
	remembered, err := c.ledger.Sessions()
	if err != nil {
		return nil, err
	}
	if o.local {
		remembered = slices.DeleteFunc(remembered, func(s ledger.Session) bool { return s.Dead })
		slices.SortStableFunc(remembered, func(a, b ledger.Session) int { return compareIDs(a.ID, b.ID) })
		return remembered, nil
	}
	ctx, cancel := c.calling(ctx)
	defer cancel()
	listed, err := c.client.ListSessions(ctx)
	if err != nil {
		return nil, err
	}
	return join(listed, remembered), c.ledger.Learn(newIPs(listed, remembered))
}

func join(listed []client.Session, remembered []ledger.Session) []ledger.Session {
	byID := make(map[string]ledger.Session, len(remembered))
	for _, s := range remembered {
		byID[s.ID] = s
	}
	sessions := make([]ledger.Session, len(listed))
	for i, s := range listed {
		sessions[i] = byID[s.ID]
		sessions[i].ID, sessions[i].IP = s.ID, cmp.Or(s.IP, sessions[i].IP)
	}
	return sessions
}

// newIPs gives the outgoing IPs that the ledger does not know of its sessions.
func newIPs(listed []client.Session, remembered []ledger.Session) map[string]string {
	without := map[string]bool{}
	for _, s := range remembered {
		without[s.ID] = s.IP == ""
	}
	ips := map[string]string{}
	for _, s := range listed {
		if s.IP != "" && without[s.ID] {
			ips[s.ID] = s.IP
		}
	}
	return ips
}

// choose gives the sessions that refs name, in that order, and what is wrong with
// the first that is not there.
func choose(sessions []ledger.Session, refs []paced.Ref, l *ledger.Ledger, where string) ([]ledger.Session, error) {
	var chosen []ledger.Session
	errs := make([]error, len(refs))
	for i, ref := range refs {
		id, err := resolveSession(l, ref)
		if err != nil {
			errs[i] = err
			continue
		}
		at := slices.IndexFunc(sessions, func(s ledger.Session) bool { return s.ID == id })
		if at < 0 {
			errs[i] = unknownSession(id, where)
			continue
		}
		chosen = append(chosen, sessions[at])
	}
	return chosen, joinParts(errs)
}

// compareIDs orders numbers by value and before everything else.
func compareIDs(a, b string) int {
	m, errA := strconv.ParseUint(a, 10, 64)
	n, errB := strconv.ParseUint(b, 10, 64)
	switch {
	case errA == nil && errB == nil:
		return cmp.Or(cmp.Compare(m, n), cmp.Compare(a, b))
	case errA == nil:
		return -1
	case errB == nil:
		return 1
	}
	return cmp.Compare(a, b)
}
