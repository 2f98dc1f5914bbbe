package ledger

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"
)

const (
	lives  kind = "lives"  // by owner: when its lease ends, in microseconds
	uses   kind = "uses"   // by owner and bucket: sessions that it uses
	guards kind = "guards" // by guarded record: the owner that holds it
)

const (
	leaseTime  = 15 * time.Second
	leaseRenew = 5 * time.Second
	flushAfter = 50 * time.Millisecond // what is announced waits so long for a call to go with
	useBuckets = 64
)

// redisPresence shows that this process lives, by a lease that it renews. Each call
// of the script renews it; a process that makes none does so every five seconds while
// it uses a session or holds a guard. An owner that was stopped for longer, or cut
// off, is another owner when it is back. Nothing is then done any more by the old
// one's right.
type redisPresence struct {
	store *redisStore

	pmu     sync.Mutex
	id      owner // 0: none
	begun   bool  // the lease was written
	ends    instant
	buckets [useBuckets]map[string]struct{}
	uses    map[string]int
	held    int              // guards
	pending map[int]struct{} // buckets that are to be written
	timer   *time.Timer
	leases  map[owner]instant // of others, as far as known
	closed  bool
}

func (p *redisPresence) owner() (owner, error) {
	p.pmu.Lock()
	defer p.pmu.Unlock()
	if p.id != 0 && p.begun && p.store.clock.latest() >= p.ends {
		p.renounce()
	}
	p.become()
	return p.id, nil
}

// present is the owner that this process is, 0 for none.
func (p *redisPresence) present() owner {
	p.pmu.Lock()
	defer p.pmu.Unlock()
	return p.id
}

// become makes this process an owner, unless it is one.
func (p *redisPresence) become() {
	if p.id != 0 {
		return
	}
	p.id, p.begun, p.pending = owner(rand.Uint64()|1), false, map[int]struct{}{}
	for i, bucket := range p.buckets {
		if len(bucket) > 0 {
			p.pending[i] = struct{}{}
		}
	}
}

func (p *redisPresence) renounce() { p.id, p.begun = 0, false }

// lapsed takes note that the server counts this process as dead.
func (p *redisPresence) lapsed() {
	p.pmu.Lock()
	defer p.pmu.Unlock()
	if p.begun {
		p.renounce()
		p.become()
	}
}

func (p *redisPresence) forgetLeases() {
	p.pmu.Lock()
	defer p.pmu.Unlock()
	clear(p.leases)
}

// callAfter has the lease renewed, and what is pending written, unless a call comes
// first.
func (p *redisPresence) callAfter(d time.Duration) {
	if p.closed {
		return
	}
	if p.timer == nil {
		p.timer = time.AfterFunc(d, p.renew)
	} else if d < leaseRenew {
		p.timer.Reset(d)
	}
}

func (p *redisPresence) renew() {
	p.pmu.Lock()
	p.timer = nil
	needed := !p.closed && p.id != 0 && (len(p.uses) > 0 || p.held > 0 || len(p.pending) > 0)
	p.pmu.Unlock()
	if !needed {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), leaseTime)
	defer cancel()
	_, err := p.store.exchange(ctx, redisCall{}) // a failure shows where something depends on it
	p.pmu.Lock()
	defer p.pmu.Unlock()
	if err != nil || len(p.uses) > 0 || p.held > 0 {
		p.callAfter(leaseRenew)
	}
}

// alive asks for another's lease only when the one that was seen has ended. Who cannot
// be asked for lives.
func (p *redisPresence) alive(o owner) bool {
	p.pmu.Lock()
	ends, now := p.leases[o], p.store.clock.now()
	self := o == p.id
	p.pmu.Unlock()
	if self || ends > now {
		return true
	}
	r := ref{lives, strconv.FormatUint(uint64(o), 10)}
	raws, err := p.store.peek(r)
	if err != nil {
		return true
	}
	ends = leaseEnd(raws[0])
	p.pmu.Lock()
	defer p.pmu.Unlock()
	if len(p.leases) > 10_000 {
		clear(p.leases)
	}
	p.leases[o] = ends
	return ends > p.store.clock.now()
}

// endLease gives up the lease. Nobody waits for the answer.
func (p *redisPresence) endLease() {
	p.pmu.Lock()
	p.closed = true
	if p.timer != nil {
		p.timer.Stop()
	}
	fields := []any{p.store.keys[1]}
	if p.id != 0 && p.begun {
		fields = append(fields, lifeField(p.id))
		for i := range p.buckets {
			if p.buckets[i] != nil {
				fields = append(fields, useField(p.id, i))
			}
		}
	}
	p.pmu.Unlock()
	if len(fields) == 1 {
		return
	}
	if c := p.store.conns.take(); c != nil {
		if c.Send("HDEL", fields...) == nil {
			_ = c.Flush()
		}
		_ = c.Close()
	}
}
