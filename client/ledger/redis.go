package ledger

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Redis names the server that keeps the ledger of several machines.
type Redis struct {
	// URL is redis://HOST:PORT/DB, or rediss:// for TLS. A user name in it is sent, a
	// password only where Password is empty.
	URL      *url.URL
	Password string
	// Timeout bounds connecting, and each answer; 0 means 30 s.
	Timeout time.Duration

	dial  func(ctx context.Context, network, address string) (net.Conn, error) // nil: the network
	local func() instant                                                       // nil: the system's clock
}

// String is the URL without credentials.
func (r Redis) String() string {
	shown := url.URL{Scheme: r.URL.Scheme, Host: r.address(), Path: "/" + strconv.Itoa(r.database())}
	return shown.String()
}

func (r Redis) address() string {
	if r.URL.Port() == "" {
		return net.JoinHostPort(r.URL.Hostname(), "6379")
	}
	return r.URL.Host
}

// database is the number in the path; ParseRedis has seen that it is one.
func (r Redis) database() int {
	n, _ := strconv.Atoi(strings.Trim(r.URL.Path, "/"))
	return n
}

// redisStore is a store on a Redis server. All records are fields of one hash, so
// that they are lost together or not at all. What lives only as long as a process
// does is in a second hash. Each holds the epoch too, see redis_epoch.go.
type redisStore struct {
	server Redis
	keys   [2]string // of the two hashes
	clock  *serverClock
	conns  *redisConns
	notify func(error)

	mu    sync.Mutex
	known map[ref][]byte // records as last seen, to be compared with
	epoch string
	redisPresence
}

var errContended = errors.New("others changed it again and again for 2s")

const defaultTimeout = 30 * time.Second

// maxKnown bounds the records that are remembered. They are few, but in a batch.
const maxKnown = 20_000

// OpenRedis opens the ledger that a Redis server keeps for a service and key; name is
// what Scope makes of them, without a directory. A server that cannot be reached is a
// *StateError. Once ctx has ended, as that of an interrupted program, the ledger waits
// half a second for a server that is silent, and no longer.
func OpenRedis(ctx context.Context, server Redis, name string, opts Options) (*Ledger, error) {
	if server.Timeout == 0 {
		server.Timeout = defaultTimeout
	}
	s := &redisStore{
		server: server, keys: [2]string{"smp:{" + name + "}", "smp:{" + name + "}:live"},
		clock: newServerClock(server.local), known: map[ref][]byte{}, notify: opts.Notify,
	}
	if s.notify == nil {
		s.notify = func(error) {}
	}
	s.conns = newRedisConns(ctx, server, s.keys)
	s.redisPresence = redisPresence{store: s, uses: map[string]int{}, leases: map[owner]instant{}}
	if err := s.begin(ctx); err != nil {
		_ = s.close()
		return nil, err
	}
	opts.clock = clock{now: s.clock.now, server: s.clock}
	return newLedger(s, opts), nil
}

// field is a record's name in its hash, and which of the two that is.
func (s *redisStore) field(r ref) (hash int, field string) {
	switch r.kind {
	case lives:
		return 1, string(r.kind) + " " + r.key
	case uses, guards:
		return 1, string(r.kind) + " " + r.key
	}
	return 0, string(r.kind) + " " + digest(r.key)
}

// edit lets each edit change the records as they are known here, and has the server
// compare and set. What somebody else has changed comes back, and is tried again.
func (s *redisStore) edit(ctx context.Context, edits ...edit) error {
	spent := time.Duration(0) // in pauses: what the server takes says nothing of others
	for try := 0; len(edits) > 0; try++ {
		if try > 2 {
			if spent > lockLimit {
				return &StateError{"change a record in", s.server.String(), errContended}
			}
			pause := backOff(try)
			if err := sleep(ctx, pause); err != nil {
				return err
			}
			spent += pause
		}
		calls := make([]redisCall, len(edits))
		for i, e := range edits {
			if e.owner != 0 && e.owner != s.present() {
				return errOwnerLost
			}
			calls[i] = s.attempt(e)
		}
		done, err := s.exchange(ctx, calls...)
		if err != nil {
			return err
		}
		var again []edit
		for i, e := range edits {
			if !done[i] {
				again = append(again, e)
			}
		}
		edits = again
	}
	return nil
}

// attempt is the call that carries out an edit if the records are as they are known.
// Where a record or the time is not known, the call only reads.
func (s *redisStore) attempt(e edit) redisCall {
	refs := append(append([]ref(nil), e.refs...), e.beside...)
	raws, known := s.recall(refs)
	known = known && s.clock.fresh()
	call := redisCall{refs: refs, fenced: e.owner != 0}
	if known {
		call.was, call.changes = raws, append(e.f(raws), make([]change, len(e.beside))...)
	}
	return call
}

// recall gives the records as last seen.
func (s *redisStore) recall(refs []ref) (raws [][]byte, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	raws = make([][]byte, len(refs))
	for i, r := range refs {
		var ok bool
		if raws[i], ok = s.known[r]; !ok {
			return nil, false
		}
	}
	return raws, true
}

func (s *redisStore) remember(r ref, raw []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= maxKnown {
		clear(s.known)
	}
	s.known[r] = raw
}

// peekChunk is how many records one call reads.
const peekChunk = 500

func (s *redisStore) peek(refs ...ref) ([][]byte, error) {
	var calls []redisCall
	for i := 0; i < len(refs); i += peekChunk {
		calls = append(calls, redisCall{refs: refs[i:min(i+peekChunk, len(refs))]})
	}
	if _, err := s.exchange(context.Background(), calls...); err != nil {
		return nil, err
	}
	raws := make([][]byte, 0, len(refs))
	for _, c := range calls {
		raws = append(raws, c.seen(s)...)
	}
	return raws, nil
}

func (s *redisStore) list(k kind, f func(raw []byte)) error {
	return s.scan(k, func(_ string, raw []byte) { f(raw) })
}

// sample has the server choose fields of any kind.
func (s *redisStore) sample(k kind, n int, f func(raw []byte)) error {
	return s.random(4*n, func(field string, raw []byte) {
		if strings.HasPrefix(field, string(k)+" ") {
			f(raw)
		}
	})
}

func (s *redisStore) close() error {
	s.endLease()
	s.conns.close()
	return nil
}

func backOff(try int) time.Duration {
	return rand.N(time.Millisecond) << min(try-2, 5)
}
