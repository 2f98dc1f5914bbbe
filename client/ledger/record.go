package ledger

import "time"

// kind is a class of records; on disk, a directory.
type kind string

const (
	ipRecords kind = "slots"    // by key of a record: what is known of an outgoing IP or a gate; the directory keeps its first name
	sessions  kind = "sessions" // by session ID
	names     kind = "names"    // by name
	calls     kind = "calls"    // by what Once was asked for
	recents   kind = "recent"   // one record: which sessions were used last
	holds     kind = "holds"    // by gate: how it was held last
	graves    kind = "graves"   // by the beginning of an id's digest: ids that must not be sent again
)

// keyOfIP and keyOfID are keys of records.
func keyOfIP(ip string) string { return "ip " + ip }

func keyOfID(id string) string { return "id " + id }

func (s *ipRecord) reset() { *s = newIPRecord() }

func (s *ipRecord) encode(e *encoder) {
	e.str(s.Alias)
	e.num(uint64(s.Last))
	e.num(uint64(s.Free))
	e.num(uint64(s.LastNum))
	e.num(uint64(len(s.InFlight)))
	for _, f := range s.InFlight {
		f.encode(e)
		e.num(uint64(f.Sent))
	}
	e.num(uint64(len(s.Queue)))
	for _, p := range s.Queue {
		p.encode(e)
	}
}

func (s *ipRecord) decode(d *decoder) {
	s.Alias = d.str()
	s.Last, s.Free, s.LastNum = instant(d.num()), instant(d.num()), instant(d.num())
	s.InFlight = make([]inFlight, d.count(32))
	for i := range s.InFlight {
		s.InFlight[i].decode(d)
		s.InFlight[i].Sent = instant(d.num())
	}
	s.Queue = make([]reservation, d.count(24))
	for i := range s.Queue {
		s.Queue[i].decode(d)
	}
}

func (p *reservation) encode(e *encoder) {
	e.num(uint64(p.Num))
	e.num(uint64(p.Owner))
	e.num(uint64(p.Delay))
}

func (p *reservation) decode(d *decoder) {
	p.Num, p.Owner, p.Delay = instant(d.num()), owner(d.num()), time.Duration(d.num())
}

// sessionRecord is what is known of one session. Its times are wall times, since they
// are for people or are compared with days; what its end is counted from are instants.
type sessionRecord struct {
	IP, Name  string
	Mine      bool   // created by this machine
	Tombstone bool   // forgotten; kept so that waiting tickets learn of it
	Dead      bool   // the service does not know it
	Deaths    uint64 // tells a ticket whether it died since
	Requests  uint64
	Created   int64
	LastUsed  int64
	Died      int64
	Life      Life    // zero: the ledger's
	First     instant // when its first request was sent; 0: none was, or nobody needs to know
	Sent      instant // and its last
	Bans      uint64  // in a row
	Region    string  // of its first request, where that is known
}

func (s *sessionRecord) reset() { *s = sessionRecord{} }

func (s *sessionRecord) encode(e *encoder) {
	e.str(s.IP)
	e.str(s.Name)
	e.str(s.Region)
	e.flag(s.Mine)
	e.flag(s.Tombstone)
	e.flag(s.Dead)
	e.flag(s.Life.Final)
	for _, n := range s.numbers() {
		e.num(*n)
	}
	for _, n := range s.times() {
		e.num(uint64(*n))
	}
	e.num(uint64(s.Life.Bans))
}

func (s *sessionRecord) decode(d *decoder) {
	s.IP, s.Name, s.Region = d.str(), d.str(), d.str()
	s.Mine, s.Tombstone, s.Dead, s.Life.Final = d.flag(), d.flag(), d.flag(), d.flag()
	for _, n := range s.numbers() {
		*n = d.num()
	}
	for _, n := range s.times() {
		*n = int64(d.num())
	}
	s.Life.Bans = int(d.num())
}

func (s *sessionRecord) numbers() [3]*uint64 { return [3]*uint64{&s.Deaths, &s.Requests, &s.Bans} }

func (s *sessionRecord) times() [8]*int64 {
	return [8]*int64{
		&s.Created, &s.LastUsed, &s.Died, (*int64)(&s.First), (*int64)(&s.Sent),
		(*int64)(&s.Life.Idle), (*int64)(&s.Life.Age), (*int64)(&s.Life.Margin),
	}
}

func (s *sessionRecord) shift(d time.Duration) {
	for _, t := range []*instant{&s.First, &s.Sent} {
		if *t != 0 {
			*t = t.addUnlessNever(d)
		}
	}
}

// nameRecord binds a name.
type nameRecord struct {
	ID       string
	Replaced instant // when a dead session was last replaced
	Tries    uint64  // how often a session was to be created for it
	Failed   bool    // the last time
}

func (n *nameRecord) reset() { *n = nameRecord{Replaced: never} }

func (n *nameRecord) encode(e *encoder) {
	e.str(n.ID)
	e.num(uint64(n.Replaced))
	e.num(n.Tries)
	e.flag(n.Failed)
}

func (n *nameRecord) decode(d *decoder) {
	n.ID, n.Replaced = d.str(), instant(d.num())
	n.Tries, n.Failed = d.num(), d.flag()
}

func (n *nameRecord) shift(d time.Duration) { n.Replaced = n.Replaced.addUnlessNever(d) }

// callRecord counts the calls that Once has finished.
type callRecord struct {
	Count  uint64
	Failed bool // the last one
}

func (c *callRecord) reset() { *c = callRecord{} }

func (c *callRecord) encode(e *encoder) {
	e.num(c.Count)
	e.flag(c.Failed)
}

func (c *callRecord) decode(d *decoder) { c.Count, c.Failed = d.num(), d.flag() }

// recentRecord holds the two sessions used last, the later one first: enough to
// know when any other than a given one was.
type recentRecord struct {
	ID [2]string
	At [2]instant
}

func (r *recentRecord) reset() { *r = recentRecord{At: [2]instant{never, never}} }

func (r *recentRecord) encode(e *encoder) {
	for i := range r.ID {
		e.str(r.ID[i])
		e.num(uint64(r.At[i]))
	}
}

func (r *recentRecord) decode(d *decoder) {
	for i := range r.ID {
		r.ID[i], r.At[i] = d.str(), instant(d.num())
	}
}

func (r *recentRecord) shift(d time.Duration) {
	for i := range r.At {
		r.At[i] = r.At[i].addUnlessNever(d)
	}
}

// use notes that id was used.
func (r *recentRecord) use(id string, now instant) {
	if r.ID[0] != id {
		r.ID[1], r.At[1] = r.ID[0], r.At[0]
	}
	r.ID[0], r.At[0] = id, now
}

// tells reports whether whoever reads the record finds that id was used now, or
// shortly before.
func (r *recentRecord) tells(id string, now instant) bool {
	since := now.add(-minSlack)
	return r.At[0] >= since && (r.ID[0] == id || r.ID[1] != "" && r.At[1] >= since)
}

// other is when a session besides id was used last.
func (r *recentRecord) other(id string) instant {
	for i := range r.ID {
		if r.ID[i] != "" && r.ID[i] != id {
			return r.At[i]
		}
	}
	return never
}
