package commands

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"smp/client"
	"smp/client/paced"
	"smp/commands/cli"
	"smp/commands/config"
	"smp/commands/curl"
)

// sessionFlags say which session a request goes out in, and how long it may wait
// for its slot.
type sessionFlags struct {
	session   *string // nil: not given
	noSession bool
	maxWait   *time.Duration // nil: no limit
	unpaced   bool
}

func (o *sessionFlags) flags() []cli.Flag {
	maxWait := func(s string) error {
		d, err := cli.ParseDuration(s)
		o.maxWait = &d
		return err
	}
	noWait := func(s string) error {
		yes, err := cli.ParseSwitch(s)
		if yes {
			o.maxWait = new(time.Duration)
		}
		return err
	}
	return grouped(sessionGroup, []cli.Flag{
		{Name: "session", Value: "ID", Env: "SMP_SESSION", Usage: "session to fetch in: an id, @NAME, or create", Offer: []string{"create"}, Set: given(&o.session)},
		{Name: "no-session", Usage: "no session, whatever SMP_SESSION says", Set: cli.Switch(&o.noSession)},
		{Name: "max-wait", Value: "D", Usage: "give up (exit 5) rather than wait longer for the slot", Set: maxWait},
		{Name: "no-wait", Usage: "the same as --max-wait 0", Set: noWait},
		{Name: "unpaced", Usage: "do not wait for the slot", Set: cli.Switch(&o.unpaced)},
	})
}

// maxWaitOrNone is how long a request may wait for its slot, in a job's terms.
func (o *sessionFlags) maxWaitOrNone() time.Duration {
	if o.maxWait == nil {
		return 0
	}
	return cmp.Or(max(0, *o.maxWait), paced.NoWait)
}

// ref is the session that flags, a caller's own header, or the environment name;
// in this order.
func (o *sessionFlags) ref(s *config.Settings, header *string, environment string) (paced.Ref, error) {
	if o.noSession && o.session != nil {
		return paced.Ref{}, errors.New("--session and --no-session do not go together")
	}
	if header != nil && *header != "" {
		return o.refInHeader(s, *header)
	}
	switch {
	case o.session != nil:
		ref, err := sessionRef(s.Service, *o.session)
		return ref, in("--session", err)
	case o.noSession, header != nil, environment == "":
		return paced.Ref{}, nil
	}
	ref, err := sessionRef(s.Service, environment)
	return ref, in("SMP_SESSION", err)
}

// refInHeader is the session of -H 'X-Crawlera-Session: …', or of the service's own
// header for it.
func (o *sessionFlags) refInHeader(s *config.Settings, header string) (paced.Ref, error) {
	name := s.Service.SessionHeader()
	switch {
	case o.noSession:
		return paced.Ref{}, fmt.Errorf("the header %s and --no-session do not go together", name)
	case o.session != nil && *o.session != header:
		return paced.Ref{}, fmt.Errorf("--session says %q and the header %s %q", *o.session, name, header)
	}
	ref, err := sessionRef(s.Service, header)
	return ref, in("the header "+name, err)
}

// sessionHeader takes the caller's own session header out of the template: it is
// --session. Nil is no such header, and the empty text one that -H removes, which is
// --no-session. Headers that the service does not take are refused.
func sessionHeader(t *curl.Template, s *config.Settings) (*string, error) {
	name := s.Service.SessionHeader()
	values, given := t.Take(name)
	if err := checkHeaders(s.Service, t.Header()); err != nil {
		return nil, err
	}
	switch {
	case !given:
		return nil, nil
	case len(values) == 0:
		return new(string), nil
	case len(values) > 1:
		return nil, fmt.Errorf("the header %s is given %d times: a request has one session", name, len(values))
	case values[0] == "":
		return nil, fmt.Errorf("the header %s: the session is empty", name)
	}
	return &values[0], nil
}

// checkSession refuses the API key as the name of a session, which is sent in a
// header and written into the ledger.
func checkSession(guard curl.Guard, where, session string) error {
	if err := guard.Check(where, session); err != nil {
		return fmt.Errorf("%s holds the API key, which names no session", where)
	}
	return nil
}

func in(where string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", where, err)
}

// noticeSurprises says what the service did not do as asked, or may not have done.
func (o *fetchOptions) noticeSurprises(job *paced.Job, result *paced.Result, failed error) {
	if job.Session.Kind == paced.RefCreate && failed == nil && !result.Created {
		o.app.messages.Info("the answer names no new session")
	}
	if result.Dialect == client.DialectUnknown && result.IP == "" && failed == nil {
		o.app.messages.Info("nothing in the answer shows that %s is the service, and the API key was sent there: smp doctor", o.app.config.Endpoint.Host)
	}
	if result.Dialect != client.DialectZyte || o.app.config.Service == client.ZyteAPI {
		return
	}
	o.app.messages.Trace("* Zyte API answers at this endpoint: it follows redirects itself, and does not tell")
	if ignored := o.ignoredByZyte(); len(ignored) > 0 {
		o.app.messages.Info("Zyte API answers at this endpoint, and ignores %s", strings.Join(ignored, ", "))
	}
}

// ignoredByZyte names the flags given whose headers are not among the six that Zyte
// API is documented to act on.
func (o *fetchOptions) ignoredByZyte() []string {
	var ignored []string
	for _, f := range []struct{ header, flag string }{
		{"X-Crawlera-Max-Retries", "--max-retries"},
		{"X-Crawlera-Timeout", "--proxy-timeout"},
		{"X-Crawlera-No-Bancheck", "--no-bancheck"},
		{"X-Crawlera-Debug", "--debug"},
	} {
		if o.request.Extra[f.header] != "" {
			ignored = append(ignored, f.flag)
		}
	}
	return ignored
}
