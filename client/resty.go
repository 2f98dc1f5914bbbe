package client

import (
	"net/http"

	"github.com/go-resty/resty/v2"
)

// newResty makes a resty client that leaves alone what it would otherwise do
// behind our back: read whole bodies, follow redirects, repeat requests.
func newResty(rt http.RoundTripper) *resty.Client {
	return resty.NewWithClient(&http.Client{Transport: locationHidden{rt}, CheckRedirect: noRedirect}).
		SetDoNotParseResponse(true).
		SetRetryCount(0).
		SetDisableWarn(true)
}

// noRedirect keeps net/http from following redirects: each hop has its slot.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// execute sends a request of newResty's clients and gives its answer as it was on
// the wire.
func execute(r *resty.Request, method, url string) (*http.Response, error) {
	answer, err := r.Execute(method, url)
	if err != nil {
		return nil, err
	}
	resp := answer.RawResponse
	rename(resp.Header, hiddenLocation, "Location")
	spell(resp.Header)
	return resp, nil
}

// spell gives a name of the service's the case it had on the wire.
func spell(header http.Header) { rename(header, "X-Crawlera-Debug-Ua", "X-Crawlera-Debug-UA") }

// locationHidden hides the Location header from net/http's client, which parses it
// even where it follows no redirect, and takes an answer away whose Location it
// cannot parse.
type locationHidden struct{ http.RoundTripper }

const hiddenLocation = " Location" // no name that could arrive

func (t locationHidden) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(r)
	if err == nil {
		rename(resp.Header, "Location", hiddenLocation)
	}
	return resp, err
}

func rename(header http.Header, from, to string) {
	if values, there := header[from]; there {
		delete(header, from)
		header[to] = values
	}
}
