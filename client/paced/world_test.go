package paced

import (
	"net/http"
	"testing"

	"smp/client"
	"smp/client/internal/servicetest"
	"smp/client/mock"
)

// delay is what the service asks for by default.
const delay = servicetest.Delay

// world is a service and a fetcher of it.
type world struct {
	*servicetest.Service
	t       *testing.T
	fetcher *Fetcher
	events  servicetest.Events
}

func newWorld(t *testing.T, cfg mock.Config) *world {
	t.Helper()
	w := &world{t: t, Service: servicetest.New(t, cfg)}
	w.fetcher = &Fetcher{Client: w.Client, Ledger: w.Ledger, Notify: func(e Event) { w.events.Add(e) }}
	return w
}

func told[E Event](w *world) []E { return servicetest.Told[E](&w.events) }

// job fetches target in the session that ref names, with no limit of patience.
func (w *world) job(ref, target string) *Job {
	w.t.Helper()
	job := &Job{Request: client.Request{Method: http.MethodGet, URL: mustURL(w.t, target)}}
	if ref != "" {
		var err error
		if job.Session, err = ParseRef(ref); err != nil {
			w.t.Fatal(err)
		}
	}
	return job
}

// fetch does a job to the end of its body.
func (w *world) fetch(job *Job) (*Result, error) {
	w.t.Helper()
	result, err := w.fetcher.Fetch(w.t.Context(), job)
	if err == nil {
		if err := result.Response.Body.Close(); err != nil {
			w.t.Error(err)
		}
	}
	return result, err
}

// must is fetch for jobs that cannot fail.
func (w *world) must(job *Job) *Result {
	w.t.Helper()
	result, err := w.fetch(job)
	if err != nil {
		w.t.Error(err)
	}
	return result
}
