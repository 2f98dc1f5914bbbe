package commands

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"smp/client/ledger"
	"smp/client/paced"
	"smp/client/spell"
)

func (o *sessionListOptions) print(ctx context.Context, sessions []ledger.Session, failed error) error {
	if o.app.out.JSON {
		return errors.Join(failed, o.printJSON(ctx, sessions, failed))
	}
	if len(sessions) == 0 && o.app.out.Stream.Terminal {
		if failed == nil {
			o.app.messages.Info("no sessions%s", o.among())
		}
		return failed
	}
	now := time.Now()
	if o.app.out.Stream.Terminal {
		slices.SortStableFunc(sessions, func(a, b ledger.Session) int { return compareBool(b.Name != "", a.Name != "") })
	}
	moment, ready := stamp, stamp
	if o.app.out.Stream.Terminal {
		moment = func(t time.Time) string { return spell.Relative(t, now) }
		ready = func(t time.Time) string { return readiness(t, now) }
	}
	t := o.app.out.NewTable("ID", "IP", "NAME", "REQUESTS", "LAST USED", "READY", "EXPIRES")
	t.Note = spell.Count(len(sessions), "session") + ". All but ID and IP is an estimate from this machine's ledger."
	if o.unlisted != "" {
		t.Note = spell.Count(len(sessions), "session") + ". " + o.unlisted + " lists none: these are this machine's, by the estimate of its ledger."
	}
	if o.watch > 0 {
		t.Most = max(o.app.out.Stream.Lines()-4, 1)
	}
	t.Long, t.Spare = []int{0, 2}, []int{3, 4, 6}
	for _, s := range sessions {
		t.Row(s.ID, s.IP, s.Name, requests(s), moment(s.LastUsed), ready(s.ReadyAt), moment(s.ExpiresAt))
	}
	return errors.Join(failed, t.Print(ctx))
}

// compareBool orders false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// among says which sessions were looked for, if not all of the key.
func (o *sessionListOptions) among() string {
	switch {
	case o.mine:
		return " that this machine created"
	case o.local:
		return " in this machine's ledger"
	}
	return ""
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
		return o.app.out.PrintJSON(ctx, list)
	}
	return o.app.out.PrintJSON(ctx, struct {
		Sessions []listedSession `json:"sessions"`
		Error    *paced.Failure  `json:"error"`
	}{list, o.app.errorJSON(ctx, failed)})
}

// remembered reports whether the ledger knows the session.
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

// readiness is spell.Relative, but "now" for a time that has passed.
func readiness(t, now time.Time) string {
	if t.Before(now) && !t.IsZero() {
		return "now"
	}
	return spell.Relative(t, now)
}
