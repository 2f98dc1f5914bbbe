package batch

import (
	"cmp"
	"context"
	"time"
)

// abandonTime is how long workers may take to end after their requests were given up.
// A worker that takes longer hangs in a write that nobody reads.
const abandonTime = time.Second

// shutDown waits for the workers to end. Their last events are counted, but nothing
// follows from them.
func (d *dispatcher) shutDown() {
	d.stop(cmp.Or(d.problem, errOver))
	close(d.over)
	defer func() {
		for _, assigned := range d.free {
			close(assigned)
		}
	}()
	abandon := make(chan struct{})
	context.AfterFunc(d.hard, func() {
		time.AfterFunc(abandonTime, func() { close(abandon) })
	})
	for {
		for _, w := range d.workers.clear() {
			d.end(w)
		}
		if d.busy+d.leaving+d.growth.asking()+d.growth.waiting+d.made.enlisting == 0 {
			return
		}
		select {
		case e := <-d.events:
			d.handle(e)
		case <-abandon:
			return
		}
	}
}

// end takes a worker out of the pool when the run is over.
func (d *dispatcher) end(w *worker) {
	w.Close()
	d.pool.remove(w.poolSession, errOver)
	d.growth.workers--
	d.count.workers(-1)
	if !w.ready.IsZero() {
		d.count.resting(-1)
	}
}
