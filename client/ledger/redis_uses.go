package ledger

import (
	"context"
	"hash/fnv"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"
)

func (p *redisPresence) announceUse(id string) (release func(), err error) {
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

func useField(o owner, bucket int) string {
	return string(uses) + " " + strconv.FormatUint(uint64(o), 10) + " " + strconv.Itoa(bucket)
}

func bucketOf(id string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // never fails
	return int(h.Sum32() % useBuckets)
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
	used, over := usesOf(fields, s.clock.now())
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
		if err != nil {
			return nil, s.failed(context.Background(), err)
		}
	}
	return used, nil
}

// usesOf sorts the fields of the live hash: the sessions that living owners use, and what
// owners have left that were dead a minute ago.
func usesOf(fields map[string]string, now instant) (used map[string]bool, over []any) {
	used = map[string]bool{}
	for field, value := range fields {
		parts := strings.Fields(field)
		if len(parts) < 2 { // the epoch
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
	return used, over
}
