package ledger

import (
	"strconv"
	"strings"
	"time"
)

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

func leaseEnd(raw []byte) instant {
	micros, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return never
	}
	return instant(micros * int64(time.Microsecond))
}
