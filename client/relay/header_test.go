package relay

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOutgoingHeader(t *testing.T) {
	t.Parallel()
	client := http.Header{
		"Connection":          {"keep-alive, X-Hop"},
		"X-Hop":               {"1"},
		"Keep-Alive":          {"300"},
		"Te":                  {"trailers"},
		"Proxy-Connection":    {"keep-alive"},
		"Proxy-Authorization": {"Basic eA=="},
		"X-Crawlera-Session":  {"@shop"},
		"X-Crawlera-Cookies":  {"disable"},
		"Accept":              {"text/html"},
		"Cookie":              {"a=1", "b=2"},
	}
	service := http.Header{"X-Crawlera-Cookies": {"enable"}, "X-Crawlera-JobId": {"7"}}
	want := http.Header{
		"X-Crawlera-Cookies": {"disable"},
		"X-Crawlera-JobId":   {"7"},
		"Accept":             {"text/html"},
		"Cookie":             {"a=1", "b=2"},
		"User-Agent":         nil,
		"Accept-Encoding":    nil,
	}
	if diff := cmp.Diff(want, outgoing(client, service)); diff != "" {
		t.Error(diff)
	}
	if len(client) != 10 {
		t.Error("the client's own header has changed")
	}
}

func TestOutgoingHeaderWithProfile(t *testing.T) {
	t.Parallel()
	client := http.Header{"Accept": {"*/*"}, "Accept-Language": {"de"}, "Dnt": {"1"}, "User-Agent": {"x"}, "Upgrade-Insecure-Requests": {"1"}, "Referer": {"r"}}
	for profile, left := range map[string]int{"desktop": 1, "mobile": 1, "pass": 6} {
		h := outgoing(client, http.Header{headerProfile: {profile}})
		n := 0
		for name, values := range h {
			if name != headerProfile && len(values) > 0 {
				n++
			}
		}
		if n != left {
			t.Errorf("%s: %d headers of the client are left, want %d: %v", profile, n, left, h)
		}
	}
}

func TestIncomingHeader(t *testing.T) {
	t.Parallel()
	answer := http.Header{
		"X-Crawlera-Slave": {"192.0.2.1:3128"}, "X-Crawlera-Debug-UA": {"x"}, "Zyte-Request-Id": {"1"}, "Proxy-Connection": {"close"},
		"Transfer-Encoding": {"chunked"}, "Set-Cookie": {"a=1"},
	}
	hidden, exposed := http.Header{}, http.Header{}
	incoming(hidden, answer, false)
	if diff := cmp.Diff(http.Header{"Set-Cookie": {"a=1"}}, hidden); diff != "" {
		t.Error(diff)
	}
	incoming(exposed, answer, true)
	if exposed.Get("X-Crawlera-Slave") == "" || exposed.Get("Proxy-Connection") != "" {
		t.Errorf("exposed: %v", exposed)
	}
}
