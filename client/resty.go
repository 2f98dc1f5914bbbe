package client

import (
	"net/http"

	"github.com/go-resty/resty/v2"
)

// newResty makes a resty client that reads no whole bodies, follows no redirects and
// repeats no requests.
func newResty(rt http.RoundTripper) *resty.Client {
	return resty.NewWithClient(&http.Client{Transport: hideLocation{rt}, CheckRedirect: noRedirect}).
		SetDoNotParseResponse(true).
		SetRetryCount(0).
		SetDisableWarn(true)
}

// noRedirect keeps net/http from following redirects: each hop has its slot.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// execute sends a request of a newResty client and returns the answer with its header
// as it was on the wire.
func execute(r *resty.Request, method, url string) (*http.Response, error) {
	answer, err := r.Execute(method, url)
	if err != nil {
		return nil, err
	}
	resp := answer.RawResponse
	rename(resp.Header, hiddenLocation, "Location")
	restoreSpelling(resp.Header)
	return resp, nil
}

// restoreSpelling gives back to a name of the service's the case it had on the wire.
func restoreSpelling(header http.Header) {
	rename(header, "X-Crawlera-Debug-Ua", "X-Crawlera-Debug-UA")
}

// hideLocation hides Location from net/http's client. That parses it even where it
// follows no redirect, and drops an answer whose Location it cannot parse.
type hideLocation struct{ http.RoundTripper }

const hiddenLocation = " Location" // no name that could arrive

func (t hideLocation) RoundTrip(r *http.Request) (*http.Response, error) {
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
