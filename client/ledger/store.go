package ledger

import (
	"context"
	"time"
)

// store keeps records as bytes and knows nothing of what they mean.
type store interface {
	// lock waits until it alone holds the record, until ctx ends or, with a
	// limit that is not 0, until that time went by.
	lock(ctx context.Context, k kind, key string, limit time.Duration) (held, error)
	// peek reads without a lock; what it sees may be torn. Nil: no record.
	peek(k kind, key string) ([]byte, error)
	// list calls f with each record of a kind, torn ones among them.
	list(k kind, f func(raw []byte)) error

	// owner names this process to the others that share the store.
	owner() (owner, error)
	alive(owner) bool
	// hold announces that this process uses a session, until release is called.
	hold(id string) (release func(), err error)
	// inUse are the sessions held by any live process.
	inUse() (map[string]bool, error)

	close() error
}

// held is a locked record.
type held interface {
	raw() []byte // nil: no record
	write(raw []byte) error
	remove() error
	unlock()
}

// shifter is a body with instants, see clock.shift.
type shifter interface{ shift(time.Duration) }

// read decodes raw into b, on this ledger's clock. After an error b holds
// nothing to rely on.
func (l *Ledger) read(key string, raw []byte, b body, now instant) error {
	if len(raw) == 0 {
		return nil
	}
	was, s, err := unseal(raw, b)
	if err != nil || was != key {
		return errDamaged
	}
	if sh, ok := b.(shifter); ok {
		if d := l.clock.shift(s, now); d != 0 {
			sh.shift(d)
		}
	}
	return nil
}

var kindName = map[kind]string{
	slots: "slot", sessions: "session", names: "name", calls: "call", recents: "recent use",
}

// verdict is what is to become of a record after an edit.
type verdict int

const (
	keep verdict = iota
	save
	drop
)

// found says what an edit came upon, and when.
type found struct {
	exists  bool
	damaged bool
	now     instant
}

// edit locks a record, lets f change b, and does with it what f says. If the
// record was damaged, f must set all of b.
func (l *Ledger) edit(ctx context.Context, k kind, key string, b body, f func(found) verdict) error {
	h, err := l.store.lock(ctx, k, key, lockLimit)
	if err != nil {
		return err
	}
	defer h.unlock()
	rec := l.open(h, k, key, b)
	return l.carryOut(h, key, b, rec.now, f(rec))
}

// open reads a record under its lock, where damage is damage, and tells it.
func (l *Ledger) open(h held, k kind, key string, b body) found {
	rec := found{exists: len(h.raw()) > 0, now: l.clock.now()}
	if err := l.read(key, h.raw(), b, rec.now); err != nil {
		l.notify(&Damage{Kind: kindName[k], Name: key})
		rec.damaged = true
	}
	return rec
}

func (l *Ledger) carryOut(h held, key string, b body, now instant, v verdict) error {
	switch v {
	case save:
		return h.write(seal(key, l.clock.stamp(now), b))
	case drop:
		return h.remove()
	}
	return nil
}

// view reads a record without holding it up. It locks only what it cannot read
// otherwise: a torn record is whole under its lock, a damaged one is not.
func (l *Ledger) view(k kind, key string, b body) (rec found, err error) {
	for range 3 {
		raw, err := l.store.peek(k, key)
		if err != nil {
			return found{}, err
		}
		rec = found{exists: len(raw) > 0, now: l.clock.now()}
		if l.read(key, raw, b, rec.now) == nil {
			return rec, nil
		}
	}
	err = l.edit(context.Background(), k, key, b, func(r found) verdict {
		rec = r
		return keep
	})
	return rec, err
}
