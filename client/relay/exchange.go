package relay

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"smp/client"
	"smp/client/paced"
)

// Exchange is one request and what became of it.
type Exchange struct {
	Kind     Kind
	Method   string
	URL      *url.URL // without user
	Session  paced.Ref
	Result   *paced.Result // nil where nothing was tried; its Response is closed
	Err      error         // what failed, the request or the body of its answer; nil where nothing did
	ExitCode int           // of Err, as the Explanation has it; 0 without one
	Left     bool          // the client disconnected before the end; Err is then nil, except where the request's body broke off

	Status  int         // of the client's answer
	Header  http.Header // of the target's answer, the service's headers included; nil without one
	Bytes   int64       // of the body, as far as the client took it
	SHA256  string      // of the body, in hex, where it is whole and the Config asks for it
	Started time.Time
	Elapsed time.Duration
}

// serveTarget answers a request to a target.
func (s *Server) serveTarget(w http.ResponseWriter, r *http.Request) {
	u := targetURL(r)
	x := &Exchange{Method: r.Method, URL: withoutUser(u), Started: time.Now()}
	r.URL = u
	x.Kind = KindOf(r)
	s.stats.began(x.Kind)
	defer func() {
		x.Elapsed = time.Since(x.Started)
		s.stats.ended(x)
		if s.cfg.Finished != nil {
			s.cfg.Finished(x)
		}
	}()
	if f := s.relay(w, r, x); f != nil {
		x.Err, x.Status = f.err, f.status
		x.ExitCode = s.refuse(w, r, f)
	}
}

func withoutUser(u *url.URL) *url.URL {
	bare := *u
	bare.User = nil
	return &bare
}

// relay answers a request, or returns the failure to answer with.
func (s *Server) relay(w http.ResponseWriter, r *http.Request, x *Exchange) *failure {
	if failure := wrongTarget(r, r.URL); failure != nil {
		return failure
	}
	ref, err := connOf(r.Context()).defaults.named(r.Header)
	if err == nil && ref.Kind == paced.RefID {
		ref.Value, err = s.service().SessionID(ref.Value)
	}
	if err != nil {
		return refuse(http.StatusBadRequest, "http_request_error", "bad_session", "%v", err)
	}
	switch s.cfg.Rules.route(r, x.Kind) {
	case forbidden:
		f := refuse(http.StatusForbidden, "http_request_denied", "blocked", "%s is blocked by --block", r.URL.Host)
		x.Status = f.status
		s.refuse(w, r, f)
		return nil
	case dropped:
		x.Status = http.StatusNoContent
		w.WriteHeader(x.Status)
		return nil
	case withoutSession:
		ref = paced.Ref{}
	}
	x.Session = ref
	if ref.Kind != paced.RefNone && s.addsRegion(r.Header) {
		return refuse(http.StatusBadRequest, "http_request_error", codeRegion,
			"--region does not go with session %s: the service calls them incompatible", ref)
	}
	return s.send(w, r, x)
}

// send does the request as a paced job.
func (s *Server) send(w http.ResponseWriter, r *http.Request, x *Exchange) *failure {
	if err := s.service().Translate(r.Header); err != nil {
		return refuse(http.StatusBadRequest, "http_request_error", "header", "%v", err)
	}
	free, kept := s.bodies.take(r.ContentLength)
	defer free()
	job, err := s.job(r, x, kept)
	if err != nil {
		x.Left = true // in the middle of its body
		return refuse(http.StatusBadRequest, "http_request_error", "body", "the request's body: %v", err)
	}
	ctx, giveUp := context.WithCancelCause(r.Context())
	defer giveUp(nil)
	stopWatching := s.watch(r, job.BodyOnce, giveUp)
	defer stopWatching() // of a request that was never sent
	job.Request.OnWrite = stopWatching
	x.Result, err = s.cfg.Fetcher.Fetch(ctx, job)
	s.remember(x)
	switch {
	case s.left(r), err != nil && context.Cause(ctx) == errLeft:
		x.Left = true
		closeAnswer(x.Result)
		panic(http.ErrAbortHandler)
	case err != nil && context.Cause(ctx) == errClosed:
		return refuse(http.StatusServiceUnavailable, "proxy_internal_error", "stopped", "%v", errClosed)
	case err != nil:
		return failureOf(err)
	}
	s.copy(w, x)
	closeAnswer(x.Result)
	switch {
	case x.Err != nil && s.left(r): // the client's leaving broke off the answer
		x.Left, x.Err = true, nil
	case x.Err != nil:
		x.ExitCode = s.cfg.Explain(x.Err).ExitCode
	}
	if x.Err != nil || x.Left {
		panic(http.ErrAbortHandler) // the client must not take what it got for the whole
	}
	return nil
}

// watch gives up a request that waits when the relay ends, or when its client leaves.
func (s *Server) watch(r *http.Request, unread bool, giveUp context.CancelCauseFunc) (stop func()) {
	stopDraining := context.AfterFunc(s.draining, func() { giveUp(errClosed) })
	stopClient := func() {}
	if unread {
		stopClient = watchClient(connOf(r.Context()), giveUp)
	}
	return func() { stopDraining(); stopClient() }
}

// left reports whether the client has closed its connection.
func (s *Server) left(r *http.Request) bool { return r.Context().Err() != nil && s.ctx.Err() == nil }

// service is what is at the endpoint.
func (s *Server) service() *client.Service { return s.cfg.Fetcher.Client.Service() }

func closeAnswer(result *paced.Result) {
	if result != nil && result.Response != nil {
		_ = result.Response.Body.Close()
	}
}

// job is the request in paced's terms.
func (s *Server) job(r *http.Request, x *Exchange, keepBody bool) (*paced.Job, error) {
	job := s.cfg.Job
	job.Session = x.Session
	job.Request.Method, job.Request.URL = r.Method, r.URL
	job.Request.Header = outgoing(r.Header, s.cfg.Header)
	if r.Host != r.URL.Host && r.Host != "" {
		job.Request.Header["Host"] = []string{r.Host}
	}
	if err := setBody(&job, r, keepBody); err != nil {
		return nil, err
	}
	if x.Session.Kind == paced.RefID || x.Session.Kind == paced.RefName {
		job.Turn = func(ctx context.Context) (func(), error) {
			return s.turns.take(ctx, x.Session.String(), x.Kind)
		}
	}
	return &job, nil
}

// remember keeps the session that a request has made for itself.
func (s *Server) remember(x *Exchange) {
	if x.Session.Kind != paced.RefCreate || !x.Result.Created {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.created = append(s.created, x.Result.Session)
}

// refuse tells the client of a failure, and gives its exit code.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, f *failure) int {
	e := s.cfg.Explain(f.err)
	f.answer(w, r, e)
	return e.ExitCode
}
