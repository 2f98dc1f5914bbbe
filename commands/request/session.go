package request

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"smp/client/paced"
	"smp/commands/cli"
	"smp/commands/config"
	"smp/commands/curl"
)

// SessionFlags say which session a request goes out in, and how long it may wait
// for its slot.
type SessionFlags struct {
	NoSession bool
	Unpaced   bool

	session *string        // nil: not given
	maxWait *time.Duration // nil: no limit
}

// Declare declares the flags.
func (o *SessionFlags) Declare() []cli.Flag {
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
	return cli.Grouped(sessionGroup, []cli.Flag{
		{Name: "session", Value: "ID", Env: "SMP_SESSION", Usage: "session to fetch in: an id, @NAME, or create", Offer: []string{"create"}, Set: cli.Given(&o.session)},
		{Name: "no-session", Usage: "no session, whatever SMP_SESSION says", Set: cli.Switch(&o.NoSession)},
		{Name: "max-wait", Value: "D", Usage: "give up (exit 5) rather than wait longer for the slot", Set: maxWait},
		{Name: "no-wait", Usage: "the same as --max-wait 0", Set: noWait},
		{Name: "unpaced", Usage: "do not wait for the slot", Set: cli.Switch(&o.Unpaced)},
	})
}

// MaxWait is how long a request may wait for its slot, in a job's terms.
func (o *SessionFlags) MaxWait() time.Duration {
	if o.maxWait == nil {
		return 0
	}
	return cmp.Or(max(0, *o.maxWait), paced.NoWait)
}

// Ref is the session that flags, a caller's own header, or the environment name;
// in this order.
func (o *SessionFlags) Ref(s *config.Settings, header *string, environment string) (paced.Ref, error) {
	if o.NoSession && o.session != nil {
		return paced.Ref{}, errors.New("--session and --no-session do not go together")
	}
	if header != nil && *header != "" {
		return o.refInHeader(s, *header)
	}
	switch {
	case o.session != nil:
		ref, err := SessionRef(s.Service, *o.session)
		return ref, in("--session", err)
	case o.NoSession, header != nil, environment == "":
		return paced.Ref{}, nil
	}
	ref, err := SessionRef(s.Service, environment)
	return ref, in("SMP_SESSION", err)
}

// refInHeader is the session of -H 'X-Crawlera-Session: …', or of the service's own
// header for it.
func (o *SessionFlags) refInHeader(s *config.Settings, header string) (paced.Ref, error) {
	name := s.Service.SessionHeader()
	switch {
	case o.NoSession:
		return paced.Ref{}, fmt.Errorf("the header %s and --no-session do not go together", name)
	case o.session != nil && *o.session != header:
		return paced.Ref{}, fmt.Errorf("--session says %q and the header %s %q", *o.session, name, header)
	}
	ref, err := SessionRef(s.Service, header)
	return ref, in("the header "+name, err)
}

// SessionHeader takes the caller's own session header out of the template: it is
// --session. Nil is no such header, and the empty text one that -H removes, which is
// --no-session. Headers that the service does not take are refused.
func SessionHeader(t *curl.Template, s *config.Settings) (*string, error) {
	name := s.Service.SessionHeader()
	values, given := t.Take(name)
	if err := CheckHeaders(s.Service, t.Header()); err != nil {
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

// CheckSession refuses the API key as the name of a session, which is sent in a
// header and written into the ledger.
func CheckSession(guard curl.Guard, where, session string) error {
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
