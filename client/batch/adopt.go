package batch

import (
	"context"
	"time"

	"smp/client/ledger"
)

// adopt takes over the sessions that a killed run left: those that may still live
// are used before any is made, the others are deleted. What belongs to others stays
// on the roster.
func (p *pool) adopt() {
	left, foreign := p.roster.left()
	used := 0
	var extra []string
	for _, id := range left {
		s, known, err := p.Fetcher.Ledger.Session(id)
		if err != nil || s.InUse { // or nobody can say
			used++
			continue
		}
		p.mine[id] = struct{}{}
		if len(p.Given) == 0 && len(p.spare) < p.size() && known && lives(s) {
			p.spare = append(p.spare, id)
		} else {
			extra = append(extra, id)
		}
	}
	p.tellAdopted(foreign, used)
	ctx, cancel := context.WithTimeout(p.hard, closeTime)
	defer cancel()
	p.deleteAll(ctx, extra, nil) // tried again at the end of the run
}

func lives(s ledger.Session) bool {
	return !s.Dead && (s.ExpiresAt.IsZero() || s.ExpiresAt.After(time.Now()))
}

func (p *pool) tellAdopted(foreign, used int) {
	p.count.adopted(len(p.spare))
	if len(p.spare) > 0 {
		p.notify(Adopted{Sessions: len(p.spare)})
	}
	if foreign > 0 {
		p.notify(LeftAlone{Sessions: foreign, Err: ErrForeign})
	}
	if used > 0 {
		p.notify(LeftAlone{Sessions: used, Err: ErrInUse})
	}
}
