package ledger

import (
	"bytes"
	"context"
	"maps"
	"sync"
	"time"
)

// memory is a store for one process. Several ledgers may share one in tests,
// each through a seat of its own, as processes share a directory.
type memory struct {
	mu    sync.Mutex
	cells map[cellKey]*cell
	seats map[owner]*seat
	last  owner
}

type cellKey struct {
	kind kind
	key  string
}

// cell is one record. Its lock is a channel so that waiting for it can end with
// a context.
type cell struct {
	lock chan struct{}
	raw  []byte // guarded by memory.mu
}

// seat is one process at a memory.
type seat struct {
	*memory
	id   owner
	uses map[string]int // guarded by memory.mu
}

func newMemory() store {
	return (&memory{cells: map[cellKey]*cell{}, seats: map[owner]*seat{}}).sit()
}

func (m *memory) sit() *seat {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last++
	s := &seat{memory: m, id: m.last, uses: map[string]int{}}
	m.seats[s.id] = s
	return s
}

func (m *memory) cell(k kind, key string) *cell {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.cells[cellKey{k, key}]
	if c == nil {
		c = &cell{lock: make(chan struct{}, 1)}
		m.cells[cellKey{k, key}] = c
	}
	return c
}

func (m *memory) lock(ctx context.Context, k kind, key string, limit time.Duration) (held, error) {
	c := m.cell(k, key)
	select {
	case c.lock <- struct{}{}:
		return &heldCell{m, c}, nil
	default:
	}
	var late <-chan time.Time
	if limit > 0 {
		late = time.After(limit)
	}
	select {
	case c.lock <- struct{}{}:
		return &heldCell{m, c}, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-late:
		return nil, &StateError{"lock", string(k) + " " + key, errBusy}
	}
}

func (m *memory) peek(k kind, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.cells[cellKey{k, key}]; c != nil {
		return c.raw, nil
	}
	return nil, nil
}

func (m *memory) list(k kind, f func(raw []byte)) error {
	m.mu.Lock()
	var all [][]byte
	for key, c := range m.cells {
		if key.kind == k && len(c.raw) > 0 {
			all = append(all, c.raw)
		}
	}
	m.mu.Unlock()
	for _, raw := range all {
		f(raw)
	}
	return nil
}

// heldCell replaces the bytes and never changes them, so that those who peeked
// may keep them.
type heldCell struct {
	m *memory
	c *cell
}

func (h *heldCell) raw() []byte {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	return h.c.raw
}

func (h *heldCell) write(raw []byte) error {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	h.c.raw = bytes.Clone(raw)
	return nil
}

func (h *heldCell) remove() error { return h.write(nil) }

func (h *heldCell) unlock() { <-h.c.lock }

func (s *seat) owner() (owner, error) { return s.id, nil }

func (s *seat) alive(o owner) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seats[o] != nil
}

func (s *seat) hold(id string) (func(), error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.uses[id]++
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.uses[id]--; s.uses[id] == 0 {
			delete(s.uses, id)
		}
	}), nil
}

func (s *seat) inUse() (map[string]bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	used := map[string]bool{}
	for _, other := range s.seats {
		for id := range maps.Keys(other.uses) {
			used[id] = true
		}
	}
	return used, nil
}

// close empties the seat, which is also how a test kills a process.
func (s *seat) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.seats, s.id)
	return nil
}
