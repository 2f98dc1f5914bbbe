package ledger

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// memory is a store for one process. In tests several ledgers share one, each
// through a process of its own.
type memory struct {
	mu        sync.Mutex
	cells     map[ref]*cell
	processes map[owner]*process
	last      owner
}

// cell is one record. Its lock is a channel so that waiting for it can end with
// a context.
type cell struct {
	lock chan struct{}
	raw  []byte // guarded by memory.mu; replaced and never changed
}

// process is one user of a memory.
type process struct {
	*memory
	id   owner
	uses map[string]int // guarded by memory.mu
}

func newMemory() store {
	return (&memory{cells: map[ref]*cell{}, processes: map[owner]*process{}}).attach()
}

func (m *memory) attach() *process {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last++
	s := &process{memory: m, id: m.last, uses: map[string]int{}}
	m.processes[s.id] = s
	return s
}

func (m *memory) cell(r ref) *cell {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.cells[r]
	if c == nil {
		c = &cell{lock: make(chan struct{}, 1)}
		m.cells[r] = c
	}
	return c
}

func (m *memory) edit(ctx context.Context, edits ...edit) error {
	for _, e := range edits {
		if err := m.editOne(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) editOne(ctx context.Context, e edit) error {
	order := slices.SortedFunc(slices.Values(e.refs), func(a, b ref) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.key, b.key))
	})
	held := map[ref]*lockedCell{}
	for _, r := range order {
		h, err := m.lock(ctx, r, lockLimit)
		if err != nil {
			return err
		}
		defer h.release()
		held[r] = h
	}
	raw, _ := m.peek(slices.Concat(e.refs, e.beside)...) // never fails
	for i, c := range e.f(raw) {
		_ = held[e.refs[i]].change(c) // nor does this
	}
	return nil
}

func (m *memory) guard(ctx context.Context, r ref) (guard, error) {
	h, err := m.lock(ctx, r, NoLimit)
	if err != nil {
		return nil, err
	}
	return h, nil
}

func (m *memory) lock(ctx context.Context, r ref, limit time.Duration) (*lockedCell, error) {
	c := m.cell(r)
	select {
	case c.lock <- struct{}{}:
		return &lockedCell{m, c}, nil
	default:
	}
	var late <-chan time.Time
	if limit >= 0 {
		late = time.After(limit)
	}
	select {
	case c.lock <- struct{}{}:
		return &lockedCell{m, c}, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-late:
		return nil, &StateError{"lock", string(r.kind) + " " + r.key, errBusy}
	}
}

func (m *memory) peek(refs ...ref) ([][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	raw := make([][]byte, len(refs))
	for i, r := range refs {
		if c := m.cells[r]; c != nil {
			raw[i] = c.raw
		}
	}
	return raw, nil
}

func (m *memory) list(k kind, f func(raw []byte)) error {
	m.mu.Lock()
	var all [][]byte
	for r, c := range m.cells {
		if r.kind == k && len(c.raw) > 0 {
			all = append(all, c.raw)
		}
	}
	m.mu.Unlock()
	for _, raw := range all {
		f(raw)
	}
	return nil
}

func (m *memory) sample(k kind, n int, f func(raw []byte)) error {
	return m.list(k, func(raw []byte) { // in random order, as a map is
		if n--; n >= 0 {
			f(raw)
		}
	})
}

// lockedCell is a cell under its lock.
type lockedCell struct {
	m *memory
	c *cell
}

func (h *lockedCell) raw() []byte {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	return h.c.raw
}

func (h *lockedCell) change(c change) error {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	switch c.action {
	case save:
		h.c.raw = bytes.Clone(c.raw)
	case drop:
		h.c.raw = nil
	}
	return nil
}

func (h *lockedCell) release() { <-h.c.lock }

func (p *process) owner() (owner, error) { return p.id, nil }

func (p *process) alive(o owner) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.processes[o] != nil
}

func (p *process) announceUse(id string) (func(), error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.uses[id]++
	return sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.uses[id]--; p.uses[id] == 0 {
			delete(p.uses, id)
		}
	}), nil
}

func (p *process) inUse() (map[string]bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	used := map[string]bool{}
	for _, other := range p.processes {
		for id := range maps.Keys(other.uses) {
			used[id] = true
		}
	}
	return used, nil
}

// close detaches the process, which is also how a test kills one.
func (p *process) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.processes, p.id)
	return nil
}
