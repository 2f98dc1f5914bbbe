package commands

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/paced"
	"smp/commands/cli"
)

type sessionListOptions struct {
	app   *app
	mine  bool
	local bool
	watch time.Duration // 0: list once

	unlisted string // the service, if it lists no sessions
}

func newSessionList(a *app) *cli.Command {
	o := &sessionListOptions{app: a}
	return &cli.Command{
		Name:    "session list",
		Args:    "[ID|@NAME…]",
		Summary: "list sessions",
		About: "IDs and outgoing IPs are the service's; the rest is what this machine's ledger knows, an estimate. A pipe gets " +
			"tab-separated lines without header: ID IP NAME REQUESTS LAST_USED READY_AT EXPIRES_AT, - for what is unknown, times in UTC. " +
			"Zyte API lists no sessions: there it is the ledger that is listed.",
		Examples: []cli.Example{
			{Line: "smp session list", Does: "all sessions of the key"},
			{Line: "smp session list --mine | cut -f1 | smp session delete -", Does: "delete what this machine created"},
			{Line: "smp session list --watch=5s", Does: "see them come and go"},
			{Line: "smp session list --local @shop", Does: "one session, without asking the service"},
		},
		Flags: []cli.Flag{
			{Name: "mine", Usage: "only sessions that this machine created", Set: cli.Switch(&o.mine)},
			{Name: "watch", Usage: "list again and again, every 2s or as --watch=D says, until Ctrl-C", Set: o.setWatch},
			{Name: "local", Usage: "ask nobody: list what the ledger knows", Set: cli.Switch(&o.local)},
		},
		Shared: a.sharedFlags(0),
		Run:    o.run,
	}
}

func (o *sessionListOptions) run(ctx context.Context, args []string) error {
	if o.watch > 0 && o.app.out.JSON {
		return cli.Usagef("--json prints one document, and --watch many lists").Hint("while sleep 2; do smp session list --json; done")
	}
	refs, c, err := o.app.connectFor(ctx, args)
	if err != nil {
		return err
	}
	defer c.close()
	if !c.Service.SessionsAPI {
		o.unlisted, o.local = c.Service.Title, true
	}
	if o.watch > 0 {
		return o.again(ctx, func() error { return o.once(ctx, c, refs) })
	}
	return o.once(ctx, c, refs)
}

// setWatch takes what stands behind --watch, if something does.
func (o *sessionListOptions) setWatch(s string) (err error) {
	if yes, notSwitch := cli.ParseSwitch(s); notSwitch == nil && s != "0" && s != "1" {
		o.watch = 0
		if yes {
			o.watch = watchEvery
		}
		return nil
	}
	if o.watch, err = cli.ParseDuration(s); err == nil && o.watch < leastWatch {
		err = fmt.Errorf("%s is less than %s", s, leastWatch)
	}
	return err
}

const (
	watchEvery = 2 * time.Second
	leastWatch = 100 * time.Millisecond

	// watchShare bounds the time that listing takes: with thousands of sessions the next
	// list comes later.
	watchShare = 50
)

// again lists until ctx ends.
func (o *sessionListOptions) again(ctx context.Context, list func() error) error {
	for first := true; ; first = false {
		begun := time.Now()
		if err := o.app.out.Redraw(ctx, first, list); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(max(o.watch, watchShare*time.Since(begun))):
		}
	}
}

// once lists the sessions that refs name, or all.
func (o *sessionListOptions) once(ctx context.Context, c *connection, refs []paced.Ref) error {
	if len(refs) > 0 {
		return o.some(ctx, c, refs)
	}
	remembered, err := c.ledger.Sessions()
	if err != nil {
		return err
	}
	sessions, err := o.sessions(ctx, c, remembered)
	if err != nil {
		return err
	}
	return o.print(ctx, o.wanted(sessions), nil)
}

// some lists the sessions that refs name, in the order of their IDs, and fails with the
// first that is not there. Only these are read from the ledger.
func (o *sessionListOptions) some(ctx context.Context, c *connection, refs []paced.Ref) error {
	ids, errs := make([]string, len(refs)), make([]error, len(refs))
	var remembered []ledger.Session
	for i, ref := range refs {
		if ids[i], errs[i] = resolveSession(c.ledger, ref); errs[i] != nil {
			continue
		}
		s, known, err := c.ledger.Session(ids[i])
		if err != nil {
			return err
		}
		if known {
			remembered = append(remembered, s)
		}
	}
	sessions, err := o.sessions(ctx, c, remembered)
	if err != nil {
		return err
	}
	chosen := o.choose(sessions, ids, errs)
	o.refuseOthers(chosen, ids, errs)
	for i, ref := range refs {
		errs[i] = c.in(ref, errs[i], paced.OnDeadName)
	}
	return o.print(ctx, o.wanted(chosen), joinParts(errs))
}

func (o *sessionListOptions) where() string {
	if o.local {
		return "the ledger"
	}
	return "the service"
}

// sessions lists the sessions of the service with what the ledger knows of each; with
// --local, the live sessions of the ledger.
func (o *sessionListOptions) sessions(ctx context.Context, c *connection, remembered []ledger.Session) ([]ledger.Session, error) {
	if o.local {
		remembered = slices.DeleteFunc(remembered, func(s ledger.Session) bool { return s.Dead })
		slices.SortStableFunc(remembered, func(a, b ledger.Session) int { return client.CompareIDs(a.ID, b.ID) })
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

// wanted are the sessions that the flags ask for.
func (o *sessionListOptions) wanted(sessions []ledger.Session) []ledger.Session {
	if !o.mine {
		return sessions
	}
	return slices.DeleteFunc(sessions, func(s ledger.Session) bool { return !s.Mine })
}

// refuseOthers makes an error of each named session that --mine leaves out.
func (o *sessionListOptions) refuseOthers(chosen []ledger.Session, ids []string, errs []error) {
	for _, s := range chosen {
		if i := slices.Index(ids, s.ID); o.mine && !s.Mine && errs[i] == nil {
			errs[i] = &exitError{code: exitSession, err: fmt.Errorf("session %s was not created by this machine", s.ID), session: s.ID}
		}
	}
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

// choose picks the sessions with these IDs, each once. An ID that is not there becomes an
// error in its place.
func (o *sessionListOptions) choose(sessions []ledger.Session, ids []string, errs []error) []ledger.Session {
	there := map[string]bool{} // by wanted ID
	for _, id := range ids {
		there[id] = false
	}
	var chosen []ledger.Session
	for _, s := range sessions {
		if seen, wanted := there[s.ID]; wanted && !seen {
			there[s.ID] = true
			chosen = append(chosen, s)
		}
	}
	for i, id := range ids {
		if errs[i] == nil && !there[id] {
			errs[i] = unknownSession(id, o.where())
		}
	}
	return chosen
}
