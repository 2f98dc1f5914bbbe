package client

import (
	"net/http"
	"testing"
)

func TestDialectOfARefusal(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, value string
		marked      Dialect
		want        Dialect
	}{
		{"Server", "nginx", DialectUnknown, DialectUnknown},
		{"Proxy-Authenticate", `Basic realm="squid"`, DialectUnknown, DialectUnknown},
		{"Proxy-Authenticate", `Basic realm="Crawlera"`, DialectUnknown, DialectSPM},
		{"X-Crawlera-Error", "bad_proxy_auth", DialectUnknown, DialectSPM},
		{"Zyte-Error-Type", "/auth/proxy-auth-not-valid", DialectUnknown, DialectZyte},
		{"X-Crawlera-Error", "bad_proxy_auth", DialectZyte, DialectZyte},
	} {
		answer := &Error{Header: http.Header{tt.name: {tt.value}}, Service: ServiceHeaders{Dialect: tt.marked}}
		if got := answer.Dialect(); got != tt.want {
			t.Errorf("%s: %s, marked %v: got %v, want %v", tt.name, tt.value, tt.marked, got, tt.want)
		}
	}
}
