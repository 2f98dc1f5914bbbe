package paced

import (
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/mock"
)

func newZyte(t *testing.T, cfg mock.Config) *world {
	t.Helper()
	cfg.Service = mock.ServiceZyteAPI
	return newWorld(t, cfg)
}

// ids are the session IDs that were sent, in order; "" is a request without.
func (w *world) ids() (ids []string) {
	for _, e := range w.Mock.Journal() {
		ids = append(ids, e.Session)
	}
	return ids
}

func (w *world) checkIDs() {
	w.t.Helper()
	if dead := w.Mock.Verdict().Dead; len(dead) > 0 {
		w.t.Errorf("the ID of an ended session was sent: %+v", dead)
	}
}

func TestZyteSessionsAreMadeHere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newZyte(t, mock.Config{})
		made := w.must(w.job("create", "http://shop.test/get"))
		if _, err := client.ZyteAPI.SessionID(made.Session); err != nil || !made.Created || made.Attempts != 1 || made.RequestID == "" {
			t.Errorf("%+v", made)
		}
		named := w.must(w.job("@shop", "http://shop.test/get"))
		again := w.must(w.job("@shop", "https://shop.test/get"))
		if again.Session != named.Session || !named.Created || again.Created {
			t.Errorf("%+v, then %+v", named, again)
		}
		if got := told[Created](w); len(got) != 2 || got[0].Session != made.Session || got[1].Session != named.Session {
			t.Errorf("told %+v", got)
		}
		for _, e := range w.Mock.Journal() {
			if e.Kind == "sessions" {
				t.Errorf("%s %s was asked", e.Method, e.Target)
			}
		}
	})
}

// An ID is never sent after its session's end: not by the clock, not after the service
// or a row of bans said so. A name gets a new session before the request.
func TestZyteAnEndedIDIsNeverSent(t *testing.T) {
	for name, end := range map[string]func(*world, string){
		"idle": func(*world, string) { time.Sleep(115 * time.Second) },
		"old": func(w *world, ref string) {
			for range 14 {
				time.Sleep(time.Minute)
				w.must(w.job(ref, "http://shop.test/get"))
			}
			time.Sleep(55 * time.Second)
		},
		"long ago": func(*world, string) { time.Sleep(13 * time.Minute) },
		"banned": func(w *world, ref string) {
			must(w.t, w.Mock.Arm(mock.Fault{Name: "website-ban", Count: 3}))
			for range 3 {
				if _, err := w.fetch(w.job(ref, "http://shop.test/get")); err == nil {
					w.t.Error("no ban")
				}
			}
		},
	} {
		for _, ref := range []string{"11111111-1111-4111-8111-111111111111", "@shop"} {
			t.Run(name+" "+ref, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newZyte(t, mock.Config{})
					old := w.must(w.job(ref, "http://shop.test/get")).Session
					end(w, ref)
					before := len(w.Mock.Journal())
					result, err := w.fetch(w.job(ref, "http://shop.test/get"))
					if ref != "@shop" {
						if !errors.Is(err, ledger.ErrSessionDead) || result.Attempts != 0 || len(w.Mock.Journal()) != before {
							t.Errorf("%+v, %v", result, err)
						}
						return
					}
					if err != nil || result.Session == old || result.Replaced != old || result.Attempts != 1 {
						t.Errorf("%+v, %v", result, err)
					}
					want := Replaced{Old: old, New: result.Session, Name: "shop"}
					if got := told[Replaced](w); len(got) != 1 || got[0] != want {
						t.Errorf("told %+v, want %+v", got, want)
					}
					w.checkIDs()
				})
			})
		}
	}
}

