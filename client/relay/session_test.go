package relay

import (
	"encoding/base64"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"smp/client/mock"
	"smp/client/paced"
)

func basicAuth(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

func TestSessionOfARequest(t *testing.T) {
	t.Parallel()
	flag := paced.Ref{Kind: paced.RefName, Value: "flag"}
	tests := []struct {
		name   string
		header http.Header
		want   string // of Ref.String; "!" for an error
	}{
		{"none said", nil, "@flag"},
		{"an id", http.Header{headerSession: {"42"}}, "42"},
		{"a name", http.Header{headerSession: {"@shop"}}, "@shop"},
		{"a new one", http.Header{headerSession: {"create"}}, "create"},
		{"none", http.Header{headerSession: {"none"}}, ""},
		{"an empty header", http.Header{headerSession: {""}}, "!"},
		{"two headers", http.Header{headerSession: {"1", "2"}}, "!"},
		{"a bad name", http.Header{headerSession: {"@a b"}}, "!"},
		{"user", http.Header{headerProxyAuth: {basicAuth("shop", "")}}, "@shop"},
		{"user with @", http.Header{headerProxyAuth: {basicAuth("@shop", "x")}}, "@shop"},
		{"user id", http.Header{headerProxyAuth: {basicAuth("id.42", "")}}, "42"},
		{"user none", http.Header{headerProxyAuth: {basicAuth("none", "")}}, ""},
		{"user create is a name", http.Header{headerProxyAuth: {basicAuth("create", "")}}, "@create"},
		{"bad user", http.Header{headerProxyAuth: {basicAuth("a/b", "")}}, "!"},
		{"token alone", http.Header{headerProxyAuth: {basicAuth("", "token")}}, "@flag"},
		{"not Basic", http.Header{headerProxyAuth: {"Bearer x"}}, "@flag"},
		{"not base64", http.Header{headerProxyAuth: {"Basic !"}}, "@flag"},
		{"header before user", http.Header{headerSession: {"none"}, headerProxyAuth: {basicAuth("shop", "")}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ref, err := defaults{ref: flag}.named(tt.header)
			got := ref.String()
			if err != nil {
				got = "!"
			}
			if got != tt.want {
				t.Errorf("session %q (%v), want %q", got, err, tt.want)
			}
		})
	}
}

func TestSessionOfABadTunnel(t *testing.T) {
	t.Parallel()
	bad := errors.New("bad")
	d := defaults{err: bad}
	if _, err := d.named(http.Header{}); err != bad {
		t.Errorf("got %v", err)
	}
	if ref, err := d.named(http.Header{headerSession: {"7"}}); err != nil || ref.Value != "7" {
		t.Errorf("the request's own session: %v, %v", ref, err)
	}
}

// The region of the command line goes with no session of Smart Proxy Manager, whoever
// names the session: nothing is sent, and no session made.
func TestRegionIsRefusedInASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{}, func(cfg *Config) { cfg.Header = http.Header{headerRegion: {"US"}} })
		for _, session := range []string{"7", "@shop", "create"} {
			got := w.get("https://shop.test/", headerSession, session)
			if got.StatusCode != http.StatusBadRequest || got.Header.Get("Proxy-Status") != `smp; error=http_request_error; details="region"` {
				t.Errorf("session %s: %+v", session, got)
			}
		}
		if sent := w.mock.Journal(); len(sent) > 0 {
			t.Errorf("sent: %+v", sent)
		}
		if got := w.get("https://shop.test/", headerSession, "none"); got.StatusCode != http.StatusOK {
			t.Errorf("without a session: %+v", got)
		}
		if sent := w.targets(); len(sent) != 1 || sent[0].RequestHeaders.Get(headerRegion) != "US" {
			t.Errorf("without a session: %+v", sent)
		}
	})
}
