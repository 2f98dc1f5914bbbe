package mock

import (
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	eventPause     = 200 * time.Millisecond // at least, between two events: a page looks at all that came meanwhile
	eventHeartbeat = 15 * time.Second       // finds clients that left without a word
)

// watchers are those who want to hear that something changed. The zero value
// has none. It is safe for concurrent use.
type watchers struct {
	mu  sync.Mutex
	all map[chan struct{}]struct{}
}

// join returns a channel that holds something when there was a change since it
// was last read. It ends with leave.
func (w *watchers) join() (change <-chan struct{}, leave func()) {
	c := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = make(map[chan struct{}]struct{})
	}
	w.all[c] = struct{}{}
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.all, c)
	}
}

// changed tells all watchers and waits for none.
func (w *watchers) changed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.all {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// getEvents sends server-sent events: an event "change" at the start and
// whenever the state or the journal may have changed. The event's data is the
// number of the journal's newest entry.
func (s *Server) getEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	change, leave := s.watchers.join()
	defer leave()
	event := s.changeEvent()
	for {
		_, err := io.WriteString(w, event)
		if err != nil || http.NewResponseController(w).Flush() != nil {
			return
		}
		if !s.pause(r, eventPause) {
			return
		}
		event = ":\n\n" // a comment
		select {
		case <-change:
			event = s.changeEvent()
		case <-time.After(eventHeartbeat):
		case <-r.Context().Done():
			return
		case <-s.connQueue.closed:
			return
		}
	}
}

func (s *Server) changeEvent() string {
	return "event: change\ndata: " + strconv.FormatInt(s.journal.newest(), 10) + "\n\n"
}

// pause waits that long in real time, and says false if the client or the mock
// has gone.
func (s *Server) pause(r *http.Request, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-r.Context().Done():
	case <-s.connQueue.closed:
	}
	return false
}
