package commands

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"smp/client/paced"
	"smp/client/spell"
	"smp/commands/term"
)

const (
	leastShownWait  = time.Second      // for a countdown on a terminal
	leastLoggedWait = 10 * time.Second // for a line in a log
)

// countdown shows a wait: in the status line of a terminal, else as one line if it is
// long. It is safe for concurrent use.
type countdown struct {
	messages *term.Messages

	mu    sync.Mutex
	last  time.Duration // what was left when last told
	shown bool
}

// update says that what is waited for will be there in left. It is called about once
// a second; a left that grows is a new wait.
func (c *countdown) update(left time.Duration, what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	begins := left > c.last
	c.last = left
	if begins {
		c.shown = left > leastShownWait
		if left > leastLoggedWait && !c.messages.ShowsStatus() {
			c.messages.Info("waiting %s for %s", spell.Duration(roundUp(left)), what)
		}
	}
	if c.shown {
		c.messages.SetStatus(fmt.Sprintf("smp: waiting %s for %s", spell.Duration(roundUp(left)), what), "")
	}
}

// roundUp gives whole seconds, never less than is left.
func roundUp(d time.Duration) time.Duration {
	return (d + time.Second - 1).Truncate(time.Second)
}

// eventMessages shows what happens to a request.
func (a *app) eventMessages() func(paced.Event) {
	wait := &countdown{messages: a.messages}
	return func(event paced.Event) {
		switch e := event.(type) {
		case paced.Waiting:
			what := "the slot of " + called(e.Session, e.Name)
			if e.Gate != "" {
				what = "the next " + e.Gate
			}
			wait.update(e.Left, what)
		case paced.GateHeld:
			a.messages.Info("the service wants no %s for %s", e.Gate, spell.Duration(roundUp(e.Left)))
		case paced.Postponed:
			a.messages.Info("the service wants %s before the next request of %s", spell.Duration(e.By.Round(time.Millisecond)), postponed(e))
		case paced.WaitingForProcess:
			a.messages.Info("waiting for another process that is %s", e.Doing)
		case paced.Created:
			a.messages.Info("created session %s%s", e.Session, named(e.Name))
		case paced.Replaced:
			a.messages.Info("session %s%s took the place of %s, which is dead", e.New, named(e.Name), e.Old)
		case paced.SessionNotDeleted:
			a.messages.Info("session %s could not be deleted: %v", e.Session, e.Err)
		case paced.Retrying:
			a.messages.Info("%s; retry %d of %d %s", reason(e), e.Attempt, e.Of, soon(e.In))
		case paced.PacedByID:
			a.messages.Trace(fmt.Sprintf("* the outgoing IP of session %s is unknown, pacing by its id: %v", e.Session, e.Err))
		case paced.LedgerTrouble:
			a.messages.Info("not written down: %v", e.Err)
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
