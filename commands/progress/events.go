package progress

import (
	"fmt"
	"sync"

	"smp/client/batch"
	"smp/client/paced"
	"smp/client/spell"
	"smp/commands/term"
)

// Batch returns what tells m of the events of a batch that concern the run. Those of one
// line are for -v, and remembered in failed.
func Batch(m *term.Messages, failed *FailedLines) func(batch.Event) {
	var slow sync.Once // of as many sessions as wait, the first is told
	return func(event batch.Event) {
		if e, ok := event.(batch.SlowNeighbour); ok {
			slow.Do(func() { m.Info("no session yet, waiting: %v", e.Err) })
			return
		}
		if e, ok := event.(batch.LineFailed); ok {
			failed.add(e.Number)
		}
		batchEvent(m, event)
	}
}

func batchEvent(m *term.Messages, event batch.Event) {
	switch e := event.(type) {
	case batch.LineFailed:
		if e.Bad {
			m.Info("line %d cannot be fetched: %v", e.Number, e.Err)
		} else {
			m.Trace(fmt.Sprintf("* line %d failed: %v", e.Number, e.Err))
		}
	case batch.SessionLost:
		m.Trace(fmt.Sprintf("* session %s left the pool: %v", e.ID, e.Err))
	case batch.PoolShrunk:
		m.Info("no more sessions are to be had, going on with %d: %v", e.Sessions, e.Err)
	case batch.Crowded:
		m.Info("sending fewer requests at once: %v", e.Err)
	case batch.NoSession:
		m.Info("no session yet, asking again: %v", e.Err)
	case batch.Adopted:
		m.Info("going on with %s of the earlier run", spell.Count(e.Sessions, "session"))
	case batch.LeftAlone:
		m.Info("%s of the earlier run left alone: %v", spell.Count(e.Sessions, "session"), e.Err)
	case batch.SessionKept:
		m.Info("session %s could not be deleted: %v", e.ID, e.Err)
	case batch.SessionInDoubt:
		m.Info("a session may be left at the service: %v", e.Err)
	case batch.Trouble:
		m.Info("not written down: %v", e.Err)
	}
}

// BatchRequests returns what tells m of those events of a batch's requests that its
// progress does not show.
func BatchRequests(m *term.Messages) func(paced.Event) {
	tell := Requests(m)
	return func(event paced.Event) {
		switch event.(type) {
		case paced.PacedByID, paced.LedgerTrouble, paced.SessionNotDeleted, paced.UnknownEndpoint:
			tell(event)
		}
	}
}
