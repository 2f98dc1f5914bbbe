package mock

import (
	"math/rand/v2"
	"slices"
	"sync"
)

// faults are the active ones, in the order in which they were armed. The first
// that matches a request is injected into it.
type faults struct {
	initial []Fault
	seed    int64

	mu     sync.Mutex
	rng    *rand.Rand
	active []*ActiveFault
}

// ActiveFault is an armed fault.
type ActiveFault struct {
	Fault
	Left int `json:"left,omitempty"` // requests that it will still hit, 0 is without end
}

func newFaults(initial []Fault, seed int64) (*faults, error) {
	for i := range initial {
		if err := initial[i].validate(); err != nil {
			return nil, err
		}
	}
	f := &faults{initial: slices.Clone(initial), seed: seed}
	f.reset()
	return f, nil
}

// reset arms what was armed at the start, and nothing else.
func (f *faults) reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rng = rand.New(rand.NewPCG(uint64(f.seed), 2))
	f.active = nil
	f.add(f.initial)
}

func (f *faults) arm(more []Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.add(more)
}

func (f *faults) add(more []Fault) {
	for _, fault := range more {
		f.active = append(f.active, &ActiveFault{Fault: fault, Left: fault.Count})
	}
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.active = nil
}

func (f *faults) list() []ActiveFault {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]ActiveFault, len(f.active))
	for i, one := range f.active {
		all[i] = *one
	}
	return all
}

// draw decides which fault, if any, hits a request of that kind.
func (f *faults) draw(kind string) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, one := range f.active {
		if !one.matches(kind) || one.Rate > 0 && f.rng.Float64() >= one.Rate {
			continue
		}
		if one.Count > 0 {
			if one.Left--; one.Left == 0 {
				f.active = slices.Delete(f.active, i, i+1)
			}
		}
		hit := one.Fault
		return &hit
	}
	return nil
}
