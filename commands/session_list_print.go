package commands

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"smp/client/ledger"
)

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
