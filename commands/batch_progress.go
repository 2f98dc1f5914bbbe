package commands

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"smp/client/batch"
	"smp/client/paced"
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
		w.app.messages.SetStatus(progressLine(p, w.app.messages.Columns()-1))
	} else {
		w.app.messages.Info("%s", progressText(p))
	}
}

// Bounds of the bar, brackets left out.
const (
	leastBar = 8
	mostBar  = 30
)

// progressLine is progressText behind a bar, if width has room for one.
func progressLine(p batch.Progress, width int) string {
	text := progressText(p)
	room := min(width-len(text)-3, mostBar)
	if p.Total == 0 || room < leastBar {
		return text
	}
	full := room * (p.Skipped + p.Succeeded + p.Failed) / p.Total
	full = min(full, room)
	return "[" + strings.Repeat("=", full) + strings.Repeat(" ", room-full) + "] " + text
}

// progressText begins with what matters most: a narrow terminal cuts the end.
func progressText(p batch.Progress) string {
	done := p.Skipped + p.Succeeded + p.Failed
	var b strings.Builder
	if p.Total > 0 {
		fmt.Fprintf(&b, "%d of %d lines (%d%%)", done, p.Total, 100*done/p.Total)
	} else {
		fmt.Fprintf(&b, "%d lines", done)
	}
	b.WriteString(failures(p.Failed, p.Failures))
	if p.Left >= 0 {
		b.WriteString(", " + roundUp(p.Left).String() + " left")
	}
	b.WriteString(", " + rate(p.Rate))
	fmt.Fprintf(&b, ", %d sessions", p.Sessions)
	if p.Resting > 0 {
		fmt.Fprintf(&b, " (%d waiting)", p.Resting)
	}
	return b.String() + counted(p.Retried, " repeated")
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

// batchEvent shows an event that concerns the run. Those of one line are for -v.
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
		a.messages.Info("going on with %d sessions of the earlier run", e.Sessions)
	case batch.LeftAlone:
		a.messages.Info("%d sessions of the earlier run are left alone: %v", e.Sessions, e.Err)
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
		case paced.KeyIsID, paced.LedgerTrouble, paced.Kept:
			tell(event)
		}
	}
}
