package ledger

import (
	"context"
	"time"
)

var kindName = map[kind]string{
	ipRecords: "slot", sessions: "session", names: "name", calls: "call", recents: "recent use", graves: "ended ids", holds: "hold",
}

// found says what an edit came upon, and when.
type found struct {
	exists  bool
	damaged bool
	now     instant
}

// edit lets f change the record b while nobody else does, and carries out what f
// says. f may be called again with b as somebody else left it. The b of a
// missing or damaged record is blank.
func (l *Ledger) edit(ctx context.Context, r ref, b body, f func(found) action) error {
	return l.store.edit(ctx, l.editing(r, b, f))
}

// editing is the edit that edit carries out, for a store to do several at once.
func (l *Ledger) editing(r ref, b body, f func(found) action) edit {
	return edit{refs: []ref{r}, f: func(raw [][]byte) []change {
		rec := l.open(r, raw[0], b)
		return []change{l.change(r, b, rec.now, f(rec))}
	}}
}

// open reads a record that nobody else changes meanwhile, and tells of damage.
func (l *Ledger) open(r ref, raw []byte, b body) found {
	rec := found{exists: len(raw) > 0, now: l.clock.now()}
	if err := l.decode(r, raw, b, rec.now); err != nil {
		l.notify(&Damage{Kind: kindName[r.kind], Name: r.key})
		b.reset()
		rec.damaged = true
	}
	return rec
}

// change is the change that a puts into effect.
func (l *Ledger) change(r ref, b body, now instant, a action) change {
	if a != save {
		return change{action: a}
	}
	return change{save, encodeRecord(r.key, l.clock.stamp(now), b)}
}

// shifter is a body with instants, see clock.shift.
type shifter interface{ shift(time.Duration) }

// decode reads the record of r into b. After an error b holds nothing to rely on.
func (l *Ledger) decode(r ref, raw []byte, b body, now instant) error {
	key, _, err := l.read(raw, b, now)
	if err == nil && len(raw) > 0 && key != r.key {
		return errDamaged
	}
	return err
}

// read decodes a record on this ledger's clock. It returns its key and when it was written.
func (l *Ledger) read(raw []byte, b body, now instant) (key string, at stamp, err error) {
	b.reset()
	if key, at, err = decodeRecord(raw, b); err != nil {
		return "", stamp{}, err
	}
	if s, shifts := b.(shifter); shifts && len(raw) > 0 {
		if d := l.clock.shift(at, now); d != 0 {
			s.shift(d)
		}
	}
	if s, ok := b.(*ipRecord); ok {
		s.Last = max(s.Last, l.clock.usedAtLeast())
	}
	return key, at, nil
}

// view reads a record without keeping anybody out. Only what stays unreadable is
// read again under its lock: there it is whole, unless it is damaged.
func (l *Ledger) view(r ref, b body) (rec found, err error) {
	for range 3 {
		raw, err := l.store.peek(r)
		if err != nil {
			return found{}, err
		}
		rec = found{exists: len(raw[0]) > 0, now: l.clock.now()}
		if l.decode(r, raw[0], b, rec.now) == nil {
			return rec, nil
		}
	}
	err = l.edit(context.Background(), r, b, func(now found) action {
		rec = now
		return keep
	})
	return rec, err
}
