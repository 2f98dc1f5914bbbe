package ledger

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"
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

// redisPresence shows that this process lives, by a lease that it renews. Each call of
// the script renews it; a process that makes none does so every five seconds while it
// uses a session or holds a guard. One that was stopped for longer, or cut off, is
// another owner when it is back, so that nothing is done any more by the old one's right.
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

// leaseArgs are the arguments of the script that concern this process.
type leaseArgs struct {
	field, begin string
	ends         int64
	fields       []any
	buckets      []int
	owner        owner
}

// args leaves out what the first of several calls has said.
func (l leaseArgs) args(first bool) leaseArgs {
	if !first {
		l.begin, l.fields = "", nil
	}
	return l
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

// lease is what a call says of this process.
func (p *redisPresence) lease() leaseArgs {
	p.pmu.Lock()
	defer p.pmu.Unlock()
	if p.id == 0 {
		return leaseArgs{}
	}
	l := leaseArgs{owner: p.id, field: lifeField(p.id), ends: int64(p.store.clock.now().add(leaseTime)) / int64(time.Microsecond)}
	if !p.begun {
		l.begin = "new"
	}
	for i := range p.pending {
		l.buckets = append(l.buckets, i)
		ids := make([]string, 0, len(p.buckets[i]))
		for id := range p.buckets[i] {
			ids = append(ids, id)
		}
		l.fields = append(l.fields, useField(p.id, i), strings.Join(ids, "\n"))
	}
	return l
}

// written takes note that the server knows a lease.
func (p *redisPresence) written(l leaseArgs) {
	p.pmu.Lock()
	defer p.pmu.Unlock()
	if l.owner == 0 || l.owner != p.id {
		return
	}
	p.begun, p.ends = true, max(p.ends, instant(l.ends*int64(time.Microsecond)))
	for _, i := range l.buckets {
		delete(p.pending, i)
	}
}

func lifeField(o owner) string { return string(lives) + " " + strconv.FormatUint(uint64(o), 10) }

func useField(o owner, bucket int) string {
	return string(uses) + " " + strconv.FormatUint(uint64(o), 10) + " " + strconv.Itoa(bucket)
}

func bucketOf(id string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // never fails
	return int(h.Sum32() % useBuckets)
}

func (p *redisPresence) hold(id string) (release func(), err error) {
	if _, err := p.owner(); err != nil {
		return nil, err
	}
	p.pmu.Lock()
	defer p.pmu.Unlock()
	if p.uses[id]++; p.uses[id] == 1 {
		i := bucketOf(id)
		if p.buckets[i] == nil {
			p.buckets[i] = map[string]struct{}{}
		}
		p.buckets[i][id] = struct{}{}
		p.pending[i] = struct{}{}
		p.callAfter(flushAfter)
	}
	return sync.OnceFunc(func() { p.endUse(id) }), nil
}

func (p *redisPresence) endUse(id string) {
	p.pmu.Lock()
	defer p.pmu.Unlock()
	if p.uses[id]--; p.uses[id] > 0 {
		return
	}
	delete(p.uses, id)
	i := bucketOf(id)
	delete(p.buckets[i], id)
	if p.pending != nil {
		p.pending[i] = struct{}{} // goes with the next call, or with the lease
	}
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

func leaseEnd(raw []byte) instant {
	micros, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return never
	}
	return instant(micros * int64(time.Microsecond))
}

// inUse also clears away what dead owners left.
func (p *redisPresence) inUse() (map[string]bool, error) {
	var fields map[string]string
	s := p.store
	err := s.conns.use(context.Background(), func(c *redisConn) (err error) {
		fields, err = redis.StringMap(c.Do("HGETALL", s.keys[1]))
		return err
	})
	if err != nil {
		return nil, s.failed(context.Background(), err)
	}
	now := s.clock.now()
	used := map[string]bool{}
	var over []any
	for field, value := range fields {
		parts := strings.Fields(field)
		if parts[0] == "epoch" || len(parts) < 2 {
			continue
		}
		o := parts[1]
		if parts[0] == string(guards) {
			o = value
		}
		ends := leaseEnd([]byte(fields[string(lives)+" "+o]))
		switch {
		case ends.add(time.Minute) < now:
			over = append(over, field)
		case ends > now && parts[0] == string(uses):
			for id := range strings.SplitSeq(value, "\n") {
				used[id] = true
			}
		}
	}
	p.pmu.Lock()
	for id := range p.uses {
		used[id] = true
	}
	p.pmu.Unlock()
	if len(over) > 0 {
		err = s.conns.use(context.Background(), func(c *redisConn) error {
			_, err := c.Do("HDEL", append([]any{s.keys[1]}, over...)...)
			return err
		})
	}
	return used, err
}

// leave gives up the lease. Nobody waits for the answer.
func (p *redisPresence) leave() {
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
