package relay

import (
	"context"
	"sync"
)

// turns orders the requests that wait for one session's slots. The ledger serves
// first come, first served, so only one request of a session at a time may reserve.
// Those behind it wait here, pages before data before static files.
//
// It is safe for concurrent use.
type turns struct {
	mu    sync.Mutex
	lines map[string]*line // by session
}

// line is the queue of one session.
type line struct {
	waiting [kinds][]chan struct{} // each closed when its turn comes
}

func newTurns() *turns { return &turns{lines: map[string]*line{}} }

// take waits for the session's turn and returns what ends it, which may be called
// more than once. A request whose context ends leaves the queue.
func (t *turns) take(ctx context.Context, session string, kind Kind) (end func(), err error) {
	mine := t.join(session, kind)
	end = sync.OnceFunc(func() { t.next(session) })
	if mine == nil {
		return end, nil
	}
	select {
	case <-mine:
		return end, nil
	case <-ctx.Done():
		if !t.leave(session, kind, mine) {
			end() // the turn came at the same time
		}
		return nil, context.Cause(ctx)
	}
}

// join enters the queue. It returns nil where the turn is there at once.
func (t *turns) join(session string, kind Kind) chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	l, busy := t.lines[session]
	if !busy {
		t.lines[session] = &line{}
		return nil
	}
	mine := make(chan struct{})
	l.waiting[kind] = append(l.waiting[kind], mine)
	return mine
}

// next gives the turn to the first of the most urgent kind.
func (t *turns) next(session string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.lines[session]
	for kind, queue := range l.waiting {
		if len(queue) > 0 {
			l.waiting[kind] = queue[1:]
			close(queue[0])
			return
		}
	}
	delete(t.lines, session)
}

// leave says false where the turn had come already.
func (t *turns) leave(session string, kind Kind, mine chan struct{}) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	queue := t.lines[session].waiting[kind]
	for i, waiting := range queue {
		if waiting == mine {
			t.lines[session].waiting[kind] = append(queue[:i:i], queue[i+1:]...)
			return true
		}
	}
	return false
}
