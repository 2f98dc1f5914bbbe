package mock

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestDialContextNeedsNoListener(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Config{Origin: hello})
		if err != nil {
			t.Fatal(err)
		}
		w := &world{t: t, mock: s, dial: s.DialContext}
		id := w.newSession()
		began := time.Now()
		for _, target := range []string{"http://example.com/", "https://example.com/"} {
			if r := w.get(target, inSession(id)); r.err != nil || r.body != "hello from "+target {
				t.Errorf("%s: %v %q", target, r.err, r.body)
			}
		}
		if got := time.Since(began); got != 12*time.Second {
			t.Errorf("took %v", got)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := s.DialContext(t.Context(), "tcp", "anywhere"); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}
