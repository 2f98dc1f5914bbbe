package mock

import (
	"cmp"
	"slices"
)

// maxWaiting bounds how many of the requests that are held are shown.
const maxWaiting = 1000

// hold notes that a request waits for its slot.
func (st *store) hold(n *node, e Entry) {
	st.mu.Lock()
	defer st.mu.Unlock()
	n.held++
	st.waiting[e.Request] = e
}

// rehold notes the new slot of a request that waits.
func (st *store) rehold(e Entry) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.waiting[e.Request] = e
}

// release ends what hold began.
func (st *store) release(n *node, e Entry) {
	st.mu.Lock()
	defer st.mu.Unlock()
	n.held--
	delete(st.waiting, e.Request)
}

// held lists the requests that wait, by their slots. The lock is held.
func (st *store) held() []Entry {
	all := make([]Entry, 0, len(st.waiting))
	for _, e := range st.waiting {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b Entry) int { return cmp.Or(a.Slot.Compare(b.Slot), cmp.Compare(a.Request, b.Request)) })
	return all[:min(len(all), maxWaiting)]
}
