package ledger

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

const defaultIdle = 30 * time.Minute

// Options of a ledger. The zero value is ready for use.
type Options struct {
	// Life is how the service ends sessions; its zero value means 30 minutes after the
	// last request, which Smart Proxy Manager's documentation states.
	Life Life
	// Notify is told of damaged records (*Damage) and of records that could
	// not be written where no error can be returned. It may be nil, and may
	// be called from several goroutines.
	Notify func(error)

	now   func() instant // nil: the system's clock
	clock clock          // of a store that has one
}

// Ledger is safe for concurrent use, and so are several on one directory.
type Ledger struct {
	store  store
	clock  clock
	life   Life
	notify func(error)
	seen   atomic.Pointer[recentRecord] // what the record of recent use said last

	recentMu sync.Mutex   // one asks that record at a time
	using    atomic.Int64 // until this instant it is being written to

	added   atomic.Int64 // sessions, from a random start on: most processes add one
	tidying sync.WaitGroup
}

// NewMemory returns a ledger that this process alone knows and that ends with it.
// It goes by time.Now, so it follows the clock of a testing/synctest bubble.
func NewMemory(opts Options) *Ledger {
	if opts.now == nil {
		opts.now = processClock()
	}
	return newLedger(newMemory(), opts)
}

// Open opens the ledger in dir, see Scope, and creates it with mode 0700 where
// it is missing. A directory that belongs to somebody else, that others may
// write to or that this user may not is a *StateError.
func Open(dir string, opts Options) (*Ledger, error) {
	d, err := openDisk(dir)
	if err != nil {
		return nil, err
	}
	return newLedger(d, opts), nil
}

func newLedger(s store, opts Options) *Ledger {
	l := &Ledger{store: s, life: opts.Life, notify: opts.Notify}
	if l.life == (Life{}) {
		l.life = Life{Idle: defaultIdle}
	}
	if l.notify == nil {
		l.notify = func(error) {}
	}
	l.added.Store(rand.Int64N(tidyRarely))
	switch {
	case opts.clock.now != nil:
		l.clock = opts.clock
	case opts.now != nil:
		l.clock = clock{now: opts.now}
	default:
		l.clock = systemClock()
	}
	return l
}

// Close takes back what this process announced of itself: its open tickets and
// sessions in use count as those of a dead process afterwards. It waits for what is
// being cleared away.
func (l *Ledger) Close() error {
	l.tidying.Wait()
	return l.store.close()
}

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
