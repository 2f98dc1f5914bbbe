package paced

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/mock"
)

func TestANameBindsOneSessionForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() { w.must(w.job("@shop", "http://shop.test/get")) })
		}
		all.Wait()
		if n := len(w.Sessions()); n != 1 {
			t.Errorf("ten fetches of a new name made %d sessions", n)
		}
		if made := told[Created](w); len(made) != 1 {
			t.Errorf("told of %d new sessions", len(made))
		}
		w.CheckPace()
	})
}

func TestADeadNameGetsANewSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		old := w.must(w.job("@shop", "http://shop.test/get")).Session
		w.Delete(old)

		job := w.job("@shop", "http://shop.test/post")
		job.Request.Method = http.MethodPost
		result := w.must(job)
		if result.Session == old || result.Replaced != old || !result.Created || result.Attempts != 2 {
			t.Errorf("%+v, want a new session for %s after two requests", result, old)
		}
		want := Replaced{Old: old, New: result.Session, Name: "shop"}
		if got := told[Replaced](w); len(got) != 1 || got[0] != want {
			t.Errorf("told %+v, want %+v", got, want)
		}
		if dead, _, _ := w.fetcher.Ledger.Session(old); dead.Name != "" {
			t.Errorf("%s still goes by the name %q", old, dead.Name)
		}
	})
}

func TestManyWhoWaitForADeadNameShareTheNewSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		old := w.must(w.job("@shop", "http://shop.test/get")).Session
		before := w.Mock.Verdict().Requests
		w.Delete(old)
		var all sync.WaitGroup
		for range 30 {
			all.Go(func() { w.must(w.job("@shop", "http://shop.test/get")) })
		}
		all.Wait()
		if n := len(w.Sessions()); n != 1 {
			t.Errorf("%d sessions are alive, want 1", n)
		}
		if n := w.Mock.Verdict().Requests - before; n > 35 {
			t.Errorf("%d requests for 30 answers: the news of the death did not spread", n)
		}
		w.CheckPace()
	})
}

func TestADeadIDIsFinalUnlessAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		id := w.NewSession()
		w.Delete(id)
		result, err := w.fetch(w.job(id, "http://shop.test/get"))
		if failed := asClientError(err); failed == nil || failed.Class != client.SessionDead || result.Attempts != 1 {
			t.Errorf("%v after %d requests, want a dead session after 1", err, result.Attempts)
		}

		job := w.job(id, "http://shop.test/get")
		job.OnDead = OnDeadReplace
		if result := w.must(job); result.Replaced != id || result.Session == id {
			t.Errorf("%+v, want a session in the place of %s", result, id)
		}
	})
}

func TestADeadNameStaysDeadOnDemand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		w.Delete(w.must(w.job("@shop", "http://shop.test/get")).Session)
		job := w.job("@shop", "http://shop.test/get")
		job.OnDead = OnDeadFail
		_, err := w.fetch(job)
		if failed := asClientError(err); failed == nil || failed.Class != client.SessionDead {
			t.Errorf("%v, want a dead session", err)
		}
		if n := len(w.Sessions()); n != 0 {
			t.Errorf("%d sessions were made", n)
		}
	})
}

func TestABanIsDeathOnDemand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{Faults: faults(t, "banned:1")})
		id := w.NewSession()
		job := w.job(id, "http://shop.test/get")
		job.OnDead = OnDeadReplace
		if result := w.must(job); result.Replaced != id || result.Attempts != 2 {
			t.Errorf("%+v, want a session in the place of the banned one", result)
		}
	})
}

func TestANameLeavesNoBannedSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{Faults: faults(t, "banned:1")})
		job := w.job("@shop", "http://shop.test/get")
		job.OnDead = OnDeadReplace
		if result := w.must(job); result.Replaced == "" || result.Session == result.Replaced {
			t.Errorf("%+v, want a session in the place of the banned one", result)
		}
		if n := len(w.Sessions()); n != 1 {
			t.Errorf("%d sessions are alive, want the name's alone", n)
		}
	})
}

func TestABannedSessionThatIsInUseStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		job := w.job("@shop", "http://shop.test/get")
		old := w.must(job).Session
		release, err := w.fetcher.Ledger.Use(old)
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		if err := w.Mock.Arm(faults(t, "banned:1")...); err != nil {
			t.Fatal(err)
		}
		job.OnDead = OnDeadReplace
		if result := w.must(job); result.Replaced != old {
			t.Errorf("%+v, want a session in the place of %s", result, old)
		}
		if n := len(w.Sessions()); n != 2 {
			t.Errorf("%d sessions are alive, want the name's and the one that is in use", n)
		}
	})
}

func TestABannedSessionThatCannotBeDeletedIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		job := w.job("@shop", "http://shop.test/get")
		old := w.must(job).Session
		if err := w.Mock.Arm(mock.Fault{Name: "reset", On: "sessions"}); err != nil {
			t.Fatal(err)
		}
		w.fetcher.Retire(t.Context(), old, w.fetcher.deleteSession)
		if kept := told[SessionNotDeleted](w); len(kept) != 1 || kept[0].Session != old {
			t.Errorf("told %+v, want that %s is left", kept, old)
		}
	})
}

func TestADeathFoundMeanwhileSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		id := w.NewSession()
		w.must(w.job(id, "http://shop.test/get"))
		before := w.Mock.Verdict().Requests
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				result, err := w.fetch(w.job(id, "http://shop.test/get"))
				if !errors.Is(err, ledger.ErrSessionDead) || result.Attempts != 0 {
					t.Errorf("%v after %d requests, want a death found before the first", err, result.Attempts)
				}
			})
		}
		synctest.Wait()
		if err := w.fetcher.Ledger.MarkDead(id); err != nil {
			t.Fatal(err)
		}
		all.Wait()
		if n := w.Mock.Verdict().Requests - before; n != 0 {
			t.Errorf("%d requests were sent in a session known to be dead", n)
		}
	})
}

func TestAPenaltyHoldsAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		id := w.NewSession()
		w.must(w.job(id, "http://shop.test/get"))
		start := time.Now()
		var all sync.WaitGroup
		var first time.Duration
		var once sync.Once
		for range 30 {
			all.Go(func() {
				w.must(w.job(id, "http://shop.test/get"))
				once.Do(func() { first = time.Since(start) })
			})
		}
		synctest.Wait()
		w.postpone(id, 5*time.Minute)
		all.Wait()
		if first < 5*time.Minute {
			t.Errorf("a request started %v after the service asked for five minutes", first)
		}
		w.CheckPace()
	})
}

// postpone tells the ledger what another process was told by the service.
func (w *world) postpone(id string, d time.Duration) {
	w.t.Helper()
	ticket, err := w.fetcher.Ledger.Reserve(id, ledger.Pace{Unpaced: true, Patience: ledger.NoLimit})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := ticket.Start(w.t.Context(), nil); err != nil {
		w.t.Fatal(err)
	}
	if err := ticket.Done(ledger.Feedback{Postpone: d}); err != nil {
		w.t.Fatal(err)
	}
}

func TestASessionCallHasALimit(t *testing.T) {
	for limit, want := range map[time.Duration]time.Duration{0: time.Minute, 3 * time.Second: 3 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, mock.Config{Faults: []mock.Fault{{Name: "stall", On: "sessions"}}})
			w.fetcher.SessionTimeout = limit
			start := time.Now()
			_, err := w.fetcher.Fetch(t.Context(), w.job("@shop", "http://shop.test/get"))
			if slow, ok := errors.AsType[*TimeoutError](err); !ok || slow.After != want || time.Since(start) != want {
				t.Errorf("%v after %v, want %v", err, time.Since(start), want)
			}
		})
	}
}

// A name whose sessions are found dead one after the other makes no session for each,
// also where its requests keep no delay.
func TestANameIsReplacedOnceInAWhile(t *testing.T) {
	for pace, want := range map[time.Duration]time.Duration{0: replaceInterval, time.Second: replaceInterval, time.Minute: time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, mock.Config{Delay: time.Second})
			fetch := func() error {
				job := w.job("@shop", "http://shop.test/get")
				job.Delay = func(string) time.Duration { return pace }
				result, err := w.fetch(job)
				if err == nil {
					w.Delete(result.Session)
				}
				return err
			}
			if err := fetch(); err != nil { // binds the name
				t.Fatal(err)
			}
			if err := fetch(); err != nil { // replaces its session
				t.Fatal(err)
			}
			start := time.Now()
			for fetch() != nil {
				time.Sleep(want / 10)
			}
			if took := time.Since(start); took < want-pace-time.Second || took > want+pace+want/5 {
				t.Errorf("at a delay of %v the next replacement came after %v, want %v", pace, took, want)
			}
		})
	}
}

// What a name has left is deleted, unless the service itself disowned it: that would
// ask for nothing.
func TestADisownedSessionIsNotDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		w.Delete(w.must(w.job("@shop", "http://shop.test/get")).Session)
		calls := 0
		w.Intercept(func(request string) (time.Duration, error) {
			if strings.HasPrefix(request, "DELETE ") {
				calls++
			}
			return 0, nil
		})
		w.fetcher.Client = w.Client
		if w.must(w.job("@shop", "http://shop.test/get")); calls != 0 || len(told[SessionNotDeleted](w)) != 0 {
			t.Errorf("%d sessions were deleted", calls)
		}
	})
}
