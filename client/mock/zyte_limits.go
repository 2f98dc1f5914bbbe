package mock

import (
	"maps"
	"math"
	"strconv"
	"sync"
	"time"
)

// maxHosts is how many hosts are known before those without a request in the last
// minute are forgotten.
const maxHosts = 10_000

// limits count the requests of the last minute, of the key and of each host.
type limits struct {
	cfg Config

	mu    sync.Mutex
	user  window
	hosts map[string]*window
}

func newLimits(cfg Config) *limits {
	return &limits{cfg: cfg, hosts: make(map[string]*window)}
}

func (l *limits) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.user = window{}
	l.hosts = make(map[string]*window)
}

// admit counts a request to a host, or returns the type of the limit that it is over
// and how long it will be.
func (l *limits) admit(host string, now time.Time) (over string, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if wait := l.user.wait(now, l.cfg.RPM); wait > 0 {
		return "/limits/over-user-limit", wait
	}
	of := l.hosts[host]
	if of == nil {
		of = &window{}
	}
	if wait := of.wait(now, l.cfg.DomainRPM); wait > 0 {
		return "/limits/over-domain-limit", wait
	}
	if l.cfg.RPM > 0 {
		l.user.times = append(l.user.times, now)
	}
	if l.cfg.DomainRPM > 0 {
		of.times = append(of.times, now)
		if len(l.hosts) >= maxHosts {
			maps.DeleteFunc(l.hosts, func(_ string, w *window) bool { return w.isPast(now) })
		}
		l.hosts[host] = of
	}
	return "", 0
}

// window holds when the requests of the last minute came, oldest first.
type window struct{ times []time.Time }

// wait is how long it is until another request fits in; 0 is now. No limit is 0.
func (w *window) wait(now time.Time, limit int) time.Duration {
	old := 0
	for old < len(w.times) && now.Sub(w.times[old]) >= time.Minute {
		old++
	}
	w.times = w.times[old:]
	if limit <= 0 || len(w.times) < limit {
		return 0
	}
	return w.times[len(w.times)-limit].Add(time.Minute).Sub(now)
}

// isPast reports whether the last request came over a minute ago.
func (w *window) isPast(now time.Time) bool {
	return len(w.times) == 0 || now.Sub(w.times[len(w.times)-1]) >= time.Minute
}

// overLimit is the refusal of a request over a limit. Its Retry-After is in whole
// seconds, as the vendor's OpenAPI has it.
func (s *Server) overLimit(name string, wait time.Duration) *refusal {
	r := problemOf(name)
	r.retry = strconv.Itoa(max(1, int(math.Ceil(s.clock.real(wait).Seconds()))))
	return r
}
