// Package progress tells people what goes on while requests are under way. It shows
// waits and their countdown, how far a fetch or a batch is, what became of a batch,
// and failures in a relay. It knows no command and no flag, and sends nothing.
package progress

import (
	"fmt"
	"strings"
	"time"

	"smp/client/paced"
	"smp/client/spell"
	"smp/commands/term"
)

// Requests returns what tells m of the events of requests.
func Requests(m *term.Messages) func(paced.Event) {
	wait := &countdown{messages: m}
	return func(event paced.Event) {
		switch e := event.(type) {
		case paced.Waiting:
			what := "the slot of " + called(e.Session, e.Name)
			if e.Gate != "" {
				what = "the next " + e.Gate
			}
			wait.update(e.Left, what)
		case paced.GateHeld:
			m.Info("the service wants no %s for %s", e.Gate, spell.Seconds(e.Left))
		case paced.Postponed:
			m.Info("the service wants %s before the next request of %s", spell.Duration(e.By.Round(time.Millisecond)), postponed(e))
		case paced.WaitingForProcess:
			m.Info("waiting for another process that is %s", e.Doing)
		case paced.Created:
			m.Info("created session %s%s", e.Session, named(e.Name))
		case paced.Replaced:
			m.Info("session %s%s took the place of %s, which is dead", e.New, named(e.Name), e.Old)
		case paced.SessionNotDeleted:
			m.Info("session %s could not be deleted: %v", e.Session, e.Err)
		case paced.Retrying:
			m.Info("%s; retry %d of %d %s", reason(e), e.Attempt, e.Of, soon(e.In))
		case paced.PacedByID:
			m.Trace(fmt.Sprintf("* the outgoing IP of session %s is unknown, pacing by its id: %v", e.Session, e.Err))
		case paced.LedgerTrouble:
			m.Info("not written down: %v", e.Err)
		case paced.UnknownEndpoint:
			m.Info("nothing in the answer shows that %s is the service, and the API key was sent there: smp doctor", e.Endpoint)
		}
	}
}

// postponed is what the service wants to rest.
func postponed(e paced.Postponed) string {
	if e.IP == "" {
		return called(e.Session, e.Name)
	}
	return e.IP + named(e.Name)
}

// called is what the user calls a session.
func called(session, name string) string {
	if name == "" {
		return "session " + session
	}
	return "@" + name
}

func named(name string) string {
	if name == "" {
		return ""
	}
	return " (@" + name + ")"
}

func reason(e paced.Retrying) string {
	if e.Err != nil {
		return strings.TrimRight(e.Err.Error(), ".")
	}
	return fmt.Sprintf("the target answered %d", e.Status)
}

// soon says how long a short wait is.
func soon(d time.Duration) string {
	if d = d.Round(100 * time.Millisecond); d == 0 {
		return "at once"
	}
	return "in " + spell.Duration(d)
}
