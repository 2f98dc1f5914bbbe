package ledger

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// machine is one machine in virtual time: each process is a ledger at the same
// memory. Use it inside a bubble.
type machine struct {
	t      *testing.T
	memory *memory
	began  time.Time

	mu     sync.Mutex
	events []event
	told   []error
}

// event is a request sent, at a time since the machine began.
type event struct {
	who int
	at  time.Duration
}

func bubble(t *testing.T, f func(t *testing.T, m *machine)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := &machine{t: t, began: time.Now(), memory: newMemory().(*process).memory}
		f(t, m)
	})
}

func (m *machine) process() *Ledger {
	return newLedger(m.memory.attach(), Options{now: bubbleClock, Notify: m.notify})
}

func bubbleClock() instant { return instant(time.Now().UnixNano()) }

func (m *machine) notify(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.told = append(m.told, err)
}

func (m *machine) since() time.Duration { return time.Since(m.began) }

// request is one request: it is reserved at once, and sent in its own time.
type request struct {
	who     int
	session string
	Pace
	latency  time.Duration // until the first byte
	feedback Feedback
}

var patient = Wait{Max: -1}

var anyWait = Pace{Delay: 12 * time.Second, MaxWait: -1}

// send runs a request to its end, in this goroutine.
func (m *machine) send(l *Ledger, r request) error {
	ticket, err := l.Reserve(r.session, r.Pace)
	if err != nil {
		return err
	}
	return m.finish(ticket, r)
}

func (m *machine) finish(ticket *Ticket, r request) error {
	defer ticket.Cancel()
	if err := ticket.Start(context.Background(), nil); err != nil {
		return err
	}
	m.mu.Lock()
	m.events = append(m.events, event{r.who, m.since()})
	m.mu.Unlock()
	time.Sleep(r.latency)
	ticket.FirstByte()
	return ticket.Done(r.feedback)
}

// spawn reserves now, and sends from a process of its own.
func (m *machine) spawn(r request) *Ledger {
	m.t.Helper()
	l := m.process()
	ticket, err := l.Reserve(r.session, r.Pace)
	if err != nil {
		m.t.Fatal(err)
	}
	go func() {
		if err := m.finish(ticket, r); err != nil {
			m.t.Error(err)
		}
	}()
	return l
}

// sent are the requests sent so far.
func (m *machine) sent() []event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]event(nil), m.events...)
}

// wantSent compares who sent when, in order.
func (m *machine) wantSent(want ...event) {
	m.t.Helper()
	got := m.sent()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			m.t.Errorf("request %d is missing, want %v", i, want[i])
		case i >= len(want):
			m.t.Errorf("request %d is %v, want none", i, got[i])
		case got[i] != want[i]:
			m.t.Errorf("request %d is %v, want %v", i, got[i], want[i])
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr[E error](t *testing.T, err error) E {
	t.Helper()
	var want E
	if !errors.As(err, &want) {
		t.Fatalf("error is %v, want a %T", err, want)
	}
	return want
}
