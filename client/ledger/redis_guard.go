package ledger

import (
	"context"
	"errors"
	"strconv"
)

// errOwnerLost says that this process was counted as dead, and is another owner now.
var errOwnerLost = errors.New("the server had no word from this process for 15s")

// redisGuard is the right to change a record, as long as the lease of its owner lasts
// and nobody else has taken it.
type redisGuard struct {
	store *redisStore
	r, at ref // the record, and who holds it
	me    owner
	was   []byte
}

func (s *redisStore) guard(ctx context.Context, r ref) (guard, error) {
	hash, field := s.field(r)
	g := &redisGuard{store: s, r: r, at: ref{guards, strconv.Itoa(hash) + " " + field}}
	for step, spent := firstStep, firstStep*0; ; step = nextStep(step, spent) {
		got, err := g.try(ctx)
		if err != nil {
			return nil, err
		}
		if got {
			s.holdGuard(1)
			return g, nil
		}
		if err := sleep(ctx, step); err != nil {
			return nil, err
		}
		spent += step
	}
}

func (g *redisGuard) try(ctx context.Context) (got bool, err error) {
	for {
		if g.me, err = g.store.owner(); err != nil {
			return false, err
		}
		mine := []byte(strconv.FormatUint(uint64(g.me), 10))
		err = g.store.edit(ctx, edit{owner: g.me, refs: []ref{g.at}, beside: []ref{g.r}, f: func(raw [][]byte) []change {
			holder, _ := strconv.ParseUint(string(raw[0]), 10, 64)
			g.was = raw[1]
			if got = holder == 0 || owner(holder) != g.me && !g.store.alive(owner(holder)); !got {
				return []change{{}}
			}
			return []change{{save, mine}}
		}})
		if !errors.Is(err, errOwnerLost) {
			return got, err
		}
	}
}

func (g *redisGuard) raw() []byte { return g.was }

// change fails where the guard was lost: somebody else may have it.
func (g *redisGuard) change(c change) error {
	lost := false
	mine := strconv.FormatUint(uint64(g.me), 10)
	err := g.store.edit(context.Background(), edit{owner: g.me, refs: []ref{g.r, g.at}, f: func(raw [][]byte) []change {
		if lost = string(raw[1]) != mine; lost {
			return []change{{}, {}}
		}
		return []change{c, {}}
	}})
	if err == nil && lost {
		err = errOwnerLost
	}
	if errors.Is(err, errOwnerLost) {
		err = &StateError{"keep the lock in", g.store.server.String(), err}
	}
	return err
}

func (g *redisGuard) release() {
	g.store.holdGuard(-1)
	mine := strconv.FormatUint(uint64(g.me), 10)
	err := g.store.edit(context.Background(), edit{refs: []ref{g.at}, f: func(raw [][]byte) []change {
		if string(raw[0]) != mine {
			return []change{{}}
		}
		return []change{{action: drop}}
	}})
	if err != nil {
		g.store.notify(err)
	}
}

// holdGuard counts guards, for whose sake the lease is renewed.
func (p *redisPresence) holdGuard(n int) {
	p.pmu.Lock()
	defer p.pmu.Unlock()
	if p.held += n; p.held > 0 {
		p.callAfter(leaseRenew)
	}
}
