package mock

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestClockScalesAndAdvances(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClock(60)
		start := c.now()
		time.Sleep(time.Second)
		if got := c.now().Sub(start); got != time.Minute {
			t.Errorf("a second is %v of the service's", got)
		}
		c.advance(time.Hour)
		if got := c.now().Sub(start); got != time.Hour+time.Minute {
			t.Errorf("after an advance of an hour it is %v later", got)
		}
		if got := c.real(time.Minute); got != time.Second {
			t.Errorf("a minute of the service's is %v", got)
		}
	})
}

func TestClockSleep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClock(12)
		began, gone, closed := time.Now(), make(chan struct{}), make(chan struct{})
		until := c.now().Add(12 * time.Second)
		if !c.sleep(until, gone, closed) || c.now().Before(until) || time.Since(began) > time.Second+time.Microsecond {
			t.Errorf("slept %v instead of a second", time.Since(began))
		}
		if !c.sleep(c.now(), gone, closed) {
			t.Error("a moment that has come is no sleep")
		}
		time.AfterFunc(time.Second, func() { c.advance(11 * time.Second) })
		began = time.Now()
		if !c.sleep(c.now().Add(24*time.Second), gone, closed) || time.Since(began).Round(time.Millisecond) != 1083*time.Millisecond {
			t.Errorf("an advance in the middle: slept %v", time.Since(began))
		}
		for _, end := range []chan struct{}{gone, closed} {
			time.AfterFunc(time.Second, func() { close(end) })
			began = time.Now()
			if c.sleep(c.now().Add(time.Hour), gone, closed) || time.Since(began) != time.Second {
				t.Errorf("slept on for %v", time.Since(began))
			}
			gone = make(chan struct{})
		}
	})
}
