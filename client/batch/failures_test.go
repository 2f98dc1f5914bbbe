package batch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smp/client"
	"smp/client/mock"
	"smp/client/paced"
)

const delay = 12 * time.Second

func TestFaultsLoseNoLine(t *testing.T) {
	t.Parallel()
	tests := map[string][]mock.Fault{
		"bans":          {{Name: "banned", Rate: 0.1}},
		"resets":        {{Name: "reset", Rate: 0.1}},
		"late resets":   {{Name: "reset", Rate: 0.1, After: true}},
		"broken bodies": {{Name: "truncate", Rate: 0.1}},
		"no proxies":    {{Name: "noslaves", Rate: 0.2}},
		"busy":          {{Name: "serverbusy", Rate: 0.1}},
		"no session":    {{Name: "bad_session_id", Rate: 0.1}},
		"garbage":       {{Name: "garbage", Rate: 0.1}},
		"everything":    {{Name: "banned", Rate: 0.03}, {Name: "reset", Rate: 0.03}, {Name: "noslaves", Rate: 0.05}, {Name: "truncate", Rate: 0.03}},
	}
	for name, faults := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for i := range faults {
					faults[i].On = "target"
				}
				w, sink := newWorld(t, mock.Config{Faults: faults, Seed: 7}), newSink()
				cfg := w.config(10, delay)
				cfg.Job.Retry = 20
				b, err := run(t, cfg, 200, sink)
				if err != nil {
					t.Fatal(err)
				}
				sink.complete(t, 200)
				if p := b.Progress(); p.Retried == 0 || p.Open() != 0 {
					t.Errorf("%d repetitions, %d lines open", p.Retried, p.Open())
				}
				w.clean(t)
			})
		})
	}
}

func TestFaultsOfTheSessionsAPILeaveNoSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		faults := []mock.Fault{{Name: "serverbusy", Count: 8, On: "sessions"}, {Name: "reset", Count: 4, On: "sessions"}}
		w, sink := newWorld(t, mock.Config{Faults: faults}), newSink()
		cfg := w.config(5, delay)
		cfg.Job.Retry = 20
		if _, err := run(t, cfg, 20, sink); err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 20)
		w.clean(t)
	})
}

func TestRetriesAreBounded(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault    string
		method   string
		requests int // of the only line
		class    string
	}{
		{"econnreset", "GET", 3, "upstream"},
		{"banned", "GET", 3, "upstream"},
		{"noslaves", "GET", 3, "later"},
		{"bad_session_id", "GET", 3, "session"},
		{"nxdomain", "GET", 1, "hopeless"},
		{"domain_forbidden", "GET", 1, "hopeless"},
		{"reset", "GET", 3, "network"},
		{"econnreset", "POST", 1, "upstream"},
		{"banned", "POST", 1, "upstream"},
		{"reset", "POST", 1, "network"},
		{"bad_session_id", "POST", 3, "session"}, // was never forwarded
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.fault, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, sink := newWorld(t, mock.Config{Faults: []mock.Fault{{Name: test.fault, On: "target"}}}), newSink()
				cfg := w.config(3, delay)
				plain := cfg.Request
				cfg.Request = func(line *Line) (client.Request, error) {
					req, err := plain(line)
					req.Method = test.method
					return req, err
				}
				b, err := run(t, cfg, 1, sink)
				if err != nil {
					t.Fatal(err)
				}
				records := sink.results[1]
				if len(records) != 1 || records[0].Error == nil || records[0].Attempts != test.requests {
					t.Fatalf("got %+v, want one failure after %d requests", records, test.requests)
				}
				if p := b.Progress(); p.Failed != 1 || p.Failures[test.class] != 1 {
					t.Errorf("failures by class: %v", p.Failures)
				}
				w.clean(t)
			})
		})
	}
}

func TestBannedSessionIsReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{Faults: []mock.Fault{{Name: "banned", Count: 1, On: "target"}}}), newSink()
		b, err := run(t, w.config(1, delay), 3, sink)
		if err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 3)
		if p := b.Progress(); p.Made != 2 || p.Lost != 1 || len(told[SessionLost](w)) != 1 {
			t.Errorf("%d sessions made, %d lost, told: %v", p.Made, p.Lost, told[SessionLost](w))
		}
		w.clean(t)
	})
}

func TestPoolGrowsOnlyForLines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{}), newSink()
		b, err := run(t, w.config(20, delay), 3, sink)
		if err != nil {
			t.Fatal(err)
		}
		if p := b.Progress(); p.Made != 3 {
			t.Errorf("%d sessions for 3 lines", p.Made)
		}
		w.clean(t)
	})
}

// A list that is written more slowly than one session reads needs no second one.
func TestPoolStaysSmallForASlowList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{}), newSink()
		r, slow := io.Pipe()
		go func() {
			for line := range strings.Lines(list(5)) {
				_, _ = io.WriteString(slow, line)
				time.Sleep(delay + time.Second)
			}
			slow.Close()
		}()
		b := New(w.config(20, delay))
		if err := b.Run(context.Background(), NewReader(r), sink); err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 5)
		if p := b.Progress(); p.Made != 1 {
			t.Errorf("%d sessions made", p.Made)
		}
		w.clean(t)
	})
}

func TestSessionLimitShrinksThePool(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{SessionLimit: 3}), newSink()
		began := time.Now()
		_, err := run(t, w.config(10, delay), 30, sink)
		if err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 30)
		if shrunk := told[PoolShrunk](w); len(shrunk) != 1 || shrunk[0].Sessions != 3 {
			t.Errorf("told %v", shrunk)
		}
		if took := time.Since(began); took > 9*delay*102/100 {
			t.Errorf("took %v for ten rounds of three", took)
		}
		w.clean(t)
	})
}

func TestNoSessionAtAllEndsTheRun(t *testing.T) {
	t.Parallel()
	tests := map[string]client.Class{
		"user_session_limit": client.Later,
		"serverbusy":         client.Later,
		"bad_proxy_auth":     client.Credentials,
		"reset":              client.Network,
		"bad_endpoint":       client.Hopeless,
	}
	for fault, class := range tests {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, sink := newWorld(t, mock.Config{Faults: []mock.Fault{{Name: fault, On: "sessions"}}}), newSink()
				b, err := run(t, w.config(5, delay), 10, sink)
				failed, ok := errors.AsType[*client.Error](err)
				if !ok || failed.Class != class {
					t.Fatalf("got %v", err)
				}
				if p := b.Progress(); len(sink.results) > 0 || p.Open() != p.Lines {
					t.Errorf("%d lines have a result, %d of %d are open", len(sink.results), p.Open(), p.Lines)
				}
			})
		})
	}
}

func TestBadKeyLeavesTheOpenLinesOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{Faults: []mock.Fault{{Name: "bad_proxy_auth", Rate: 0.05, On: "target"}}}), newSink()
		_, err := run(t, w.config(5, delay), 500, sink)
		if failed, ok := errors.AsType[*client.Error](err); !ok || failed.Class != client.Credentials {
			t.Fatalf("got %v", err)
		}
		if n := len(sink.results); n == 0 || n == 500 {
			t.Errorf("%d lines have a result", n)
		}
		sink.complete(t, len(sink.results))
		w.clean(t)
	})
}

func TestCrowdedServiceGetsFewerAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{Delay: -1, ConcurrencyLimit: 2, Origin: slowOrigin(time.Second)}), newSink()
		cfg := w.config(10, 0)
		cfg.Job.Retry = 3
		_, err := run(t, cfg, 100, sink)
		if err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 100)
		if len(told[Crowded](w)) == 0 {
			t.Error("nobody was told")
		}
		w.clean(t)
	})
}

