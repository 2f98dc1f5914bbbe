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

func TestFetchKeepsTheDelay(t *testing.T) {
	for _, scheme := range []string{"http", "https"} {
		t.Run(scheme, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, mock.Config{})
				id := w.NewSession()
				start := time.Now()
				for range 4 {
					w.must(w.job(id, scheme+"://shop.test/get"))
				}
				if took := time.Since(start); took < 3*delay || took > 3*delay+time.Second {
					t.Errorf("four requests took %v, want %v", took, 3*delay)
				}
				w.CheckPace()
			})
		})
	}
}

func TestFetchesTogetherQueueUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		id := w.NewSession()
		start := time.Now()
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() { w.must(w.job(id, "http://shop.test/get")) })
		}
		all.Wait()
		if took := time.Since(start); took < 49*delay || took > 49*delay*101/100 {
			t.Errorf("fifty requests took %v, want %v", took, 49*delay)
		}
		w.CheckPace()
	})
}

func TestSessionsOfOneIPShareItsSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{IPs: 1})
		ids := []string{w.NewSession(), w.NewSession(), w.NewSession()}
		start := time.Now()
		for range 2 {
			for _, id := range ids {
				w.must(w.job(id, "http://shop.test/get"))
			}
		}
		if took := time.Since(start); took < 5*delay {
			t.Errorf("six requests of one IP took %v, want %v", took, 5*delay)
		}
		w.CheckPace()
	})
}

func TestFetchWithoutSessionIsNotPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		start := time.Now()
		for range 5 {
			w.must(w.job("", "http://shop.test/get"))
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("five requests without a session took %v", took)
		}
	})
}

func TestMaxWaitSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		id := w.NewSession()
		w.must(w.job(id, "http://shop.test/get"))
		before := w.Mock.Verdict().Requests

		hasty := w.job(id, "http://shop.test/get")
		hasty.MaxWait = 5 * time.Second
		result, err := w.fetch(hasty)
		late, ok := errors.AsType[*ledger.TooLate](err)
		if !ok || late.Wait <= 11*time.Second || late.Wait > 13*time.Second {
			t.Fatalf("%v, want a TooLate of about %v", err, delay)
		}
		if result.Attempts != 0 || w.Mock.Verdict().Requests != before {
			t.Error("a request was sent")
		}

		start := time.Now()
		w.must(w.job(id, "http://shop.test/get"))
		if took := time.Since(start); took > delay+time.Second {
			t.Errorf("the next request waited %v: the one that gave up kept a slot", took)
		}
	})
}

func TestCreateIsTheFirstRequestOfItsSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		result := w.must(w.job("create", "https://shop.test/get"))
		if !result.Created || result.Session == "" || result.IP == "" || result.Attempts != 1 {
			t.Fatalf("%+v, want a new session with its IP, by one request", result)
		}
		if made := told[Created](w); len(made) != 1 || made[0].Session != result.Session {
			t.Errorf("told %v, want session %s", made, result.Session)
		}
		known, ok, err := w.fetcher.Ledger.Session(result.Session)
		if err != nil || !ok || !known.Mine || known.IP != result.IP {
			t.Errorf("the ledger knows %+v, %t, %v", known, ok, err)
		}
		start := time.Now()
		w.must(w.job(result.Session, "https://shop.test/get"))
		if took := time.Since(start); took < delay-time.Second {
			t.Errorf("its second request came after %v", took)
		}
		w.CheckPace()
	})
}

func TestEveryHopOfARedirectIsPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		job := w.job(w.NewSession(), "http://shop.test/redirect/2")
		job.Follow, job.MaxRedirects = true, 50
		var followed []string
		job.Followed = func(resp *client.Response) error {
			followed = append(followed, resp.Header.Get("Location"))
			return nil
		}
		start := time.Now()
		result := w.must(job)
		if took := time.Since(start); took < 2*delay {
			t.Errorf("three requests took %v, want %v", took, 2*delay)
		}
		if len(followed) != 2 || result.Attempts != 3 || result.EffectiveURL.Path != "/get" {
			t.Errorf("went over the redirects %q with %d requests to %s", followed, result.Attempts, result.EffectiveURL)
		}
		w.CheckPace()
	})
}

