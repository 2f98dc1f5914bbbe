package mock

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// serveSessions answers for the sessions API and for every other path of the
// endpoint itself.
func (s *Server) serveSessions(x *exchange) {
	defer x.done()
	x.entry.Target = s.redact(x.r.URL.Path)
	if s.cfg.isZyte() && !s.cfg.SessionsAPI {
		x.noSuchPage()
		return
	}
	act := s.sessionsCall(x)
	switch {
	case oversized(x.r):
		x.refuse(&tooLarge)
		return
	case act == nil:
		x.refuse(failed("bad_endpoint"))
		return
	case !s.authorized(x.r.Header.Get("Authorization")):
		x.refuse(&refusal{status: s.cfg.SessionsAuthStatus, code: "bad_proxy_auth", body: "Incorrect authentication data"})
		return
	}
	fault := s.faults.draw(onSessions)
	if fault != nil && !fault.late() {
		x.inject(fault)
		return
	}
	answer := act()
	if fault != nil {
		x.injectAnswer(fault, answer)
		return
	}
	answer.write(x)
}

// answerText is an answer of the sessions API, or its refusal.
type answerText struct {
	refusal *refusal
	status  int
	session string
	media   string
	body    string
}

// sessionsCall returns the call that method and path name, nil for none.
func (s *Server) sessionsCall(x *exchange) func() answerText {
	id, ok := strings.CutPrefix(x.r.URL.Path, "/sessions")
	id = strings.TrimPrefix(id, "/")
	switch {
	case !ok || strings.Contains(id, "/") || id != "" && !strings.HasPrefix(x.r.URL.Path, "/sessions/"):
		return nil
	case id == "" && x.r.Method == http.MethodPost:
		return func() answerText { return s.createSession(x) }
	case id == "" && x.r.Method == http.MethodGet:
		return s.listSessions
	case id != "" && x.r.Method == http.MethodDelete:
		return func() answerText { return s.deleteSession(x, id) }
	}
	return nil
}

func (s *Server) createSession(x *exchange) answerText {
	if s.planForbids("X-Crawlera-Session", "") {
		return answerText{refusal: s.unauthorised("X-Crawlera-Session")}
	}
	made := s.store.create()
	if made == nil {
		return answerText{refusal: failed("user_session_limit")}
	}
	x.entry.Session, x.entry.IP = made.id, made.node.ip
	return answerText{status: http.StatusOK, session: made.id, media: "text/plain", body: made.id}
}

func (s *Server) listSessions() answerText {
	// Maps are written in the order of their keys.
	body, err := json.Marshal(s.store.list())
	if err != nil {
		return answerText{refusal: failed("internal_error")}
	}
	return answerText{status: http.StatusOK, media: "application/json", body: string(body)}
}

func (s *Server) deleteSession(x *exchange, id string) answerText {
	x.entry.Session = s.redactID(id)
	if !s.store.delete(id) {
		unknown := failed("bad_session_id")
		unknown.status = s.cfg.DeleteStatus
		return answerText{refusal: unknown}
	}
	return answerText{status: http.StatusNoContent}
}

// write sends the answer. The body ends without a line feed: real clients copy the
// ID into a header as it is.
func (a answerText) write(x *exchange) {
	if a.refusal != nil {
		x.refuse(a.refusal)
		return
	}
	a.head(x)
	n, _ := io.WriteString(x.w, a.body)
	x.entry.Bytes = int64(n)
}

func (a answerText) head(x *exchange) {
	h := x.w.Header()
	h.Set("Date", x.s.date())
	if x.s.cfg.isZyte() {
		x.identify(h)
	} else {
		h.Set("X-Crawlera-Version", version)
	}
	if a.session != "" {
		h.Set("X-Crawlera-Session", a.session)
	}
	if a.status != http.StatusNoContent {
		h.Set("Content-Type", a.media)
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	x.answered(a.status, h)
	x.w.WriteHeader(a.status)
}
