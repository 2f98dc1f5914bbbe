package ledger

import (
	"context"
	"strings"
	"time"
)

const (
	maxAliases = 4   // of ids to IPs there is one; more is a damaged ledger
	maxIP      = 255 // a host name
)

// slotKey is where the requests of a session queue.
func slotKey(id string, r *sessionRecord) string {
	if r.IP != "" {
		return keyOfIP(r.IP)
	}
	return keyOfID(id)
}

// Learn takes note of outgoing IPs by session ID, as the service lists them.
// Sessions of which this machine knows nothing are passed over. What was
// recorded of a session while its IP was unknown becomes part of what is known
// of the IP; nothing starts earlier for it.
func (l *Ledger) Learn(ips map[string]string) error {
	for id, ip := range ips {
		var r sessionRecord
		rec, err := l.view(sessions, id, &r)
		if err != nil {
			return err
		}
		if !rec.exists || rec.damaged || r.IP == ip {
			continue
		}
		if err := l.learn(id, ip); err != nil {
			return err
		}
	}
	return nil
}

// learn merges before it writes down the IP, so that whoever reads the IP finds
// everything under it.
func (l *Ledger) learn(id, ip string) error {
	if !validIP(ip) {
		return nil
	}
	if err := l.merge(keyOfID(id), keyOfIP(ip)); err != nil {
		return err
	}
	return l.editSession(id, func(r *sessionRecord) verdict {
		if r.IP == ip {
			return keep
		}
		r.IP = ip
		return save
	})
}

// validIP tells if ip can be one; it comes from outside.
func validIP(ip string) bool {
	return ip != "" && len(ip) <= maxIP && !strings.ContainsFunc(ip, func(r rune) bool { return r <= ' ' || r == 0x7f })
}

// merge makes from an alias of into. Two records are locked in the order of
// their digests, which is the same for everyone.
func (l *Ledger) merge(from, into string) error {
	old := newSlot()
	rec, err := l.view(slots, from, &old)
	if err != nil || !rec.exists || !rec.damaged && old.Alias == into {
		return err
	}
	first, second := from, into
	if digest(second) < digest(first) {
		first, second = second, first
	}
	a, err := l.store.lock(context.Background(), slots, first, lockLimit)
	if err != nil {
		return err
	}
	defer a.unlock()
	b, err := l.store.lock(context.Background(), slots, second, lockLimit)
	if err != nil {
		return err
	}
	defer b.unlock()
	if first != from {
		a, b = b, a
	}
	return l.mergeHeld(a, b, from, into)
}

func (l *Ledger) mergeHeld(a, b held, from, into string) error {
	now := l.clock.now()
	source, target := l.openSlot(a, from), l.openSlot(b, into)
	if source.Alias == into {
		return nil
	}
	target.Alias = ""
	target.merge(source)
	if err := l.carryOut(b, into, &target, now, save); err != nil {
		return err
	}
	alias := newSlot()
	alias.Alias = into
	return l.carryOut(a, from, &alias, now, save)
}

// openSlot reads a held slot; a damaged one was used just now.
func (l *Ledger) openSlot(h held, key string) slot {
	s := newSlot()
	if rec := l.open(h, slots, key, &s); rec.damaged {
		s = usedAt(rec.now)
	}
	return s
}

func usedAt(t instant) slot {
	s := newSlot()
	s.Last = t
	return s
}

// editSlot edits the slot that key stands for, and returns its own key.
func (l *Ledger) editSlot(ctx context.Context, key string, f func(s *slot, now instant) verdict) (string, error) {
	for range maxAliases {
		next := ""
		s := newSlot()
		err := l.edit(ctx, slots, key, &s, func(rec found) verdict {
			if rec.damaged {
				s = usedAt(rec.now)
			}
			if next = s.Alias; next != "" {
				return keep
			}
			if v := f(&s, rec.now); v != keep || !rec.damaged {
				return v
			}
			return save
		})
		if err != nil || next == "" {
			return key, err
		}
		key = next
	}
	return key, &StateError{"follow", key, errDamaged}
}

// touch notes that a slot was used just now.
func (l *Ledger) touch(key string) error {
	_, err := l.editSlot(context.Background(), key, func(s *slot, now instant) verdict {
		s.Last = max(s.Last, now)
		return save
	})
	return err
}

// NeedsIP tells if the service should be asked for the session's outgoing IP
// before its first request: the IP is unknown, there is a delay to keep, and
// another session was used, or was about to be, within it. It also notes that
// this one is about to be used, so that of two sessions at once one asks.
func (l *Ledger) NeedsIP(id string, delay time.Duration) (bool, error) {
	if delay <= 0 {
		return false, nil
	}
	r, err := l.ensure(id)
	if err != nil || r.IP != "" || r.Requests > 0 {
		return false, err
	}
	other, err := l.recent(id)
	return l.clock.now().sub(other) < delay, err
}

// ensure reads the record of a session, and makes it where it is missing, since
// Learn passes over the unknown.
func (l *Ledger) ensure(id string) (sessionRecord, error) {
	var r sessionRecord
	rec, err := l.view(sessions, id, &r)
	if err == nil && (!rec.exists || rec.damaged) {
		err = l.editSession(id, func(s *sessionRecord) verdict {
			r = *s
			return save
		})
	}
	return r, err
}

// recent notes that id is used now, and tells when another session was.
func (l *Ledger) recent(id string) (other instant, err error) {
	var r recentRecord
	err = l.edit(context.Background(), recents, "", &r, func(rec found) verdict {
		if rec.damaged {
			r = recentRecord{ID: [2]string{"?"}, At: [2]instant{rec.now, never}}
		}
		other = r.other(id)
		r.use(id, rec.now)
		return save
	})
	return other, err
}
