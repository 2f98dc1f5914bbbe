package batch

import (
	"container/heap"
	"time"
)

// retries holds the work that is to be tried again, the first due on top. Of two
// that are due at once the earlier line goes first.
type retries []*task

func (r *retries) add(t *task) { heap.Push(r, t) }

// take gives the work that is due now; nil for none.
func (r *retries) take(now time.Time) *task {
	if len(*r) == 0 || (*r)[0].due.After(now) {
		return nil
	}
	return heap.Pop(r).(*task)
}

// next is when the first is due.
func (r retries) next() (due time.Time, ok bool) {
	if len(r) == 0 {
		return time.Time{}, false
	}
	return r[0].due, true
}

func (r retries) Len() int { return len(r) }

func (r retries) Less(i, j int) bool {
	if !r[i].due.Equal(r[j].due) {
		return r[i].due.Before(r[j].due)
	}
	return r[i].line.Number < r[j].line.Number
}

func (r retries) Swap(i, j int) { r[i], r[j] = r[j], r[i] }

// Push and Pop are for package heap.
func (r *retries) Push(x any) { *r = append(*r, x.(*task)) }

// Pop removes the last element.
func (r *retries) Pop() any {
	old := *r
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*r = old[:len(old)-1]
	return last
}
