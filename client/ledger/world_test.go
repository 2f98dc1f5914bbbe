package ledger

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// machine is one machine, or several, in virtual time: each process is a ledger at the
// same memory, or at the same Redis server. Use it inside a bubble.
type machine struct {
	t      *testing.T
	memory *memory
	server *miniredis.Miniredis // nil: memory
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

// slop is how much later than at its slot a request may go out on a server's clock.
const slop = 10 * time.Millisecond

// bubble runs a test at each store.
func bubble(t *testing.T, f func(t *testing.T, m *machine)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) { inMemory(t, f) })
	t.Run("redis", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			m := &machine{t: t, server: startServer(t)}
			must(t, m.process().Close()) // begins the epoch, in which every slot was used
			time.Sleep(48 * time.Hour)
			m.began, m.told = time.Now(), nil
			f(t, m)
		})
	})
}

// inMemory runs a test at a memory alone.
func inMemory(t *testing.T, f func(t *testing.T, m *machine)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f(t, &machine{t: t, began: time.Now(), memory: newMemory().(*process).memory})
	})
}

func (m *machine) process() *Ledger { return m.open(Options{}) }

func (m *machine) open(opts Options) *Ledger {
	m.t.Helper()
	opts.Notify = m.notify
	if m.server == nil {
		opts.now = bubbleClock
		return newLedger(m.memory.attach(), opts)
	}
	l, err := OpenRedis(m.t.Context(), atServer(m.server), "test", opts)
	must(m.t, err)
	m.t.Cleanup(func() { _ = l.Close() })
	return l
}

// each lets f change the records of a kind.
func (m *machine) each(k kind, f func(raw []byte) []byte) {
	if m.server != nil {
		for field, raw := range serverRecords(m.server, k) {
			m.server.HSet("smp:{test}", field, string(f([]byte(raw))))
		}
		return
	}
	m.memory.mu.Lock()
	defer m.memory.mu.Unlock()
	for r, c := range m.memory.cells {
		if r.kind == k && len(c.raw) > 0 {
			c.raw = f(c.raw)
		}
	}
}

// many is n, or less where processes cost more.
func (m *machine) many(n int) int {
	if m.server == nil {
		return n
	}
	return n / 3
}

// patience is how long it may take until a process that waits learns something.
func (m *machine) patience() time.Duration {
	if m.server == nil {
		return maxNap
	}
	return leaseRenew + maxNap
}

// near reports whether two times are as near to each other as the store allows.
func (m *machine) near(got, want time.Duration) bool {
	if m.server == nil {
		return got == want
	}
	return got-want < slop && want-got < slop
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

var anyWait = Pace{Delay: 12 * time.Second, Patience: NoLimit}

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
		case got[i].who != want[i].who || !m.near(got[i].at, want[i].at):
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
