package paced

import (
	"io"
	"net/http"
	"strconv"

	"smp/client"
)

// Transport is an [http.RoundTripper] that sends every request through the proxy, in
// a session, at its slot. Under an [http.Client] redirects and cookies are that
// client's, and its Timeout counts the wait for the slot; Job.Timeout does not.
//
// Bodies are streamed both ways, and answers come as they are: no coding is asked for
// or undone that the request does not name. Its fields are set before the first use;
// from then on it is safe for concurrent use.
//
// Errors are those of [Fetcher.Fetch]; an [http.Client] wraps them in a *url.Error,
// through which [errors.AsType] finds them.
type Transport struct {
	Fetcher *Fetcher
	Session Ref // the zero value: none

	// Job is what all requests have in common. Its Request, BodyOnce and Session are not
	// looked at, nor is what concerns redirects and cookies.
	Job Job
}

// RoundTrip sends one request, and more only as the Job's rules allow.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	body := &requestBody{req: req}
	job := t.Job
	job.Session, job.BodyOnce = t.Session, req.GetBody == nil
	job.Request = client.Request{Method: req.Method, URL: req.URL, Header: header(req)}
	job.Follow, job.Jar = false, nil
	if req.Body != nil && req.Body != http.NoBody {
		job.Request.Body, job.Request.Length = body.open, req.ContentLength
		if req.ContentLength == 0 {
			job.Request.Length = -1
		}
	}
	result, err := t.Fetcher.Fetch(req.Context(), &job)
	body.close()
	if err != nil {
		return nil, err
	}
	return response(req, result.Response), nil
}

// CloseIdleConnections is what [http.Client.CloseIdleConnections] calls.
func (t *Transport) CloseIdleConnections() { t.Fetcher.CloseIdleConnections() }

// header is what the request says, its Host beside the rest.
func header(req *http.Request) http.Header {
	h := req.Header.Clone()
	if req.Host != "" && req.Host != req.URL.Host {
		if h == nil {
			h = http.Header{}
		}
		h.Set("Host", req.Host)
	}
	return h
}

func response(req *http.Request, resp *client.Response) *http.Response {
	major, minor, _ := http.ParseHTTPVersion(resp.Proto)
	return &http.Response{
		Status:     strconv.Itoa(resp.Status) + " " + resp.Reason,
		StatusCode: resp.Status,
		Proto:      resp.Proto, ProtoMajor: major, ProtoMinor: minor,
		Header: resp.Header, Body: resp.Body, ContentLength: resp.Length,
		Request: req,
	}
}

// requestBody gives the body of a request as often as the request can. It is opened
// by the goroutine of RoundTrip alone.
type requestBody struct {
	req  *http.Request
	used bool
}

func (b *requestBody) open() (io.ReadCloser, error) {
	if b.used {
		return b.req.GetBody()
	}
	b.used = true
	return b.req.Body, nil
}

// close closes a body that was never opened, as [http.RoundTripper] demands.
func (b *requestBody) close() {
	if !b.used && b.req.Body != nil {
		_ = b.req.Body.Close()
	}
}
