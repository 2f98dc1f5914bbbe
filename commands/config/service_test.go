package config

import (
	"testing"
	"time"

	"smp/client"
)

// The key is sent in clear to a port of Zyte API that is not TLS, but on this machine.
func TestKeyInClear(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]string{
		"http://api.zyte.com:8011":  "https://api.zyte.com:8014",
		"https://api.zyte.com:8014": "",
		"http://127.0.0.1:8011":     "",
		"http://proxy.test:9":       "https://proxy.test:8014",
	} {
		u, _, err := client.ParseEndpoint(endpoint)
		if err != nil {
			t.Fatal(err)
		}
		for _, service := range []*client.Service{client.SPM, client.ZyteAPI} {
			got, clear := (&Settings{Service: service, Endpoint: u}).CarriesKeyInClear()
			if expected := service == client.ZyteAPI && want != ""; clear != expected || clear && got != want {
				t.Errorf("%s of %s: %q, %v", endpoint, service.Name, got, clear)
			}
		}
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	s := &Settings{Targets: map[string]time.Duration{"shop.test": time.Second}}
	for host, want := range map[string]string{
		"shop.test": "shop.test", "WWW.Shop.test.": "shop.test", "shop.test:8080": "shop.test",
		"othershop.test": "othershop.test", "other.test": "other.test",
	} {
		domain, delay := s.Target(host)
		if domain != want || (delay > 0) != (want == "shop.test") {
			t.Errorf("%s: %s, %v", host, domain, delay)
		}
	}
}

func TestKeptAlive(t *testing.T) {
	t.Parallel()
	for rpm, want := range map[float64]int{0: 0, 0.1: 1, 60: 110, 300: 550} {
		if got := (&Settings{Service: client.ZyteAPI, Scale: 1, RPM: rpm}).KeptAlive(); got != want {
			t.Errorf("%g a minute: %d, want %d", rpm, got, want)
		}
		if got := (&Settings{Service: client.SPM, Scale: 1, RPM: rpm}).KeptAlive(); got != 0 {
			t.Errorf("%g a minute of Smart Proxy Manager: %d", rpm, got)
		}
	}
}
