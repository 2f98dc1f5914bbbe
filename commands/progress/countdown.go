package progress

import (
	"fmt"
	"sync"
	"time"

	"smp/client/spell"
	"smp/commands/term"
)

const (
	leastShownWait  = time.Second      // for a countdown on a terminal
	leastLoggedWait = 10 * time.Second // for a line in a log
)

// countdown shows a wait: in the status line of a terminal, else as one line if it is
// long. It is safe for concurrent use.
type countdown struct {
	messages *term.Messages

	mu    sync.Mutex
	last  time.Duration // what was left when last told
	shown bool
}

// update says that what is waited for will be there in left. It is called about once
// a second; a left that grows is a new wait.
func (c *countdown) update(left time.Duration, what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	begins := left > c.last
	c.last = left
	if begins {
		c.shown = left > leastShownWait
		if left > leastLoggedWait && !c.messages.ShowsStatus() {
			c.messages.Info("waiting %s for %s", spell.Seconds(left), what)
		}
	}
	if c.shown {
		c.messages.SetStatus(fmt.Sprintf("smp: waiting %s for %s", spell.Seconds(left), what), "")
	}
}