// One IP that has to rest does not keep the others from working.
func TestPenaltyStallsNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fault := mock.Fault{Name: "serverbusy", Count: 1, Retry: "600", On: "target"}
		w, sink := newWorld(t, mock.Config{Faults: []mock.Fault{fault}}), newSink()
		began := time.Now()
		_, err := run(t, w.config(5, delay), 41, sink)
		if err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 41)
		if took := time.Since(began); took > 11*delay {
			t.Errorf("took %v: four sessions need ten gaps", took)
		}
		w.clean(t)
	})
}

func TestTargetsStatusIsSuccessUnlessFail(t *testing.T) {
	t.Parallel()
	for _, fail := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w, sink := newWorld(t, mock.Config{}), newSink()
			cfg := w.config(1, delay)
			cfg.Fail = fail
			b := New(cfg)
			lines := "http://shop.test/status/404\nhttp://shop.test/status/503\nhttp://shop.test/status/200\n"
			if err := b.Run(context.Background(), NewReader(strings.NewReader(lines)), sink); err != nil {
				t.Fatal(err)
			}
			var got []bool
			var attempts []int
			for i := 1; i <= 3; i++ {
				got = append(got, sink.results[i][0].Error == nil)
				attempts = append(attempts, sink.results[i][0].Attempts)
			}
			if got[0] == fail || got[1] == fail || !got[2] {
				t.Errorf("fail %v: successes %v", fail, got)
			}
			if want := 1; !fail && (attempts[0] != want || attempts[1] != want) || fail && (attempts[0] != 1 || attempts[1] != 3) {
				t.Errorf("fail %v: requests %v", fail, attempts)
			}
			w.clean(t)
		})
	}
}

func TestRedirectsAreFollowedAtThePace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{}), newSink()
		cfg := w.config(1, delay)
		cfg.Job.Follow, cfg.Job.MaxRedirects = true, 5
		b := New(cfg)
		began := time.Now()
		lines := "http://shop.test/redirect/2\nhttp://shop.test/redirect/9\n"
		if err := b.Run(context.Background(), NewReader(strings.NewReader(lines)), sink); err != nil {
			t.Fatal(err)
		}
		good, bad := sink.results[1][0], sink.results[2][0]
		if good.Error != nil || good.Attempts != 3 || *good.Status != 200 || !strings.HasSuffix(*good.EffectiveURL, "/get") {
			t.Errorf("got %+v", good)
		}
		if bad.Error == nil || bad.Attempts != 6 {
			t.Errorf("got %+v, want too many redirects", bad)
		}
		if took := time.Since(began); took < 8*delay || took > 9*delay {
			t.Errorf("nine requests of one session took %v", took)
		}
		w.clean(t)
	})
}

func TestSinkThatFailsStopsTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{}), newSink()
		sink.failAt = 7
		b, err := run(t, w.config(3, delay), 100, sink)
		if !errors.Is(err, io.ErrShortWrite) {
			t.Fatalf("got %v", err)
		}
		if p := b.Progress(); p.Open() == 0 || len(sink.results) > 12 {
			t.Errorf("%d lines have a result, %d are open", len(sink.results), p.Open())
		}
		w.clean(t)
	})
}

func TestStopFinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer time.Duration // how long the target takes
		within time.Duration // Run has to return, after the stop
		done   int
	}{
		{"quick answers", time.Second, 2 * time.Second, 4},
		{"answers that take too long", time.Hour, 10 * time.Second, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, sink := newWorld(t, mock.Config{Origin: slowOrigin(test.answer)}), newSink()
				ctx, stop := context.WithCancelCause(context.Background())
				reason := errors.New("enough")
				var stopped time.Time
				time.AfterFunc(500*time.Millisecond, func() { stopped = time.Now(); stop(reason) })
				b := New(w.config(4, delay))
				err := b.Run(ctx, NewReader(strings.NewReader(list(100))), sink)
				if !errors.Is(err, reason) {
					t.Fatalf("got %v", err)
				}
				if took := time.Since(stopped); took > test.within {
					t.Errorf("took %v to stop", took)
				}
				sink.complete(t, test.done)
				if p := b.Progress(); p.Failed != 0 {
					t.Errorf("%d lines failed", p.Failed)
				}
				w.clean(t)
			})
		})
	}
}

