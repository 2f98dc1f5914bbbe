package paced

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"smp/client"
	"smp/client/mock"
)

// httpClient is any Go program's client in a session of the world.
func (w *world) httpClient(session string) *http.Client {
	w.t.Helper()
	job := w.job(session, "http://shop.test/")
	return &http.Client{Transport: &Transport{Fetcher: w.fetcher, Session: job.Session, Job: Job{Rules: job.Rules}}}
}

func TestTransportKeepsTheDefaultDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		c := w.httpClient("@shop")
		start := time.Now()
		for _, path := range []string{"a", "b", "c"} {
			resp, err := c.Get("https://shop.test/anything/" + path)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || resp.Status != "200 OK" || !strings.Contains(string(body), "/anything/"+path) {
				t.Errorf("%s: %s, %v", path, resp.Status, err)
			}
		}
		if took := time.Since(start); took < 2*client.SPM.Delay {
			t.Errorf("three requests took %v", took)
		}
		w.CheckPace()
	})
}

// A redirect is the http.Client's to follow, at the slots of the session.
func TestTransportLeavesRedirectsToTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		start := time.Now()
		resp, err := w.httpClient("@shop").Get("http://shop.test/redirect/2")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if took := time.Since(start); resp.Request.URL.Path != "/get" || took < 2*delay {
			t.Errorf("came to %s after %v", resp.Request.URL, took)
		}
		w.CheckPace()
	})
}

func TestTransportSendsBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		w.Delete(w.must(w.job("@shop", "http://shop.test/get")).Session)

		// The refused request, whose body a strings.Reader can give again, goes out anew.
		resp, err := w.httpClient("@shop").Post("http://shop.test/post", "text/plain", strings.NewReader("parcel"))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if !strings.Contains(string(body), "parcel") {
			t.Errorf("the target got %s", body)
		}
	})
}

// once is a body that cannot be given again.
type once struct {
	io.Reader
	closed atomic.Int64
}

func (o *once) Close() error { o.closed.Add(1); return nil }

func TestTransportSendsABodyOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		w.Delete(w.must(w.job("@shop", "http://shop.test/get")).Session)
		body := &once{Reader: strings.NewReader("parcel")}
		req, _ := http.NewRequest(http.MethodPut, "http://shop.test/put", body)
		_, err := w.httpClient("@shop").Do(req)
		synctest.Wait() // it is closed by another goroutine
		failed, ok := errors.AsType[*client.Error](err)
		if !ok || failed.Class != client.SessionDead || body.closed.Load() != 1 {
			t.Errorf("%v; the body was closed %d times", err, body.closed.Load())
		}
	})
}

// Whoever gives up while waiting gives the slot back, and no body stays open.
func TestTransportGivesTheSlotBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		c := w.httpClient("@shop")
		get := func(ctx context.Context) error {
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://shop.test/get", nil)
			resp, err := c.Do(req)
			if err == nil {
				resp.Body.Close()
			}
			return err
		}
		if err := get(t.Context()); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if err := get(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("gave up with %v", err)
		}
		body := &once{Reader: strings.NewReader("parcel")}
		req, _ := http.NewRequestWithContext(ctx, http.MethodPost, "http://shop.test/post", body)
		if _, err := c.Do(req); err == nil || body.closed.Load() == 0 {
			t.Errorf("%v; the body was closed %d times", err, body.closed.Load())
		}
		if err := get(t.Context()); err != nil || time.Since(start) > delay+time.Second {
			t.Errorf("the next came after %v, %v", time.Since(start), err)
		}
	})
}

func TestTransportKeepsConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		w.fetcher.KeepAlive = time.Minute
		c := w.httpClient("@shop")
		for range 3 {
			resp, err := c.Get("https://shop.test/get")
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		if n := w.Dials.Load(); n > 2 {
			t.Errorf("%d connections for three requests and a new session", n)
		}
		c.CloseIdleConnections()
		if n := len(w.fetcher.idle.conns); n != 0 {
			t.Errorf("%d connections stay", n)
		}
	})
}
