package mock

import (
	"math"
	"sync"
	"time"
)

// clock is the service's own time: it runs scale times as fast as real time
// and can be pushed forward. It reads nothing but time.Now, so that it works in
// a testing/synctest bubble.
type clock struct {
	scale float64

	mu       sync.Mutex
	start    time.Time
	advanced time.Duration
	moved    chan struct{} // closed, and replaced, whenever the clock jumps
}

func newClock(scale float64) *clock {
	return &clock{scale: scale, start: time.Now(), moved: make(chan struct{})}
}

// at is the service's time at a real moment.
func (c *clock) at(real time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.start.Add(c.service(real.Sub(c.start)) + c.advanced)
}

func (c *clock) now() time.Time { return c.at(time.Now()) }

// service turns a real duration into one of the service's.
func (c *clock) service(d time.Duration) time.Duration {
	return time.Duration(float64(d) * c.scale)
}

// real turns a duration of the service's into a real one, rounded up. A sleep
// of that length never ends before the service's time has come.
func (c *clock) real(d time.Duration) time.Duration {
	return time.Duration(math.Ceil(float64(d) / c.scale))
}

// maxAdvance bounds all advances together: a time.Duration ends at 292 years, and time
// must not go back there.
const maxAdvance = 100 * 365 * 24 * time.Hour

// advance pushes the clock forward and wakes every sleeper. It reports whether the
// clock may go so far.
func (c *clock) advance(d time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d > maxAdvance-c.advanced {
		return false
	}
	c.advanced += d
	close(c.moved)
	c.moved = make(chan struct{})
	return true
}

// jump is closed at the clock's next jump.
func (c *clock) jump() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.moved
}

// sleep waits until the service's time t and reports whether t was reached. A
// close of either channel ends the wait early.
func (c *clock) sleep(t time.Time, gone, closed <-chan struct{}) bool {
	return c.follow(func() (time.Time, <-chan struct{}) { return t, nil }, gone, closed)
}

// follow is sleep until a time that may move: the channel that until returns is
// closed when it does.
func (c *clock) follow(until func() (time.Time, <-chan struct{}), gone, closed <-chan struct{}) bool {
	for {
		jump := c.jump()
		t, moved := until()
		left := t.Sub(c.now())
		if left <= 0 {
			return true
		}
		timer := time.NewTimer(c.real(left))
		select {
		case <-timer.C:
		case <-jump:
		case <-moved:
		case <-gone:
			timer.Stop()
			return false
		case <-closed:
			timer.Stop()
			return false
		}
		timer.Stop()
	}
}