// The service may end a session that by our clock lives: its word counts, for good.
func TestZyteTheServicesWordEndsASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newZyte(t, mock.Config{SessionTTL: time.Minute, Tombstone: time.Minute})
		job := w.job("11111111-1111-4111-8111-111111111111", "http://shop.test/get")
		w.must(job)
		time.Sleep(time.Minute)
		var refused *client.Error
		if _, err := w.fetch(job); !errors.As(err, &refused) || refused.Class != client.SessionDead {
			t.Errorf("%v", err)
		}
		time.Sleep(time.Hour) // by now the mock would take it for a new one
		if result, err := w.fetch(job); !errors.Is(err, ledger.ErrSessionDead) || result.Attempts != 0 {
			t.Errorf("%+v, %v", result, err)
		}
	})
}

func TestZyteOnDeadFailKeepsANameFromASecondSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newZyte(t, mock.Config{})
		job := w.job("@shop", "http://shop.test/get")
		job.OnDead = OnDeadFail
		w.must(job)
		time.Sleep(2 * time.Minute)
		if result, err := w.fetch(job); !errors.Is(err, ledger.ErrSessionDead) || result.Attempts != 0 {
			t.Errorf("%+v, %v", result, err)
		}
	})
}

// Ten who find a name's session ended replace it once.
func TestZyteManyShareTheNewSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newZyte(t, mock.Config{})
		w.must(w.job("@shop", "http://shop.test/get"))
		time.Sleep(3 * time.Minute)
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() { w.must(w.job("@shop", "http://shop.test/get")) })
		}
		all.Wait()
		seen := map[string]bool{}
		for _, id := range w.ids() {
			seen[id] = true
		}
		if len(seen) != 2 || len(told[Replaced](w)) != 1 {
			t.Errorf("sessions %v, told %+v", seen, told[Replaced](w))
		}
		w.checkIDs()
	})
}

// Where the host of Smart Proxy Manager's was moved, its answers tell how sessions end.
func TestTranslatedSessionsEndAsZyteDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{Service: mock.ServiceTranslated, SessionsAPI: true})
		w.fetcher.Ledger = w.Ledger
		made := w.must(w.job("create", "http://shop.test/get")).Session
		named := w.must(w.job("@shop", "http://shop.test/get")).Session
		time.Sleep(2 * time.Minute)
		before := len(w.Mock.Journal())
		if result, err := w.fetch(w.job(made, "http://shop.test/get")); !errors.Is(err, ledger.ErrSessionDead) || result.Attempts != 0 {
			t.Errorf("%+v, %v", result, err)
		}
		if len(w.Mock.Journal()) != before {
			t.Error("something was sent")
		}
		if result := w.must(w.job("@shop", "http://shop.test/get")); result.Replaced != named || result.Attempts != 1 {
			t.Errorf("%+v", result)
		}
	})
}

// A limit of the key stops everybody, one of a host those who go there.
func TestZyteLimitsHoldGates(t *testing.T) {
	for limit, holdsAll := range map[string]bool{
		"over-user-limit": true, "/limits/over-global-limit": true, "over-domain-limit": false, "over-org-domain-limit": false,
	} {
		t.Run(limit, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newZyte(t, mock.Config{})
				must(t, w.Mock.Arm(mock.Fault{Name: limit, Count: 1, Retry: "30"}))
				if _, err := w.fetch(w.job("", "http://a.test/get")); err == nil {
					t.Fatal("no limit")
				}
				if held := told[GateHeld](w); len(held) != 1 || held[0].Left != 30*time.Second {
					t.Errorf("told %+v", held)
				}
				for host, waits := range map[string]bool{"a.test": true, "b.test": holdsAll} {
					job := w.job("", "http://"+host+"/get")
					job.MaxWait = NoWait
					var late *ledger.TooLate
					if _, err := w.fetch(job); errors.As(err, &late) != waits {
						t.Errorf("%s: %v", host, err)
					}
				}
				began := time.Now()
				result := w.must(w.job("@shop", "https://a.test/get"))
				if took := time.Since(began); took != 30*time.Second || result.Waited != took {
					t.Errorf("it took %v, and waited %v", took, result.Waited)
				}
				if told[Waiting](w)[0].Gate == "" {
					t.Errorf("told %+v", told[Waiting](w)[0])
				}
			})
		})
	}
}

