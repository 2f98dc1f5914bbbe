package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
)

// Ids that must never be sent again outlive the records of their sessions: in 256
// records that hold sixteen bytes for each.

// maxGraves bounds one of these records; beyond it the oldest go.
const maxGraves = 50_000

// grave stands for an id.
type grave [2]uint64

// graveRecord holds ended ids, the latest last.
type graveRecord struct{ Graves []grave }

func (g *graveRecord) reset() { g.Graves = nil }

func (g *graveRecord) encode(e *encoder) {
	e.num(uint64(len(g.Graves)))
	for _, one := range g.Graves {
		e.num(one[0])
		e.num(one[1])
	}
}

func (g *graveRecord) decode(d *decoder) {
	g.Graves = make([]grave, d.count(16))
	for i := range g.Graves {
		g.Graves[i] = grave{d.num(), d.num()}
	}
}

// graveOf is the record for an id, and what stands for the id in it.
func graveOf(id string) (ref, grave) {
	sum := sha256.Sum256([]byte(id))
	return ref{graves, hex.EncodeToString(sum[:1])}, grave{binary.BigEndian.Uint64(sum[8:]), binary.BigEndian.Uint64(sum[16:])}
}

// bury remembers an id for good.
func (l *Ledger) bury(id string) error {
	at, one := graveOf(id)
	var g graveRecord
	return l.edit(context.Background(), at, &g, func(found) action {
		if slices.Contains(g.Graves, one) {
			return keep
		}
		g.Graves = append(g.Graves, one)
		if len(g.Graves) > maxGraves {
			g.Graves = slices.Clone(g.Graves[len(g.Graves)-maxGraves:])
		}
		return save
	})
}

// buryEnded buries the id of a session whose record is about to go, if it must not be
// sent again.
func (l *Ledger) buryEnded(id string) error {
	var r sessionRecord
	if _, err := l.view(ref{sessions, id}, &r); err != nil || !l.lifeOf(&r).Final || !r.Dead && r.First == 0 {
		return err
	}
	return l.bury(id)
}

// buried reports whether an id without a record must not be sent.
func (l *Ledger) buried(id string) (bool, error) {
	at, one := graveOf(id)
	var g graveRecord
	rec, err := l.view(at, &g)
	if err != nil || !rec.exists || rec.damaged {
		return false, err
	}
	return slices.Contains(g.Graves, one), nil
}
