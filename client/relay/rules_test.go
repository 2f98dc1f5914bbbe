package relay

import (
	"net/http/httptest"
	"regexp"
	"testing"
)

func TestRoute(t *testing.T) {
	t.Parallel()
	expressions := func(s ...string) (compiled []*regexp.Regexp) {
		for _, e := range s {
			compiled = append(compiled, regexp.MustCompile(e))
		}
		return compiled
	}
	tests := []struct {
		name  string
		rules Rules
		url   string
		kind  Kind
		want  route
	}{
		{"page", Rules{}, "https://shop.com/", Page, inSession},
		{"data", Rules{}, "https://shop.com/", Data, inSession},
		{"static", Rules{}, "https://shop.com/a.js", Static, withoutSession},
		{"static in the session", Rules{Static: StaticSession}, "https://shop.com/a.js", Static, inSession},
		{"static blocked", Rules{Static: StaticBlock}, "https://shop.com/a.js", Static, dropped},
		{"page where static is blocked", Rules{Static: StaticBlock}, "https://shop.com/", Page, inSession},
		{"kept", Rules{Static: StaticBlock, Keep: expressions(`^cdn\.shop\.com/signed/`)}, "https://CDN.shop.com/signed/a.js", Static, inSession},
		{"not kept", Rules{Keep: expressions(`^cdn\.shop\.com/signed/`)}, "https://cdn.shop.com/a.js", Static, withoutSession},
		{"blocked", Rules{Block: expressions(`doubleclick\.net/`)}, "https://ad.doubleclick.net/x", Page, forbidden},
		{"blocked before kept", Rules{Block: expressions(`/x`), Keep: expressions(`/x`)}, "https://a.com/x", Page, forbidden},
		{"noise", Rules{}, "https://update.googleapis.com/service/update2/json", Data, dropped},
		{"noise below a host", Rules{}, "https://r1---sn-x.gvt1.com/edgedl/a.crx", Data, dropped},
		{"a host that ends like one", Rules{}, "https://evilgvt1.com/", Page, inSession},
		{"noise by path", Rules{}, "https://accounts.google.com/ListAccounts?gpsia=1", Data, dropped},
		{"signing in", Rules{}, "https://accounts.google.com/signin", Page, inSession},
		{"noise let pass", Rules{Noise: true}, "https://update.googleapis.com/", Data, inSession},
		{"noise that is kept", Rules{Keep: expressions(`googleapis`)}, "https://update.googleapis.com/", Data, inSession},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.rules.route(httptest.NewRequest("GET", tt.url, nil), tt.kind); got != tt.want {
				t.Errorf("route = %d, want %d", got, tt.want)
			}
		})
	}
}
