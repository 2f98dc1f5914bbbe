//go:build soak

package batch

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"smp/client"
	"smp/client/internal/servicetest"
	"smp/client/mock"
	"smp/client/paced"
)

var (
	soakSessions = flag.Int("soak-sessions", 500, "sessions of the account; 5000 is all that the service gives")
	soakTime     = flag.Duration("soak-time", time.Hour, "how long the batch lasts, in virtual time")
)

// An hour of an account, in virtual time: every session at its pace, with bans, dead
// sessions, failures, postponements, and neighbours on the same IPs. No request is early,
// no line is lost, no session is left, and memory does not grow with the lines.
// An hour of 500 sessions takes some minutes of a processor, of 5000 ten times as many.
//
//	go test -tags soak -run Soak -v -timeout 60m ./client/batch -soak-sessions 5000
func TestSoakOfAnAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{Seed: 1, IPs: 2 * *soakSessions, SessionLimit: *soakSessions + 20, Faults: []mock.Fault{
			{Name: "banned", Rate: 0.001, On: "target"},
			{Name: "bad_session_id", Rate: 0.001, On: "target"},
			{Name: "noslaves", Rate: 0.002, On: "target"},
			{Name: "reset", Rate: 0.001, On: "target"},
			{Name: "truncate", Rate: 0.001, On: "target"},
			{Name: "serverbusy", Rate: 0.001, On: "target", Retry: "90"},
		}})
		lines := *soakSessions * int(*soakTime/delay)
		cfg := w.config(*soakSessions, delay)
		cfg.Job.Retry = 20
		b := New(cfg)
		var postponed postponements
		w.meddle(postponed.check)
		stop := w.neighbours(t, 10, postponed.note)
		sink := &countingSink{seen: make([]bool, lines+1)}
		began := time.Now()
		heap := sampleHeap(b, lines)
		err := b.Run(t.Context(), NewReader(&endless{lines: lines}), sink)
		stop()
		if err != nil {
			t.Fatal(err)
		}
		p := b.Progress()
		t.Logf("%d lines, %d requests, %d repetitions, %d sessions made, %d lost, in %v (bound %v); heap %v MB",
			lines, p.Requests, p.Retried, p.Made, p.Lost, time.Since(began), p.Bound, *heap)
		if p.Succeeded != lines || sink.twice > 0 || p.Kept > 0 {
			t.Errorf("%d of %d lines succeeded, %d twice; %d failed: %v; %d sessions were not deleted", p.Succeeded, lines, sink.twice, p.Failed, p.Failures, p.Kept)
		}
		if n := len(*heap); n > 3 && (*heap)[n-1] > 2*(*heap)[n/4]+8 {
			t.Errorf("memory grows: %v MB", *heap)
		}
		if t.Logf("%d postponements", postponed.count); postponed.count == 0 || postponed.early > 0 {
			t.Errorf("%d postponements, and %d requests before their end", postponed.count, postponed.early)
		}
		w.clean(t)
	})
}

// postponements are kept as the service asks for them.
type postponements struct {
	mu           sync.Mutex
	until        map[string]time.Time // by session
	count, early int
}

func (p *postponements) note(e paced.Postponed) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.until == nil {
		p.until = map[string]time.Time{}
	}
	p.until[e.Session] = time.Now().Add(e.By)
	p.count++
}

// check looks at what is sent.
func (p *postponements) check(request string) (late time.Duration, err error) {
	_, rest, found := strings.Cut(request, "\r\nX-Crawlera-Session: ")
	if !found {
		return 0, nil
	}
	session, _, _ := strings.Cut(rest, "\r\n")
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Now().Before(p.until[session]) {
		p.early++
	}
	delete(p.until, session)
	return 0, nil
}

// neighbours fetch in names of their own all the while. What they made is deleted by stop.
func (w *world) neighbours(t *testing.T, n int, postponed func(paced.Postponed)) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var made servicetest.Events
	w.fetcher.Notify = func(e paced.Event) {
		switch e := e.(type) {
		case paced.Created:
			made.Add(e.Session)
		case paced.Replaced:
			made.Add(e.New)
		case paced.Postponed:
			postponed(e)
		}
	}
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			ref := paced.Ref{Kind: paced.RefName, Value: fmt.Sprint("neighbour", i)}
			for ctx.Err() == nil {
				job := w.config(0, delay).Job
				job.Request, job.Session = client.Request{URL: &url.URL{Scheme: "http", Host: "neighbour.test", Path: "/get"}}, ref
				if result, err := w.fetcher.Fetch(ctx, &job); err == nil {
					_, _ = io.Copy(io.Discard, result.Response.Body)
					_ = result.Response.Body.Close()
				}
				select {
				case <-time.After(time.Duration(rand.Int64N(int64(time.Minute)))):
				case <-ctx.Done():
				}
			}
		})
	}
	return func() {
		cancel()
		all.Wait()
		for _, id := range servicetest.Told[string](&made) {
			_ = w.Client.DeleteSession(context.Background(), id) // unless it died
		}
	}
}

// sampleHeap notes the heap, in MB, of each tenth of the lines. It takes the least
// of twenty samples, since what thousands of requests under way hold comes and goes
// with them.
func sampleHeap(b *Batch, lines int) *[]uint64 {
	const each = 20
	samples := new([]uint64)
	b.Notify = nil
	every := max(lines/10/each, 1)
	request := b.Request
	read, taken, least := 0, 0, uint64(0)
	b.Request = func(line *Line) (client.Request, error) {
		if read++; read%every == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if taken++; taken%each == 1 || m.HeapAlloc < least {
				least = m.HeapAlloc
			}
			if taken%each == 0 {
				*samples = append(*samples, least>>20)
			}
		}
		return request(line)
	}
	return samples
}

// endless is a list that takes no memory.
type endless struct {
	lines, next int
	rest        string
}

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		if e.next == e.lines {
			return 0, io.EOF
		}
		e.next++
		e.rest = fmt.Sprintf("http://shop.test/anything/%d\n", e.next)
	}
	n := copy(p, e.rest)
	e.rest = strings.TrimPrefix(e.rest, e.rest[:n])
	return n, nil
}

// countingSink keeps nothing but which lines succeeded.
type countingSink struct {
	mu    sync.Mutex
	seen  []bool
	twice int
}

func (s *countingSink) keep(_ *Line, record *Record, body io.Reader) error {
	return copyBody(io.Discard, body, record)
}

func (s *countingSink) write(record *Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if record.Error == nil {
		if s.seen[record.Line] {
			s.twice++
		}
		s.seen[record.Line] = true
	}
	return nil
}

func (s *countingSink) finished() *Done       { return nil }
func (s *countingSink) sessions() *sessionLog { return nil }
