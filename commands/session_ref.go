package commands

import (
	"errors"

	"smp/client"
	"smp/client/paced"
	"smp/commands/term"
)

// refError is the failure of a request in a session that the user named: hints about it
// say what the user said.
type refError struct {
	error
	ref    paced.Ref
	isName bool         // ref is an id, and also a name that lacks its @
	onDead paced.OnDead // what the user wants for a dead session
}

func (e *refError) Unwrap() error { return e.error }

// in notes of a failure which session it was in. An id that nobody knows may be a name
// without its @.
func (c *connection) in(ref paced.Ref, err error, onDead paced.OnDead) error {
	failed := &refError{error: err, ref: ref, onDead: onDead}
	switch {
	case err == nil:
		return nil
	case ref.Kind == paced.RefName:
		return failed
	case ref.Kind != paced.RefID || classify(err).code != exitSession:
		return err
	}
	_, failed.isName, _ = c.ledger.Lookup(ref.Value)
	return failed
}

// noticeNames tells of IDs that may be names without their @: no such session is known,
// and such a name is. It is for commands that go on after a failure.
func (c *connection) noticeNames(m *term.Messages, refs ...paced.Ref) {
	for _, ref := range refs {
		if ref.Kind != paced.RefID {
			continue
		}
		_, known, err := c.ledger.Session(ref.Value)
		if _, isName, _ := c.ledger.Lookup(ref.Value); isName && !known && err == nil {
			m.Info("session %s is not known here, and there is a name like that: write @%[1]s", ref.Value)
		}
	}
}

// hints are those of the failure, in the user's terms.
func (e *refError) hints(d diagnosis) []string {
	exchange, refused := errors.AsType[*client.Error](e.error)
	switch {
	case e.isName:
		return []string{"there is a name like that: write @" + e.ref.Value}
	case e.ref.Kind != paced.RefName:
		return d.hints
	case refused && exchange.Banned() && e.onDead != paced.OnDeadReplace:
		return []string{"let " + e.ref.String() + " have another session, and with it another outgoing IP: --on-dead replace"}
	case d.code == exitSession && e.onDead == paced.OnDeadFail:
		return []string{"let " + e.ref.String() + " have a new session: leave out --on-dead fail"}
	case d.code == exitSession && d.json.Session+d.json.Code != "":
		return []string{"a name is given a new session once in 12s, or in a longer delay: try again then"}
	}
	return d.hints
}
