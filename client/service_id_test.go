package client

import (
	"net/url"
	"testing"
)

func TestSpellingsOfAnEndpointAreOneService(t *testing.T) {
	t.Parallel()
	for want, spellings := range map[string][]string{
		"proxy.zyte.com": {
			"http://proxy.zyte.com:8011", "https://proxy.zyte.com:8014", "http://PROXY.zyte.com:8011",
			"http://proxy.zyte.com.:8010", "http://proxy.zyte.com:08011",
		},
		"proxy.zyte.com:80":     {"http://proxy.zyte.com:80", "https://proxy.zyte.com:080"},
		"proxy.zyte.com:8012":   {"http://proxy.zyte.com:8012"},
		"xn--bcher-kva.example": {"http://bücher.example:8011", "http://xn--bcher-kva.example:8014", "http://BÜCHER.example:8011"},
		"localhost:9000":        {"http://127.0.0.1:9000", "https://127.0.0.1:9000", "http://LocalHost:9000", "http://[::1]:9000", "http://127.0.0.2:09000", "http://smp.localhost:9000"},
		"localhost":             {"http://localhost:8011", "https://127.0.0.1:8014"},
		"192.0.2.1:9000":        {"http://192.0.2.1:9000"},
		"[2001:db8::1]:9000":    {"http://[2001:db8::1]:9000", "http://[2001:0DB8:0::1]:9000"},
	} {
		for _, s := range spellings {
			u, err := url.Parse(s)
			if err != nil {
				t.Fatal(err)
			}
			if got := ServiceID(u); got != want {
				t.Errorf("%s is service %q, want %q", s, got, want)
			}
		}
	}
}
