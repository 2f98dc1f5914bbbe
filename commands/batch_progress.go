package commands

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"smp/client/batch"
	"smp/client/paced"
	"smp/client/spell"
)

const (
	statusEvery = 200 * time.Millisecond // for the status line
	lineEvery   = 10 * time.Second       // for lines of a log
)

// batchWatch shows how far a batch is: as the status line of a terminal, else as a line
// every ten seconds.
type batchWatch struct {
	app   *app
	batch *batch.Batch
	ended chan struct{}
	wait  sync.WaitGroup
}

// watch begins to show b. The caller stops it.
func (a *app) watch(b *batch.Batch) *batchWatch {
	w := &batchWatch{app: a, batch: b, ended: make(chan struct{})}
	w.wait.Go(w.run)
	return w
}

func (w *batchWatch) stop() {
	close(w.ended)
	w.wait.Wait()
	w.app.messages.ClearStatus()
}

func (w *batchWatch) run() {
	every := lineEvery
	if w.app.messages.ShowsStatus() {
		every = statusEvery
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			w.tell(w.batch.Progress())
		case <-w.ended:
			return
		}
	}
}

func (w *batchWatch) tell(p batch.Progress) {
	if w.app.messages.ShowsStatus() {
		w.app.messages.SetStatus(progressLine(p, w.app.messages.Columns()-1), strings.TrimPrefix(failures(p.Failed, p.Failures), ", "))
	} else {
		w.app.messages.Info("%s", progressText(p))
	}
}

// The bar, brackets left out.
const (
	leastBar  = 10
	mostBar   = 30
	barFrom   = 50 // columns of a terminal that has room for a bar and for what matters
	barAround = len("[] ")
)

// progressLine is progressText in width columns, behind a bar if there is room for one.
// Clauses that do not fit are left out, the last first.
func progressLine(p batch.Progress, width int) string {
	clauses, room := progressClauses(p), width
	bar := p.Total > 0 && width >= barFrom
	if bar {
		room -= leastBar + barAround
	}
	for len(clauses) > 1 && len(strings.Join(clauses, ", ")) > room {
		clauses = clauses[:len(clauses)-1]
	}
	text := strings.Join(clauses, ", ")
	if !bar {
		return text
	}
	size := max(min(width-len(text)-barAround, mostBar), 0)
	full := min(size*(p.Skipped+p.Succeeded+p.Failed)/p.Total, size)
	return "[" + strings.Repeat("=", full) + strings.Repeat(" ", size-full) + "] " + text
}

// progressText is all that there is to say.
func progressText(p batch.Progress) string { return strings.Join(progressClauses(p), ", ") }

// progressClauses begin with what matters most.
func progressClauses(p batch.Progress) []string {
	done := p.Skipped + p.Succeeded + p.Failed
	clauses := []string{spell.Count(done, "line")}
	if p.Total > 0 {
		clauses[0] = fmt.Sprintf("%d of %s (%d%%)", done, spell.Count(p.Total, "line"), 100*done/p.Total)
	}
	add := func(when bool, format string, args ...any) {
		if when {
			clauses = append(clauses, fmt.Sprintf(format, args...))
		}
	}
	add(p.Failed > 0, "%s", strings.TrimPrefix(failures(p.Failed, p.Failures), ", "))
	add(p.Left >= 0, "%s left", spell.Duration(roundUp(p.Left)))
	add(true, "%s", rate(p.Rate))
	if sessions := spell.Count(p.Sessions, "session"); p.Resting > 0 {
		add(true, "%s (%d waiting)", sessions, p.Resting)
	} else {
		add(true, "%s", sessions)
	}
	add(p.Retried > 0, "%d repeated", p.Retried)
	return clauses
}

// rate shows lines a second, or a minute where that is less than one.
func rate(perSecond float64) string {
	switch {
	case perSecond >= 10:
		return fmt.Sprintf("%.0f/s", perSecond)
	case perSecond >= 1:
		return fmt.Sprintf("%.1f/s", perSecond)
	}
	return fmt.Sprintf("%.1f/min", perSecond*60)
}

// batchMessages shows the events that concern the run. Those of one line are for -v, and
// remembered in failed.
func (a *app) batchMessages(failed *failedLines) func(batch.Event) {
	var slow sync.Once // of as many sessions as wait, the first is told
	return func(event batch.Event) {
		if e, ok := event.(batch.SlowNeighbour); ok {
			slow.Do(func() { a.messages.Info("no session yet, waiting: %v", e.Err) })
			return
		}
		if e, ok := event.(batch.LineFailed); ok {
			failed.add(e.Number)
		}
		a.batchEvent(event)
	}
}

func (a *app) batchEvent(event batch.Event) {
	switch e := event.(type) {
	case batch.LineFailed:
		if e.Bad {
			a.messages.Info("line %d cannot be fetched: %v", e.Number, e.Err)
		} else {
			a.messages.Trace(fmt.Sprintf("* line %d failed: %v", e.Number, e.Err))
		}
	case batch.SessionLost:
		a.messages.Trace(fmt.Sprintf("* session %s left the pool: %v", e.ID, e.Err))
	case batch.PoolShrunk:
		a.messages.Info("no more sessions are to be had, going on with %d: %v", e.Sessions, e.Err)
	case batch.Crowded:
		a.messages.Info("sending fewer requests at once: %v", e.Err)
	case batch.NoSession:
		a.messages.Info("no session yet, asking again: %v", e.Err)
	case batch.Adopted:
		a.messages.Info("going on with %s of the earlier run", spell.Count(e.Sessions, "session"))
	case batch.LeftAlone:
		a.messages.Info("%s of the earlier run left alone: %v", spell.Count(e.Sessions, "session"), e.Err)
	case batch.SessionKept:
		a.messages.Info("session %s could not be deleted: %v", e.ID, e.Err)
	case batch.SessionInDoubt:
		a.messages.Info("a session may be left at the service: %v", e.Err)
	case batch.Trouble:
		a.messages.Info("not written down: %v", e.Err)
	}
}

// batchRequestMessages shows those events of requests that the progress does not show.
func (a *app) batchRequestMessages() func(paced.Event) {
	tell := a.eventMessages()
	return func(event paced.Event) {
		switch event.(type) {
		case paced.PacedByID, paced.LedgerTrouble, paced.SessionNotDeleted:
			tell(event)
		}
	}
}
