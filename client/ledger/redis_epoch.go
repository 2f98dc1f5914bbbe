package ledger

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// An epoch is the time in which a server has lost nothing. It is written "RUN SINCE
// NONCE": the run id of the server's process and the microsecond of its beginning
// come first. It stands in both hashes. A server that was restarted, or took over
// from another, has another run id and may have lost writes; one that was emptied has
// no epoch. Whoever finds that begins another epoch, and every IP then counts as
// used when that began.

// ResetError says that the ledger may have lost what it knew.
type ResetError struct {
	Server string
	New    bool // nothing was there
}

func (e *ResetError) Error() string {
	what := "was restarted or has taken over"
	if e.New {
		what = "is new, or has lost what it knew"
	}
	return fmt.Sprintf("the ledger at %s %s: every outgoing IP counts as used just now", e.Server, what)
}

func (s *redisStore) currentEpoch() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.epoch
}

// enterEpoch goes by the epoch that was found, or begins another.
func (s *redisStore) enterEpoch(c *redisConn, found string) error {
	for {
		if run, since, ok := parseEpoch(found); ok && run == c.runID {
			s.adopt(found, since)
			return nil
		}
		begun := s.clock.latest()
		next := fmt.Sprintf("%s %d %s", c.runID, int64(begun)/int64(time.Microsecond)+1, rand.Text())
		v, err := c.Do("EVALSHA", s.args(redisCall{epoch: next}, c.script, found, leaseArgs{})...)
		reply, err := parseReply(v, err)
		if err != nil {
			return err
		}
		if reply.state == "ok" {
			s.notify(&ResetError{Server: s.server.String(), New: found == ""})
			found = next
			continue
		}
		found = reply.epoch // somebody was faster
	}
}

// begin goes by what the greeting said of time and epoch, which saves a round trip.
func (s *redisStore) begin(ctx context.Context) error {
	called := s.clock.local()
	err := s.conns.use(ctx, func(c *redisConn) error {
		s.clock.observe(called, s.clock.local(), c.time)
		found := c.epochs[0]
		if c.epochs[1] != found {
			found = ""
		}
		return s.enterEpoch(c, found)
	})
	if err != nil {
		return s.failed(ctx, err)
	}
	return nil
}

func parseEpoch(epoch string) (run string, since instant, ok bool) {
	parts := strings.Fields(epoch)
	if len(parts) != 3 {
		return "", 0, false
	}
	micros, err := strconv.ParseInt(parts[1], 10, 64)
	return parts[0], instant(micros * int64(time.Microsecond)), err == nil
}

func (s *redisStore) adopt(epoch string, since instant) {
	s.mu.Lock()
	s.epoch = epoch
	clear(s.known)
	s.mu.Unlock()
	s.clock.since.Store(int64(since))
	s.forgetLeases()
}
