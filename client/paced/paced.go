// Package paced sends requests through the proxy at the rate the service
// allows: it joins the wire ([smp/client]) and this machine's memory
// ([smp/client/ledger]).
//
// There are three ways in, of which most programs want the first or the second:
//
//   - [Fetcher.Fetch] does one [Job]: it finds or makes the session, waits for the slot,
//     sends the request, and repeats, replaces and follows as the job's [Rules] allow.
//   - [Transport] is the same as an [http.RoundTripper], for an [http.Client].
//   - A [Run] is for a scheduler with many jobs and sessions of its own: it is taken step
//     by step, each in a [Lane], which is a session and its open connection.
//
// All of them are one loop and ask the same [Rules] what follows.
//
// The package never prints; a [Fetcher] tells what happens through its Notify.
package paced

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"smp/client"
	"smp/client/ledger"
)

// Fetcher sends paced requests. Its fields are set before the first use; from
// then on it is safe for concurrent use. It must not be copied after that.
type Fetcher struct {
	Client *client.Client
	Ledger *ledger.Ledger

	// Scale divides the built-in durations (the default delay, back-off, and how long
	// before its slot a request connects); 0 means 1. Values that were given or
	// received stay.
	Scale float64

	// SessionTimeout limits a call of the sessions API that a request needs; 0 means
	// a minute.
	SessionTimeout time.Duration

	// KeepAlive is how long a fetch's connection waits for another request of the
	// same session, once an answer was read to its end. 0 closes the connection with
	// the answer.
	KeepAlive time.Duration

	// Lease is that of the lanes of fetches, see [Lane.Lease]. It goes with a connection
	// that is kept alive.
	Lease bool

	// KeyDelay is the least time between two requests of the API key, whoever sends them;
	// 0 for none.
	KeyDelay time.Duration

	// Target gives the least time between two requests to a host, 0 for none, and the
	// domain whose hosts keep that time together. A nil Target is none, and each host
	// for itself.
	Target func(host string) (domain string, delay time.Duration)

	// Notify is told what happens, from the goroutine of the request it happens
	// to; nil for nobody.
	Notify func(Event)

	idle    idlePool    // for another request of the same session
	spare   idlePool    // for a request of any session
	apart   atomic.Bool // each session needs connections of its own
	unknown atomic.Bool // UnknownEndpoint was told
	dials   fastest
	asking  sharedCall
}

// errIncomplete is what a Fetcher without one of its two halves answers.
var errIncomplete = errors.New("a paced.Fetcher needs both a Client and a Ledger")

func (f *Fetcher) check() error {
	if f.Client == nil || f.Ledger == nil {
		return errIncomplete
	}
	return nil
}

// CloseIdleConnections closes the connections that wait for another request.
func (f *Fetcher) CloseIdleConnections() {
	for _, c := range append(f.idle.takeAll(), f.spare.takeAll()...) {
		f.discard(c)
	}
}

// service is what is at the endpoint.
func (f *Fetcher) service() *client.Service {
	if f.Client == nil {
		return client.SPM
	}
	return f.Client.Service()
}

// Delay is the one that a job's request to host needs; the host may be empty.
func (f *Fetcher) Delay(job *Job, host string) time.Duration {
	if job.Delay == nil {
		return f.scaled(f.service().Delay)
	}
	return job.Delay(host)
}

// NoWait as a Job's MaxWait sends the request only if its slot is free now.
const NoWait time.Duration = -1

// Job is one request and what may be done for its sake. The zero value, with a
// Request, is sent once, without a session.
type Job struct {
	Request  client.Request // its Session is ignored; OnWrite is called for each sending
	BodyOnce bool           // the Request's Body can be opened only once: then it is not repeated
	Session  Ref

	// Delay is the least time between two requests of one outgoing IP, by the target's
	// host; nil means the service's by the Fetcher's Scale. Where it returns 0 a request
	// waits for nothing but a postponement by the service.
	Delay   func(host string) time.Duration
	MaxWait time.Duration // for the first request's slot; 0 for no limit, negative ([NoWait]) for none at all
	Unpaced bool          // send now; recorded all the same
	Timeout time.Duration // of one request, from its sending to the end of its body; 0 for none

	// Turn waits until a request that keeps a delay may take its slot. Slots are
	// given in the order in which they are taken, and a caller may know a better
	// order. What it returns is called, maybe more than once, when the request goes
	// out or does not. An error ends the fetch. nil waits for nothing.
	Turn func(ctx context.Context) (end func(), err error)

	Rules
	MaxRedirects int            // negative for no limit
	KeepMethod   bool           // redirects do not change the method
	Jar          http.CookieJar // asked at every hop; nil for none

	// Followed is given every redirect that is followed, its body closed. Nothing
	// else keeps the redirects of a fetch. An error ends the fetch, as the reason of a
	// *RedirectError; nil for nobody.
	Followed func(*client.Response) error
}

// Result is what became of a job. Where the job failed it holds what is known all
// the same, and Response is nil.
type Result struct {
	Response *client.Response // the caller closes its Body

	EffectiveURL *url.URL // of the last request
	RedirectURL  string   // where the answer points, if it was not followed

	Session  string // of the last request, or of the one that was not sent; empty without one
	Created  bool   // Session was made by this fetch
	Replaced string // the dead session that Session took the place of

	IP            string        // outgoing IP; empty where no answer named it
	NextRequestIn time.Duration // as the last answer says; 0 where it does not
	Dialect       client.Dialect
	RequestID     string // by which the vendor finds the last request; empty where no answer named it

	// SessionEndsAt is when a session ends for good that is used no more; zero where
	// the service lets its sessions live.
	SessionEndsAt time.Time

	Started   time.Time     // the job's begin
	Waited    time.Duration // for slots, over all requests
	Attempts  int           // requests sent
	Redirects int           // of them: followed
}