func TestGivenSessionsStay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{}), newSink()
		made, err := w.fetcher.NewSession(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		cfg := w.config(0, delay)
		cfg.Given = []paced.Ref{{Kind: paced.RefID, Value: made.ID}, {Kind: paced.RefName, Value: "shop"}}
		if _, err := run(t, cfg, 6, sink); err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 6)
		for _, records := range sink.results {
			if id := *records[0].Session; id != made.ID && !bound(t, w, "shop", id) {
				t.Errorf("session %s was not given", id)
			}
		}
		if left := w.sessions(t); len(left) != 2 {
			t.Errorf("sessions after the run: %v", left)
		}
	})
}

func bound(t testing.TB, w *world, name, id string) bool {
	t.Helper()
	found, ok, err := w.fetcher.Ledger.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return ok && found == id
}

func TestDeadGivenSessionIsReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sink := newWorld(t, mock.Config{}), newSink()
		cfg := w.config(0, delay)
		cfg.Given = []paced.Ref{{Kind: paced.RefID, Value: "4711"}}
		b, err := run(t, cfg, 3, sink)
		if err != nil {
			t.Fatal(err)
		}
		sink.complete(t, 3)
		if p := b.Progress(); p.Made != 1 || p.Lost != 1 {
			t.Errorf("%d sessions made, %d lost", p.Made, p.Lost)
		}
		w.clean(t)
	})
}

// A reader of the results that reads no more does not keep a run from stopping.
func TestStopDoesNotWaitForAStuckReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		stuck, writer := io.Pipe()
		ctx, stop := context.WithCancel(context.Background())
		time.AfterFunc(time.Minute, stop)
		b := New(w.config(1, delay)) // others would wait for a mutex, at which virtual time stops
		err := b.Run(ctx, NewReader(strings.NewReader(list(100))), NewStream(writer))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if p := b.Progress(); p.Elapsed > time.Minute+10*time.Second {
			t.Errorf("stopped after %v", p.Elapsed)
		}
		w.clean(t)
		stuck.Close()
	})
}

func TestStreamHoldsBodies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		var out bytes.Buffer
		b := New(w.config(1, delay))
		lines := "http://shop.test/base64/aGVsbG8=\nhttp://shop.test/bytes/9?seed=3\n" +
			"http://shop.test/stream-bytes/9000000\n{\"url\":\"http://shop.test/get\",\"id\":\"mine\"}\nhttp://[bad\n"
		if err := b.Run(context.Background(), NewReader(strings.NewReader(lines)), NewStream(&out)); err != nil {
			t.Fatal(err)
		}
		records := map[int]*Record{}
		for text := range strings.Lines(out.String()) {
			r := new(Record)
			if err := json.Unmarshal([]byte(text), r); err != nil {
				t.Fatal(err)
			}
			records[r.Line] = r
		}
		if len(records) != 5 {
			t.Fatalf("%d records", len(records))
		}
		if r := records[1]; r.Body == nil || *r.Body != "hello" || r.Bytes != 5 {
			t.Errorf("text: %+v", r)
		}
		if r := records[2]; r.Body != nil || len(r.BodyBase64) != 9 {
			t.Errorf("bytes: %+v", r)
		}
		if r := records[3]; r.Error == nil || !strings.Contains(r.Error.Message, "over 8 MiB") || r.Body != nil || r.BodyBase64 != nil || r.Attempts != 1 {
			t.Errorf("a body too big: %+v", r.Error)
		}
		if r := records[4]; string(r.ID) != `"mine"` || r.Error != nil {
			t.Errorf("JSON: %+v", r)
		}
		if r := records[5]; r.Error == nil || r.Attempts != 0 || r.URL != "http://[bad" {
			t.Errorf("a bad line: %+v", r)
		}
		if p := b.Progress(); p.Failed != 2 || p.Failures["input"] != 1 || p.Failures["other"] != 1 {
			t.Errorf("failures: %v", p.Failures)
		}
		w.clean(t)
	})
}
