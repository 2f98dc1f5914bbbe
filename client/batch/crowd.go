package batch

// crowd bounds how many lines are under way at once. There is no bound until the
// service refuses a request for the number of others; then it is one less than were
// under way, and it grows again, slowly, while all goes well.
type crowd struct {
	limit int // 0: none
	good  int // lines served since the limit last changed
	top   int // the limit at which there is none any more
}

// patience is how many lines, for each place, have to go well before one more is
// tried.
const patience = 10

func (c *crowd) admits(busy int) bool { return c.limit == 0 || busy < c.limit }

// refused learns that the service found busy requests, the refused one among them,
// too many. It says whether there was no bound before.
func (c *crowd) refused(busy int) (first bool) {
	first = c.limit == 0
	if first {
		c.top = busy
	}
	c.good = 0
	if bound := max(1, busy-1); first || bound < c.limit {
		c.limit = bound
	}
	return first
}

func (c *crowd) served() {
	if c.limit == 0 {
		return
	}
	if c.good++; c.good < patience*c.limit {
		return
	}
	c.good = 0
	if c.limit++; c.limit >= c.top {
		c.limit = 0
	}
}
