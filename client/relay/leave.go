package relay

import (
	"context"
	"errors"
	"net"
	"time"
)

// leftEvery is how often the system is asked for the client of a request that waits.
const leftEvery = time.Second

var errLeft = errors.New("the client has left")

// watchClient calls giveUp when the client at the other end of c leaves, unless stop was
// called before. It is for a request whose body waits at its client: net/http notices who
// leaves only behind the end of a body.
func watchClient(c net.Conn, giveUp context.CancelCauseFunc) (stop context.CancelFunc) {
	ctx, stop := context.WithCancel(context.Background())
	if _, gone := sameUser(c); gone { // or of another machine: the system never knew it
		return stop
	}
	go func() {
		ticker := time.NewTicker(leftEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
			if _, gone := sameUser(c); gone {
				giveUp(errLeft)
				return
			}
		}
	}()
	return stop
}
