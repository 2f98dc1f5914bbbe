// Package paced sends requests through the proxy at the rate the service
// allows: it joins the wire ([smp/client]) and this machine's memory
// ([smp/client/ledger]).
//
// [Fetcher.Attempt] is one request at its slot. [Fetcher.Fetch] is what a person
// means by a fetch: a session found or made, redirects followed and failures
// repeated as the [Job] allows. [Fetcher.Begin] is the same in steps, for callers
// with many jobs and many sessions. All ask the same [Rules] what follows a failure.
//
// The package never prints; a [Fetcher] tells what happens through its Notify.
package paced

import (
	"net/http"
	"net/url"
	"time"

	"smp/client"
	"smp/client/ledger"
)

// Fetcher sends paced requests. Its fields are set before the first use; from
// then on it is safe for concurrent use.
type Fetcher struct {
	Client *client.Client
	Ledger *ledger.Ledger

	// Scale divides the built-in durations (back-off, and how long before its slot
	// a request connects); 0 means 1. Values that were given or received stay.
	Scale float64

	// SessionTimeout limits a call of the sessions API that a request needs; 0 means
	// a minute.
	SessionTimeout time.Duration

	// Notify is told what happens, from the goroutine of the request it happens
	// to; nil for nobody.
	Notify func(Event)
}

// Job is one fetch.
type Job struct {
	Request client.Request // its Session is ignored
	Session Ref

	Delay   func(host string) time.Duration // between two requests of one outgoing IP; nil or 0 paces nothing
	MaxWait time.Duration                   // for the first request's slot; 0 waits for none, negative for any
	Unpaced bool                            // send now; recorded all the same
	Timeout time.Duration                   // of one request, from its sending to the end of its body; 0 for none

	Rules
	MaxRedirects int            // negative for no limit
	KeepMethod   bool           // redirects do not change the method
	Jar          http.CookieJar // asked at every hop; nil for none

	// Followed is given every redirect that is followed, its body closed. Nothing
	// else keeps the redirects of a fetch. An error ends the fetch, as the reason of a
	// *RedirectError; nil for nobody.
	Followed func(*client.Response) error
}

// Result is what became of a job. Where Fetch failed it holds what is known all
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

	Started  time.Time     // the call of Fetch
	Waited   time.Duration // for slots, over all requests
	Attempts int           // requests sent

	run *fetch
}
