package batch

import (
	"container/heap"
	"slices"
	"time"
)

// Bounds of how many workers of a large pool have a line whose request has not left yet.
// They connect, or stand by with a connection. Where thousands of sessions are ready at
// once, more of them would only wait for a processor, each with some 30 KB, and find no
// connection that another worker has released.
const (
	leastStarting = 32
	maxStarting   = 512
	// startsPerSecond is five times what the largest pool needs at the service's delay.
	startsPerSecond = 2000
	// slowStart is from when a start counts for the largest bound alone. It waits for its
	// slot, or for a host that nobody else should have to wait for. It is longer than any
	// dial that a smaller bound is made of.
	slowStart = maxStarting * time.Second / startsPerSecond
)

// mostStarting is the bound for a pool of so many workers. A start takes as long as a
// dial where no connection was released; dial is 0 where that is not known yet.
func mostStarting(pool int, dial time.Duration) int {
	if pool <= maxStarting {
		return maxStarting
	}
	return min(max(leastStarting, int(startsPerSecond*dial.Seconds())), maxStarting)
}

// schedule is the workers without a line. It gives them out in the order in which their
// sessions were ready.
type schedule struct {
	fresh    []*worker // ready, and never given a line
	idle     []*worker // ready
	resting  restHeap
	starting int       // given out, and their requests have not left yet
	starts   []*worker // of those, under a smaller bound, who are not slow; the longest first
}

// take returns a worker whose session is ready; nil for none. At most so many start at
// once, slow ones aside.
func (s *schedule) take(most int) *worker {
	if len(s.starts) >= most || s.starting >= maxStarting {
		return nil
	}
	w := takeFirst(&s.fresh)
	if w == nil {
		w = takeFirst(&s.idle)
	}
	if w != nil {
		w.starting = true
		s.starting++
		if most < maxStarting {
			w.since = time.Now()
			s.starts = append(s.starts, w)
		}
	}
	return w
}

func takeFirst(workers *[]*worker) *worker {
	if len(*workers) == 0 {
		return nil
	}
	w := (*workers)[0]
	(*workers)[0], *workers = nil, (*workers)[1:]
	return w
}

// ready is how many workers could be given a line, sooner or later, without a wait for
// their sessions.
func (s *schedule) ready() int { return len(s.fresh) + len(s.idle) }

// sent notes that the request of the worker's line has left, or never will.
func (s *schedule) sent(w *worker) {
	if w.starting {
		w.starting = false
		s.starting--
		if i := slices.Index(s.starts, w); i >= 0 {
			s.starts = slices.Delete(s.starts, i, i+1)
		}
	}
}

// leaveSlow lets others start in the place of those that are slow.
func (s *schedule) leaveSlow(now time.Time) {
	for len(s.starts) > 0 && !s.nextSlow().After(now) {
		s.starts = slices.Delete(s.starts, 0, 1)
	}
}

// nextSlow is when the next start will be slow; zero for none.
func (s *schedule) nextSlow() time.Time {
	if len(s.starts) == 0 {
		return time.Time{}
	}
	return s.starts[0].since.Add(slowStart)
}

// add takes a new worker in.
func (s *schedule) add(w *worker) { s.fresh = append(s.fresh, w) }

// put takes back a worker that was given out. It reports whether the worker rests.
func (s *schedule) put(w *worker) (rests bool) {
	if w.ready.IsZero() {
		s.idle = append(s.idle, w)
		return false
	}
	w.since = time.Now()
	heap.Push(&s.resting, w)
	return true
}

// wake makes those ready whose sessions are. rested is how long they waited in all.
func (s *schedule) wake(now time.Time) (woken int, rested time.Duration) {
	for len(s.resting) > 0 && !s.resting[0].ready.After(now) {
		w := heap.Pop(&s.resting).(*worker)
		rested += now.Sub(w.since)
		w.ready = time.Time{}
		s.idle = append(s.idle, w)
		woken++
	}
	return woken, rested
}

// next is when the next worker's session is ready; zero for none.
func (s *schedule) next() time.Time {
	if len(s.resting) == 0 {
		return time.Time{}
	}
	return s.resting[0].ready
}

// clear takes all workers out.
func (s *schedule) clear() []*worker {
	all := append(append(s.fresh, s.idle...), s.resting...)
	s.fresh, s.idle, s.resting = nil, nil, nil
	return all
}

// restHeap is workers by the time at which their sessions are ready.
type restHeap []*worker

func (h restHeap) Len() int           { return len(h) }
func (h restHeap) Less(i, j int) bool { return h[i].ready.Before(h[j].ready) }
func (h restHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push and Pop are for package heap.
func (h *restHeap) Push(x any) { *h = append(*h, x.(*worker)) }

// Pop removes the last element.
func (h *restHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return last
}
