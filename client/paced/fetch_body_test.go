package paced

import (
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"smp/client"
	"smp/client/mock"
)

func TestABodyThatBreaksOffIsRepeatedAtASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{Faults: []mock.Fault{{Name: "truncate", Count: 1, On: "target"}}})
		job := w.job(w.NewSession(), "http://shop.test/get")
		job.Retry = 1
		start := time.Now()
		fetch := w.fetcher.NewFetch(job)
		result, err := fetch.Do(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadAll(result.Response.Body)
		result.Response.Body.Close()
		broke, ok := errors.AsType[*client.Error](err)
		if !ok || !fetch.BodyFailed(broke) {
			t.Fatalf("%v is not repeated", err)
		}
		if result, err = fetch.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer result.Response.Body.Close()
		if _, err := io.ReadAll(result.Response.Body); err != nil || result.Attempts != 2 || time.Since(start) < delay {
			t.Errorf("%v, %d requests in %v", err, result.Attempts, time.Since(start))
		}
		if fetch.BodyFailed(broke) {
			t.Error("a second repetition was not asked for")
		}
		w.CheckPace()
	})
}
