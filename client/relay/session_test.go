package relay

import (
	"encoding/base64"
	"errors"
	"net/http"
	"testing"

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
