package ledger

import (
	"context"
	"strings"
	"time"
)

const (
	maxAliases = 4   // an id's record points to its IP's: one step; more is a damaged ledger
	maxIP      = 255 // a host name
)

// queueKey is the key of the record in which the requests of a session queue.
func queueKey(id string, r *sessionRecord) string {
	if r.IP != "" {
		return keyOfIP(r.IP)
	}
	return keyOfID(id)
}

// Learn records outgoing IPs by session ID, as the service lists them, all in one go.
// It skips sessions that this machine has no record of. What was recorded of a session
// while its IP was unknown joins what is known of the IP; no request starts earlier
// for it.
func (l *Ledger) Learn(ips map[string]string) error {
	ids, err := l.unlearnt(ips)
	if err != nil || len(ids) == 0 {
		return err
	}
	if err := l.mergeAll(ids, ips); err != nil { // first, so that whoever reads an IP finds all of its requests under it
		return err
	}
	edits := make([]edit, len(ids))
	for i, id := range ids {
		edits[i] = l.sessionEdit(id, new(bool), func(r *sessionRecord) action {
			if r.IP == ips[id] {
				return keep
			}
			r.IP = ips[id]
			return save
		})
	}
	if err := l.store.edit(context.Background(), edits...); err != nil {
		return err
	}
	return l.mergeAll(ids, ips) // what was reserved meanwhile
}

// unlearnt are the sessions with a record that says nothing of their IP, or another.
func (l *Ledger) unlearnt(ips map[string]string) ([]string, error) {
	ids := make([]string, 0, len(ips))
	refs := make([]ref, 0, len(ips))
	for id, ip := range ips {
		if validIP(ip) {
			ids, refs = append(ids, id), append(refs, ref{sessions, id})
		}
	}
	raws, err := l.store.peek(refs...)
	if err != nil {
		return nil, err
	}
	now := l.clock.now()
	unlearnt := ids[:0]
	for i, id := range ids {
		var r sessionRecord
		if len(raws[i]) > 0 && l.decode(refs[i], raws[i], &r, now) == nil && r.IP != ips[id] {
			unlearnt = append(unlearnt, id)
		}
	}
	return unlearnt, nil
}

// mergeAll merges the records that sessions had while their IPs were unknown.
func (l *Ledger) mergeAll(ids []string, ips map[string]string) error {
	refs := make([]ref, len(ids))
	for i, id := range ids {
		refs[i] = ref{ipRecords, keyOfID(id)}
	}
	raws, err := l.store.peek(refs...)
	if err != nil {
		return err
	}
	for i, id := range ids {
		if len(raws[i]) == 0 {
			continue
		}
		if err := l.merge(refs[i].key, keyOfIP(ips[id])); err != nil {
			return err
		}
	}
	return nil
}

// validIP reports whether ip can be an outgoing IP: it comes from the service.
func validIP(ip string) bool {
	return ip != "" && len(ip) <= maxIP && !strings.ContainsFunc(ip, func(r rune) bool { return r <= ' ' || r == 0x7f })
}

// merge makes from an alias of into.
func (l *Ledger) merge(from, into string) error {
	var old ipRecord
	rec, err := l.view(ref{ipRecords, from}, &old)
	if err != nil || !rec.exists || !rec.damaged && old.Alias == into {
		return err
	}
	a, b := ref{ipRecords, into}, ref{ipRecords, from} // in this order, so that a killed merge leaves both and no alias
	return l.store.edit(context.Background(), edit{refs: []ref{a, b}, f: func(raw [][]byte) []change {
		now := l.clock.now()
		target, _ := l.openIP(a, raw[0])
		source, _ := l.openIP(b, raw[1])
		if source.Alias == into {
			return []change{{}, {}}
		}
		target.Alias = ""
		target.merge(source)
		alias := newIPRecord()
		alias.Alias = into
		return []change{l.change(a, &target, now, save), l.change(b, &alias, now, save)}
	}})
}

// openIP reads an IP's record under its lock; a damaged one was used just now.
func (l *Ledger) openIP(r ref, raw []byte) (s ipRecord, rec found) {
	if rec = l.open(r, raw, &s); rec.damaged {
		s.Last = rec.now
	}
	return s, rec
}

// ipEdit is an edit of the outgoing IP's, or the gate's, record that a key stands for.
type ipEdit struct {
	key    *string // set to the record's own key where it was an alias
	beside []ref
	owner  owner // as in edit
	f      func(s *ipRecord, now instant, beside [][]byte) action
}

// editIP edits such a record, whatever alias e.key is, and carries out more edits in one go with it.
func (l *Ledger) editIP(ctx context.Context, e *ipEdit, more ...edit) error {
	for range maxAliases {
		alias := ""
		err := l.store.edit(ctx, append(more, l.ipEditStep(e, &alias))...)
		if err != nil || alias == "" {
			return err
		}
		*e.key, more = alias, nil // more is carried out by now: only the IP's record is left
	}
	return &StateError{"follow", *e.key, errDamaged}
}

// ipEditStep is one step of editIP: it changes nothing but alias where the record
// is one.
func (l *Ledger) ipEditStep(e *ipEdit, alias *string) edit {
	r := ref{ipRecords, *e.key}
	return edit{refs: []ref{r}, beside: e.beside, owner: e.owner, f: func(raw [][]byte) []change {
		s, rec := l.openIP(r, raw[0])
		if *alias = s.Alias; *alias != "" {
			return []change{{}}
		}
		a := e.f(&s, rec.now, raw[1:])
		if rec.damaged && a == keep {
			a = save
		}
		return []change{l.change(r, &s, rec.now, a)}
	}}
}

// touch records that an outgoing IP was used just now.
func (l *Ledger) touch(key string) error {
	return l.editIP(context.Background(), &ipEdit{key: &key, f: func(s *ipRecord, now instant, _ [][]byte) action {
		s.Last = max(s.Last, now)
		return save
	}})
}

// NeedsIP reports whether the service should be asked for the session's outgoing IP
// before its first request. That is so where the IP is unknown, and another session
// was used, or about to be used, within the delay. It also records that this
// session is about to be used, so that of two sessions at once one asks.
func (l *Ledger) NeedsIP(id string, delay time.Duration) (bool, error) {
	if delay <= 0 {
		return false, nil
	}
	r, err := l.ensure(id)
	if err != nil || r.IP != "" || r.Requests > 0 {
		return false, err
	}
	other, err := l.recent(id)
	return l.clock.now().sub(other) < delay+minSlack, err
}

// ensure reads the record of a session, and makes a missing one, since Learn skips
// sessions without a record.
func (l *Ledger) ensure(id string) (sessionRecord, error) {
	var r sessionRecord
	rec, err := l.view(ref{sessions, id}, &r)
	if err == nil && !rec.exists {
		var ended bool
		if ended, err = l.buried(id); ended {
			return r, &EndedError{Session: id}
		}
	}
	if err == nil && (!rec.exists || rec.damaged) {
		err = l.editSession(id, func(s *sessionRecord) action {
			if rec.damaged && l.life.Final {
				s.die(l.clock.wallNow()) // whether its end has come cannot be said any more
			}
			r = *s
			return save
		})
	}
	return r, err
}
