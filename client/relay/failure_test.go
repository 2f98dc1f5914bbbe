package relay

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/paced"
)

func TestFailureOf(t *testing.T) {
	t.Parallel()
	spm := func(status int, code string, class client.Class) *client.Error {
		return &client.Error{Status: status, Code: code, Class: class, Header: http.Header{headerError: {code}}}
	}
	tests := []struct {
		name        string
		err         error
		status      int
		proxyStatus string
	}{
		{"banned", spm(503, "banned", client.Upstream), 503, `smp; error=http_request_denied; details="banned"`},
		{"407", spm(407, "bad_proxy_auth", client.Credentials), 502, `smp; error=proxy_configuration_error; details="bad_proxy_auth"`},
		{"a code of next year", spm(599, "x\"y\\z\x01ä", client.Upstream), 599, `smp; error=destination_unavailable; details="x\"y\\z"`},
		{"hard limit", &client.Error{Status: 503, Class: client.Later}, 503, `smp; error=connection_limit_reached`},
		{"zyte", &client.Error{Status: 520, Code: "/download/temporary-error", Class: client.Upstream}, 520, `smp; error=destination_unavailable; details="/download/temporary-error"`},
		{"no sessions API", &client.Error{Status: 404, Class: client.Unforeseen}, 502, `smp; error=proxy_internal_response`},
		{"a sessions API that talks nonsense", &client.Error{Status: 200, Class: client.Unforeseen, Err: errors.New("no JSON")}, 502, `smp; error=proxy_internal_response`},
		{"broken", &client.Error{Class: client.Network, Err: errors.New("reset")}, 502, `smp; error=connection_terminated; details="network"`},
		{"slow", &client.Error{Class: client.Network, Err: &paced.TimeoutError{After: 1}}, 504, `smp; error=http_response_timeout; details="timed_out"`},
		{"slow sessions API", &paced.TimeoutError{After: 1}, 504, `smp; error=http_response_timeout; details="timed_out"`},
		{"bad request", &client.Error{Class: client.Hopeless, Err: errors.New("no host")}, 400, `smp; error=http_request_error; details="invalid"`},
		{"late", &ledger.TooLate{Session: "1", Wait: time.Second}, 503, `smp; error=connection_limit_reached; details="max_wait"`},
		{"dead", ledger.ErrSessionDead, 400, `smp; error=http_request_denied; details="bad_session_id"`},
		{"region", &ledger.RegionError{Session: "1", Asked: "FR"}, 400, `smp; error=http_request_error; details="region"`},
		{"state", &ledger.StateError{}, 500, `smp; error=proxy_internal_error; details="internal"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := failureOf(tt.err)
			if f.status != tt.status || f.proxyStatus() != tt.proxyStatus {
				t.Errorf("%d %s, want %d %s", f.status, f.proxyStatus(), tt.status, tt.proxyStatus)
			}
		})
	}
}

func TestAnswerOfAFailure(t *testing.T) {
	t.Parallel()
	f := failureOf(&client.Error{
		Status: 503, Code: "noslaves", Class: client.Later, Header: http.Header{headerError: {"noslaves"}},
		Service: client.ServiceHeaders{RetryAfter: 1500 * time.Millisecond},
	})
	told := Explanation{Message: "GET http://<b>/: 503", Hints: []string{"smp doctor"}}

	w := httptest.NewRecorder()
	f.answer(w, httptest.NewRequest("GET", "http://b/", nil), told)
	if w.Code != 503 || w.Header().Get(headerError) != "noslaves" || w.Header().Get("Retry-After") != "2" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if got := w.Body.String(); got != "smp: GET http://<b>/: 503; smp doctor\n" {
		t.Errorf("text: %q", got)
	}

	w = httptest.NewRecorder()
	r := httptest.NewRequest("GET", "http://b/", nil)
	r.Header.Set("Accept", "text/html,*/*")
	f.answer(w, r, told)
	if got := w.Body.String(); !strings.Contains(got, "GET http://&lt;b&gt;/: 503") || !strings.Contains(got, "<pre>smp doctor</pre>") {
		t.Errorf("page: %q", got)
	}
}
