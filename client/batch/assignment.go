package batch

// assignment is a line that a worker is to fetch.
type assignment struct {
	worker *worker
	task   *task
}

// mostFree is how many goroutines wait for another assignment. A goroutine that is
// new grows its stack with each line, which takes a tenth of the time of small ones.
const mostFree = 64

// assign gives an assignment to a goroutine that has ended one, else to a new one.
func (d *dispatcher) assign(a assignment) {
	last := len(d.free) - 1
	if last < 0 {
		go d.serve(a)
		return
	}
	d.free[last] <- a // has room for one
	d.free = d.free[:last]
}

// serve fetches line after line, for whichever workers, until assigned is closed or the
// run is over.
func (d *dispatcher) serve(a assignment) {
	assigned := make(chan assignment, 1)
	for more := true; more; a, more = <-assigned {
		e := a.worker.do(d, a.task)
		e.free = assigned
		d.events <- e
		select {
		case <-d.over: // perhaps nobody takes the event any more
			return
		default:
		}
	}
}

// release has a goroutine wait for another assignment, or end.
func (d *dispatcher) release(assigned chan<- assignment) {
	if len(d.free) == mostFree {
		close(assigned)
		return
	}
	d.free = append(d.free, assigned)
}
