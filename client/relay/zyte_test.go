package relay

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smp/client/mock"
)

func newZyte(t *testing.T, cfg mock.Config) *world {
	t.Helper()
	cfg.Service = mock.ServiceZyteAPI
	cfg.Origin = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Seen", r.UserAgent()+"|"+strings.Join(r.Header["Zyte-Geolocation"], ""))
		_, _ = io.WriteString(w, "said")
	})
	return newWorld(t, cfg, nil)
}

// The region of the command line is not that of a session which a request names.
func TestZyteSessionOfAnotherRegionIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{Service: mock.ServiceZyteAPI}, func(cfg *Config) { cfg.Header = http.Header{"Zyte-Geolocation": {"FR"}} })
		if got := w.get("http://shop.test/ip", headerSession, "@shop", headerRegion, "DE"); got.StatusCode != http.StatusOK {
			t.Fatalf("%+v", got)
		}
		got := w.get("http://shop.test/ip", headerSession, "@shop")
		if got.StatusCode != http.StatusBadRequest || got.Header.Get("Proxy-Status") != `smp; error=http_request_error; details="region"` {
			t.Errorf("%+v", got)
		}
		if n := len(w.targets()); n != 1 {
			t.Errorf("%d requests were sent", n)
		}
	})
}

// What a client asks of Smart Proxy Manager is put into the terms of Zyte API, and what
// has no equal is not sent.
func TestZyteTranslatesItsClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newZyte(t, mock.Config{})
		got := w.get("https://shop.test/", "X-Crawlera-Session", "@shop", "X-Crawlera-Region", "de", "User-Agent", "mine")
		if got.StatusCode != 200 || got.text != "said" || got.Header.Get("X-Seen") != "mine|" || got.Header.Get("Content-Encoding") != "" {
			t.Errorf("%+v", got)
		}
		sent := w.targets()
		if len(sent) != 1 || sent[0].RequestHeaders.Get("Zyte-Geolocation") != "DE" || sent[0].RequestHeaders.Get("Zyte-Override-Headers") != "User-Agent" {
			t.Errorf("%+v", sent)
		}
		for name, value := range map[string]string{"X-Crawlera-Timeout": "30000", "X-Crawlera-Session": "42", "X-Crawlera-Profile": "pass"} {
			if got := w.get("https://shop.test/", name, value); got.StatusCode != http.StatusBadRequest {
				t.Errorf("%s: %+v", name, got)
			}
		}
		if n := len(w.targets()); n != 1 {
			t.Errorf("%d requests were sent", n)
		}
	})
}

// A name gets its next session before the request.
func TestZyteANameOutlivesItsSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newZyte(t, mock.Config{})
		for range 3 {
			if got := w.get("http://shop.test/", "X-Crawlera-Session", "@shop"); got.StatusCode != 200 {
				t.Errorf("%+v", got)
			}
			time.Sleep(3 * time.Minute)
		}
		seen := map[string]bool{}
		for _, e := range w.targets() {
			seen[e.Session] = true
		}
		if len(seen) != 3 || len(w.mock.Verdict().Dead) > 0 {
			t.Errorf("sessions %v, verdict %+v", seen, w.mock.Verdict().Dead)
		}
	})
}
