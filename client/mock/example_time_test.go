package mock_test

import (
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"smp/client/mock"
)

// In a bubble of testing/synctest, with connections in memory, the service's
// twelve seconds pass at once and are exact.
func TestVirtualTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := mock.New(mock.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		transport := &http.Transport{
			Proxy:       http.ProxyURL(&url.URL{Scheme: "http", Host: "mock:8011", User: url.UserPassword("test", "")}),
			DialContext: s.DialContext,
		}
		defer transport.CloseIdleConnections()

		session, begun := "create", time.Now()
		for range 3 {
			request, _ := http.NewRequest("GET", "http://example.com/ip", nil)
			request.Header.Set("X-Crawlera-Session", session)
			answer, err := transport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			session = answer.Header.Get("X-Crawlera-Session")
			_ = answer.Body.Close()
			time.Sleep(12 * time.Second) // what a polite client does
		}
		if v := s.Verdict(); len(v.Violations) > 0 || time.Since(begun) != 36*time.Second {
			t.Errorf("%v passed; too early: %v", time.Since(begun), v.Violations)
		}
	})
}
