package paced

import (
	"net/http"
	"strings"

	"smp/client"
)

// withCookies is the current request with the jar's cookies before the caller's
// own.
func (r *Run) withCookies() client.Request {
	request := r.request
	if r.job.Jar == nil {
		return request
	}
	cookies := r.job.Jar.Cookies(request.URL)
	if len(cookies) == 0 {
		return request
	}
	pairs := make([]string, 0, len(cookies)+1)
	for _, c := range cookies {
		pairs = append(pairs, c.Name+"="+c.Value)
	}
	request.Header = request.Header.Clone()
	if request.Header == nil {
		request.Header = http.Header{}
	}
	if own := request.Header.Get("Cookie"); own != "" {
		pairs = append(pairs, own)
	}
	request.Header.Set("Cookie", strings.Join(pairs, "; "))
	return request
}

// keepCookies gives the jar what an answer sets.
func (r *Run) keepCookies(resp *client.Response) {
	if r.job.Jar == nil {
		return
	}
	if cookies := resp.Cookies(); len(cookies) > 0 {
		r.job.Jar.SetCookies(r.request.URL, cookies)
	}
}