func TestTooManyRedirects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		job := w.job("", "http://shop.test/redirect/5")
		job.Follow, job.MaxRedirects = true, 2
		result, err := w.fetch(job)
		if _, ok := errors.AsType[*RedirectError](err); !ok || result.Attempts != 3 {
			t.Errorf("%v after %d requests, want a RedirectError after 3", err, result.Attempts)
		}
	})
}

func TestARedirectThatIsRefusedEndsTheFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		job := w.job("", "http://shop.test/redirect/5")
		job.Follow, job.MaxRedirects = true, 50
		job.Followed = func(*client.Response) error { return errors.New("enough") }
		result, err := w.fetch(job)
		refused, ok := errors.AsType[*RedirectError](err)
		if !ok || refused.Reason != "enough" || result.Attempts != 1 || result.Response != nil {
			t.Errorf("%v after %d requests", err, result.Attempts)
		}
	})
}

func TestOneFetchIsOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{Faults: faults(t, "reset")})
		result, err := w.fetch(w.job("", "http://shop.test/get"))
		failed := asClientError(err)
		if failed == nil || failed.Class != client.Network || result.Attempts != 1 {
			t.Errorf("%v after %d requests, want a broken network after 1", err, result.Attempts)
		}
	})
}

func TestRetryWaitsAndGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{Faults: faults(t, "noslaves:2")})
		job := w.job("", "http://shop.test/get")
		job.Retry = 3
		if result := w.must(job); result.Attempts != 3 {
			t.Errorf("%d requests, want 3: two that failed and one that did not", result.Attempts)
		}
		if again := told[Retrying](w); len(again) != 2 || again[0].Of != 3 || asClientError(again[0].Err) == nil {
			t.Errorf("told %+v, want two repetitions", again)
		}

		w = newWorld(t, mock.Config{Faults: faults(t, "noslaves")})
		job.Retry = 2
		result, err := w.fetch(job)
		if failed := asClientError(err); failed == nil || failed.Code != "noslaves" || result.Attempts != 3 {
			t.Errorf("%v after %d requests, want noslaves after 3", err, result.Attempts)
		}
	})
}

// What the service wants repeated after the time for repetitions is not repeated: to wait
// for it would only put off the failure. curl has it so.
func TestRetryForEndsBeforeALongRetryAfter(t *testing.T) {
	for after, attempts := range map[string]int{"5": 3, "30": 1} {
		synctest.Test(t, func(t *testing.T) {
			f, _ := newFetcher(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Del("X-Crawlera-Slave")
				w.Header().Set("X-Crawlera-Error", "serverbusy")
				w.Header().Set("Retry-After", after)
				w.WriteHeader(http.StatusServiceUnavailable)
			})
			job := &Job{Request: client.Request{URL: mustURL(t, "http://shop.test/")}}
			job.Retry, job.RetryFor = 9, 12*time.Second
			start := time.Now()
			result, err := f.Fetch(t.Context(), job)
			if failed := asClientError(err); failed == nil || failed.Code != "serverbusy" || result.Attempts != attempts {
				t.Errorf("Retry-After %s: %v after %d requests, want serverbusy after %d", after, err, result.Attempts, attempts)
			}
			if took := time.Since(start); took > job.RetryFor {
				t.Errorf("Retry-After %s: it took %v", after, took)
			}
		})
	}
}

func TestTimeoutCountsFromTheSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{Faults: faults(t, "stall")})
		job := w.job("", "http://shop.test/get")
		job.Timeout = 30 * time.Second
		start := time.Now()
		_, err := w.fetch(job)
		if failed := asClientError(err); failed == nil || failed.Class != client.Network {
			t.Errorf("%v, want a broken network", err)
		}
		if took := time.Since(start); took < 30*time.Second || took > 31*time.Second {
			t.Errorf("gave up after %v, want 30s", took)
		}
	})
}

func faults(t *testing.T, specs ...string) []mock.Fault {
	t.Helper()
	var faults []mock.Fault
	for _, spec := range specs {
		fault, err := mock.ParseFault(spec)
		if err != nil {
			t.Fatal(err)
		}
		faults = append(faults, fault)
	}
	return faults
}
