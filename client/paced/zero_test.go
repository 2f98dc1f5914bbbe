package paced

import (
	"testing"
	"testing/synctest"
	"time"

	"smp/client"
	"smp/client/mock"
)

// A job that says nothing of the pace keeps the service's.
func TestTheZeroJobIsPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mock.Config{})
		id := w.NewSession()
		start := time.Now()
		for range 3 {
			w.must(&Job{Request: client.Request{URL: mustURL(t, "http://shop.test/get")}, Session: Ref{Kind: RefID, Value: id}})
		}
		if took := time.Since(start); took < 2*client.SPM.Delay || took > 2*client.SPM.Delay+time.Second {
			t.Errorf("three requests took %v, want %v", took, 2*client.SPM.Delay)
		}
		w.CheckPace()
	})
}

func TestTheDefaultDelayIsScaled(t *testing.T) {
	t.Parallel()
	if d := (&Fetcher{Scale: 100}).Delay(&Job{}, "shop.test"); d != client.SPM.Delay/100 {
		t.Errorf("at a hundredfold scale the delay is %v", d)
	}
}

func TestAFetcherWithoutALedgerIsRefused(t *testing.T) {
	t.Parallel()
	c, err := client.New(client.Config{Endpoint: mustURL(t, "http://mock.test:8011"), Key: "test"})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*Fetcher{{}, {Client: c}} {
		job := &Job{Request: client.Request{URL: mustURL(t, "http://shop.test/")}, Session: Ref{Kind: RefName, Value: "shop"}}
		if result, err := f.Fetch(t.Context(), job); err == nil || result == nil {
			t.Errorf("%v, %v", result, err)
		}
		if _, err := f.Begin(job).Step(t.Context(), &Lane{}); err == nil {
			t.Error("a step went well")
		}
		if _, err := f.NewSession(t.Context()); err == nil {
			t.Error("a session was made")
		}
	}
}
