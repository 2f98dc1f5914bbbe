package progress

import (
	"strings"
	"sync"
	"time"

	"smp/client/batch"
	"smp/commands/term"
)

const (
	statusEvery = 200 * time.Millisecond // for the status line
	lineEvery   = 10 * time.Second       // for lines of a log
)

// BatchWatch shows how far a batch is: as the status line of a terminal, else as a line
// every ten seconds.
type BatchWatch struct {
	messages *term.Messages
	batch    *batch.Batch
	ended    chan struct{}
	wait     sync.WaitGroup
}

// WatchBatch begins to show how far b is. The caller stops it.
func WatchBatch(m *term.Messages, b *batch.Batch) *BatchWatch {
	w := &BatchWatch{messages: m, batch: b, ended: make(chan struct{})}
	w.wait.Go(w.run)
	return w
}

// Stop ends the watch and removes the status line.
func (w *BatchWatch) Stop() {
	close(w.ended)
	w.wait.Wait()
	w.messages.ClearStatus()
}

func (w *BatchWatch) run() {
	every := lineEvery
	if w.messages.ShowsStatus() {
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

func (w *BatchWatch) tell(p batch.Progress) {
	if w.messages.ShowsStatus() {
		w.messages.SetStatus(progressLine(p, w.messages.Columns()-1), strings.TrimPrefix(failures(p.Failed, p.Failures), ", "))
	} else {
		w.messages.Info("%s", progressText(p))
	}
}
