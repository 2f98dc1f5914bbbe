package batch

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smp/client"
	"smp/client/internal/servicetest"
	"smp/client/mock"
)

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
				if p := b.Progress(); p.Retried == 0 || open(p) != 0 {
					t.Errorf("%d repetitions, %d lines open", p.Retried, open(p))
				}
				w.clean(t)
			})
		})
	}
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

// A list that is written more slowly than one session reads needs no second one.
// One IP that has to rest does not keep the others from working.
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
		if good.Error != nil || good.Attempts != 3 || good.Status != 200 || !strings.HasSuffix(good.EffectiveURL, "/get") {
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

// A reader of the results that reads no more does not keep a run from stopping.
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

// What a target does to its own lines costs the session nothing: it goes on with the
// next at once.
func TestATargetThatBreaksOffRestsNoSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{Delay: -1, Faults: []mock.Fault{{Name: "truncate", Count: 9, On: "target"}}})
		hurriesThrough(t, w)
	})
}

// A code of the service's on an answer that names an outgoing IP is the target's.
func TestATargetInTheServicesWordsRestsNoSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{Delay: -1})
		served := 0
		w.connect(servicetest.Dial(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("X-Crawlera-Version", "1")
			if r.URL.Path == "/sessions" {
				_, _ = rw.Write([]byte("1\n"))
				return
			}
			rw.Header().Set("X-Crawlera-Slave", "10.0.0.1:80")
			if served++; served <= 9 {
				rw.Header().Set("X-Crawlera-Error", "too_many_conns")
				rw.WriteHeader(http.StatusTooManyRequests)
			}
		})))
		hurriesThrough(t, w)
	})
}

// hurriesThrough runs thirty lines, of which the target fails nine.
func hurriesThrough(t *testing.T, w *world) {
	t.Helper()
	config := w.config(1, 0)
	config.Job.Retry = 0
	began := time.Now()
	b, err := run(t, config, 30, newSink())
	if err != nil {
		t.Fatal(err)
	}
	if p := b.Progress(); p.Failed != 9 || p.Succeeded != 21 || p.Lost > 0 {
		t.Errorf("%d lines failed, %d succeeded, %d sessions were lost: %v", p.Failed, p.Succeeded, p.Lost, p.Failures)
	}
	if took := time.Since(began); took > 100*time.Millisecond {
		t.Errorf("the run took %v", took)
	}
	if crowded := told[Crowded](w); len(crowded) > 0 {
		t.Errorf("told %v", crowded)
	}
}

// What the service or the network fails with hits every line, so the session rests.
func TestTheServicesFailureRestsASession(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"reset", "serverbusy"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, sink := newWorld(t, mock.Config{Delay: -1, Faults: []mock.Fault{{Name: fault, Count: 9, On: "target"}}}), newSink()
				config := w.config(1, 0)
				config.Job.Retry = 0
				began := time.Now()
				if _, err := run(t, config, 30, sink); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took < time.Second {
					t.Errorf("the run took %v: nine failures in a row were hurried through", took)
				}
			})
		})
	}
}
