package paced

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"smp/client"
)

// RedirectError is a redirect that cannot be followed.
type RedirectError struct {
	From     *url.URL
	Location string
	Status   int    // of the answer that redirects
	TooMany  bool   // it could be followed, but for the job's MaxRedirects
	Reason   string // "too many redirects (50)", "the scheme ftp is not http or https"
}

// Error says it in a line of bounded length, however long the location is.
func (e *RedirectError) Error() string {
	return fmt.Sprintf("%.500s redirects to %.300q: %s", e.From.Redacted(), e.Location, e.Reason)
}

// bodyHeaders describe a body and go when it does.
var bodyHeaders = []string{"Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "Content-Location", "Transfer-Encoding", "Expect"}

// credentialHeaders are the target's secrets: they stay with the host that they
// were given for.
var credentialHeaders = []string{"Authorization", "Cookie", "Cookie2"}

// nextHop is the request that a redirect asks for. Methods change as curl and the
// browsers change them. 303 becomes GET (HEAD stays), 301 and 302 turn a POST into
// GET, 307 and 308 repeat the request as it was. A method that the caller insists
// on stays, as with curl's -X, and loses its body where GET would have come.
func nextHop(req client.Request, status int, location string, keepMethod bool) (client.Request, error) {
	refuse := func(reason string) (client.Request, error) {
		return req, &RedirectError{From: req.URL, Location: location, Status: status, Reason: reason}
	}
	to, err := client.ResolveURL(req.URL, location)
	if err != nil {
		return refuse(err.Error())
	}
	next := req
	next.URL = to
	next.Header = req.Header.Clone()
	if becomesGet(req.Method, status) {
		if !keepMethod {
			next.Method = http.MethodGet
		}
		next.Body, next.Length = nil, 0
		remove(next.Header, bodyHeaders)
	}
	if !sameOrigin(req.URL, to) {
		remove(next.Header, credentialHeaders)
	}
	return next, nil
}

func becomesGet(method string, status int) bool {
	switch status {
	case http.StatusSeeOther:
		return method != http.MethodHead && method != http.MethodGet
	case http.StatusMovedPermanently, http.StatusFound:
		return method == http.MethodPost
	}
	return false
}

// remove deletes headers however the caller spelt them.
func remove(h http.Header, names []string) {
	for key := range h {
		for _, name := range names {
			if strings.EqualFold(key, name) {
				delete(h, key)
			}
		}
	}
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}

// redirectURL is where an answer points; empty where it does not.
func redirectURL(req client.Request, resp *client.Response) string {
	location := resp.Header.Get("Location")
	if location == "" || !isRedirect(resp.Status) {
		return ""
	}
	to, err := client.ResolveURL(req.URL, location)
	if err != nil {
		return ""
	}
	return to.String()
}
