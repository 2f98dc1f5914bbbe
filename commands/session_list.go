package commands

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

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

func (o *sessionListOptions) print(ctx context.Context, sessions []ledger.Session, failed error) error {
	if o.app.out.json {
		return errors.Join(failed, o.printJSON(ctx, sessions, failed))
	}
	now := time.Now()
	moment := stamp
	if o.app.out.stream.Terminal {
		moment = func(t time.Time) string { return relative(t, now) }
	}
	t := o.app.out.newTable("ID", "IP", "NAME", "REQUESTS", "LAST USED", "READY", "EXPIRES")
	t.note = "All but ID and IP is an estimate from this machine's ledger."
	for _, s := range sessions {
		t.row(s.ID, s.IP, s.Name, requests(s), moment(s.LastUsed), moment(s.ReadyAt), moment(s.ExpiresAt))
	}
	return errors.Join(failed, t.print())
}

// listedSession is a session as JSON. What is not known is null.
type listedSession struct {
	ID        string  `json:"id"`
	IP        *string `json:"ip"`
	Name      *string `json:"name"`
	Requests  *int64  `json:"requests"`
	LastUsed  *string `json:"last_used"`
	ReadyAt   *string `json:"ready_at"`
	ExpiresAt *string `json:"expires_at"`
}

func (o *sessionListOptions) printJSON(ctx context.Context, sessions []ledger.Session, failed error) error {
	list := make([]listedSession, len(sessions))
	for i, s := range sessions {
		list[i] = listedSession{
			ID: s.ID, IP: known(s.IP), Name: known(s.Name),
			LastUsed: known(stamp(s.LastUsed)), ReadyAt: known(stamp(s.ReadyAt)), ExpiresAt: known(stamp(s.ExpiresAt)),
		}
		if remembered(s) {
			list[i].Requests = &s.Requests
		}
	}
	if failed == nil {
		return o.app.out.printJSON(list)
	}
	return o.app.out.printJSON(struct {
		Sessions []listedSession `json:"sessions"`
		Error    *errorJSON      `json:"error"`
	}{list, o.app.errorJSON(ctx, failed)})
}

// remembered says whether the ledger knows the session.
func remembered(s ledger.Session) bool {
	return s.Mine || s.Name != "" || s.Requests > 0 || !s.Created.IsZero()
}

func requests(s ledger.Session) string {
	if !remembered(s) {
		return ""
	}
	return strconv.FormatInt(s.Requests, 10)
}

// stamp gives a time as scripts read it, empty where it is unknown.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// relative gives a time as people read it: "3m ago", "in 12s".
func relative(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	switch d := t.Sub(now).Round(time.Second); {
	case d > 0:
		return "in " + brief(d)
	case d < 0:
		return brief(-d) + " ago"
	}
	return "now"
}

// brief gives a duration in its two largest units at most: 12s, 3m, 1h30m.
func brief(d time.Duration) string {
	switch {
	case d < time.Minute:
		return d.String()
	case d < time.Hour:
		return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
	}
	minutes := int(d.Round(time.Minute).Minutes())
	return fmt.Sprintf("%dh%02dm", minutes/60, minutes%60)
}