// A limit without a Retry-After holds longer and longer.
func TestZyteHoldsGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newZyte(t, mock.Config{})
		must(t, w.Mock.Arm(mock.Fault{Name: "over-domain-limit", Count: 3}))
		began := time.Now()
		for range 3 {
			if _, err := w.fetch(w.job("", "http://a.test/get")); err == nil {
				t.Error("no limit")
			}
		}
		w.must(w.job("", "http://a.test/get"))
		if took := time.Since(began); took != (20+40+80)*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// The key's delay spaces requests in whatever session, the target's those of a domain.
func TestGatesSpaceRequests(t *testing.T) {
	for _, service := range []string{mock.ServiceSPM, mock.ServiceZyteAPI} {
		t.Run(service, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, mock.Config{Service: service})
				w.fetcher.KeyDelay = time.Second
				w.fetcher.Target = func(host string) (string, time.Duration) {
					if host == "www.slow.test" || host == "slow.test" {
						return "slow.test", 3 * time.Second
					}
					return host, 0
				}
				began := time.Now()
				var all sync.WaitGroup
				for range 10 {
					all.Go(func() { w.must(w.job("", "http://fast.test/get")) })
				}
				all.Wait()
				if took := time.Since(began); took != 9*time.Second {
					t.Errorf("ten requests of the key took %v", took)
				}
				time.Sleep(time.Minute)
				began = time.Now()
				for _, host := range []string{"slow.test", "www.slow.test", "slow.test"} {
					w.must(w.job("", "http://"+host+"/get"))
				}
				if took := time.Since(began); took != 6*time.Second {
					t.Errorf("three requests of the domain took %v", took)
				}
			})
		})
	}
}

// The lease of a lane with many requests ends at a limit, and is of one host.
func TestZyteLeasesKeepToGates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newZyte(t, mock.Config{})
		lane := &Lane{Session: Ref{Kind: RefCreate}, Lease: true}
		defer lane.Close()
		step := func(target string) error {
			run := w.fetcher.Begin(w.job("", target))
			_, err := run.Step(t.Context(), lane)
			if resp := run.Result().Response; resp != nil {
				resp.Body.Close()
			}
			return err
		}
		for range 5 {
			must(t, step("http://a.test/get"))
		}
		must(t, w.Mock.Arm(mock.Fault{Name: "over-domain-limit", Count: 1, Retry: "30"}))
		if step("http://a.test/get") == nil {
			t.Error("no limit")
		}
		began := time.Now()
		must(t, step("http://b.test/get"))
		if took := time.Since(began); took != 0 {
			t.Errorf("another host waited %v", took)
		}
		must(t, step("http://a.test/get"))
		if took := time.Since(began); took != 30*time.Second {
			t.Errorf("the host waited %v", took)
		}
		time.Sleep(2 * time.Minute)
		if err := step("http://a.test/get"); !errors.Is(err, ledger.ErrSessionDead) {
			t.Errorf("%v", err)
		}
		w.checkIDs()
	})
}

// A session whose end comes while its request waits at a gate is not sent any more.
func TestZyteAnEndAtAGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newZyte(t, mock.Config{})
		w.must(w.job("@shop", "http://a.test/get"))
		must(t, w.Mock.Arm(mock.Fault{Name: "over-domain-limit", Count: 1, Retry: "300"}))
		if _, err := w.fetch(w.job("@shop", "http://a.test/get")); err == nil {
			t.Error("no limit")
		}
		result := w.must(w.job("@shop", "http://a.test/get"))
		if result.Replaced == "" || result.Attempts != 1 {
			t.Errorf("%+v", result)
		}
		w.checkIDs()
	})
}

func TestZyteNothingReachesATarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen http.Header
		w := newZyte(t, mock.Config{Origin: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r.Header })})
		w.must(w.job("@shop", "https://shop.test/get"))
		for name := range seen {
			if len(name) > 5 && name[:5] == "Zyte-" {
				t.Errorf("%s reached the target", name)
			}
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
