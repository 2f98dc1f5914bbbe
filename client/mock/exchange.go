package mock

import (
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// exchange is one request at the port and its answer.
type exchange struct {
	s       *Server
	w       http.ResponseWriter
	r       *http.Request
	conn    *conn
	arrived time.Time
	setup   time.Duration // how long the client took for the tunnel and the handshake before this first request in it
	session *session      // answers repeat its ID
	unknown string        // ID of a session that does not exist; answers repeat it too
	agent   string        // User-Agent toward the target
	entry   Entry
	heads   heads
}

func (s *Server) exchange(w http.ResponseWriter, r *http.Request, kind string) *exchange {
	c := connOf(r.Context())
	arrived := s.clock.at(c.lastArrival())
	s.watchers.changed()
	return &exchange{
		s: s, w: w, r: r, conn: c,
		arrived: arrived,
		setup:   s.clock.service(time.Duration(c.setup.Swap(0))),
		heads:   heads{request: s.headOf(r.Host, r.Header)},
		entry: Entry{
			Request: s.requests.Add(1),
			Time:    arrived,
			Conn:    r.RemoteAddr,
			Kind:    kind,
			Method:  strings.Clone(s.redact(r.Method)), // or the journal would keep the request line, which it is cut from
		},
	}
}

// done ends the exchange and enters it in the journal.
func (x *exchange) done() {
	if x.session != nil {
		x.s.store.end(x.session)
	}
	x.entry.DurationS = x.s.clock.now().Sub(x.arrived).Seconds()
	x.s.journal.add(x.entry, x.heads)
	x.s.watchers.changed()
}

// answered notes the head of the answer that is about to be sent.
func (x *exchange) answered(status int, h http.Header) {
	x.entry.Status = status
	x.heads.response = x.s.headOf("", h)
}

// serve tells apart the kinds of requests that share the port.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if !s.begin() {
		panic(http.ErrAbortHandler)
	}
	defer s.running.Done()
	c := servedOf(r.Context())
	defer c.begin()()
	r.TLS = c.tls
	defer expectUnread(w, r)()
	inside := c.conn.tunnel != nil
	switch {
	case r.Method == http.MethodConnect && !inside:
		s.serveConnect(s.exchange(w, r, "connect"))
	case inside || r.URL.IsAbs() || r.URL.Host != "":
		if s.cfg.isZyte() {
			s.serveZyte(s.exchange(w, r, "target"))
			return
		}
		s.serveTarget(s.exchange(w, r, "target"))
	case isControl(r.URL.Path):
		s.serveControl(w, r)
	default:
		s.serveSessions(s.exchange(w, r, "sessions"))
	}
}

// expectUnread is to be called with a request, and what it returns when the request
// is answered. A client that waits for 100 Continue, and has its answer without,
// never sends the body. net/http would wait for that body before it closes the
// connection, as the answer says.
func expectUnread(w http.ResponseWriter, r *http.Request) (end func()) {
	if r.Header.Get("Expect") == "" || r.Body == http.NoBody {
		return func() {}
	}
	body := &readBody{ReadCloser: r.Body}
	r.Body = body
	return func() {
		if !body.read.Load() {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(lingerFor))
		}
	}
}

// readBody notes whether somebody has read it.
type readBody struct {
	io.ReadCloser
	read atomic.Bool
}

func (b *readBody) Read(p []byte) (int, error) {
	b.read.Store(true)
	return b.ReadCloser.Read(p)
}

// echo puts the session's ID on an answer, which may be an error.
func (x *exchange) echo(h http.Header) {
	switch {
	case x.session != nil:
		h["X-Crawlera-Session"] = []string{x.session.id}
	case x.unknown != "":
		h["X-Crawlera-Session"] = []string{x.unknown}
	}
}

// hijack takes the connection from net/http. The reader has what net/http had
// read ahead, and then the rest.
func (x *exchange) hijack() (net.Conn, io.Reader, error) {
	c, buffered, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		return nil, nil, err
	}
	_ = c.SetDeadline(time.Time{})
	return c, buffered.Reader, nil
}

func (s *Server) date() string { return s.clock.now().UTC().Format(http.TimeFormat) }

// authorized reports whether the value of an Authorization header names the API
// key. The service reads the user name and ignores the password.
func (s *Server) authorized(value string) bool {
	scheme, encoded, ok := strings.Cut(value, " ")
	if !ok || !strings.EqualFold(scheme, "Basic") {
		return false
	}
	plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	user, _, _ := strings.Cut(string(plain), ":")
	return err == nil && user == s.cfg.Key
}

// oversized reports whether a request's header is larger than the service accepts.
// The count is an estimate, since net/http does not keep the bytes.
func oversized(r *http.Request) bool {
	n := len(r.Method) + len(r.RequestURI) + len("Host: ") + len(r.Host) + 16
	for name, values := range r.Header {
		for _, value := range values {
			n += len(name) + len(": ") + len(value) + len("\r\n")
		}
	}
	return n > maxHeader
}

// seconds formats a duration of the service's for its headers, in real seconds:
// clients sleep in real time.
func (s *Server) seconds(d time.Duration) string {
	real := s.clock.real(d).Round(time.Millisecond)
	return strconv.FormatFloat(real.Seconds(), 'f', -1, 64)
}
