package mock

import (
	"net/http"
)

// maxZyteHops is how many redirects the mock follows for a client.
const maxZyteHops = 20

// zyteFetch is a request on its way through Zyte API, which follows redirects.
type zyteFetch struct {
	fetch
	asked zyteAsked
}

func (f *zyteFetch) run() {
	defer f.drop()
	if !f.awaitSlot() {
		return
	}
	f.entry.Started, f.entry.Attempts = f.s.clock.now(), 1
	if f.fault != nil && f.fault.After {
		f.try(&targetAnswer{f: &f.fetch, w: discardedAnswer{http.Header{}}, discarded: true})
		f.inject(f.fault)
		return
	}
	if f.asked.follow && f.keepBody() != nil {
		f.reset()
		return
	}
	for hops := 0; ; hops++ {
		answer := &zyteAnswer{w: f.w, header: http.Header{}, bodyless: f.r.Method == http.MethodHead, coded: f.asked.acceptEncoding != ""}
		answer.follow = f.asked.follow && hops < maxZyteHops
		a := &targetAnswer{f: &f.fetch, w: answer}
		f.try(a)
		switch {
		case a.failure != "":
			f.refuseFailure(a.failure)
			return
		case answer.moved == 0 || !f.redirect(answer):
			answer.close()
			f.endsBans()
			return
		}
	}
}

// endsBans ends a row of bans: the target has answered.
func (f *zyteFetch) endsBans() {
	if f.session != nil {
		f.s.store.judgeBan(f.session, false)
	}
}

// redirect goes where an answer points.
func (f *zyteFetch) redirect(answer *zyteAnswer) bool {
	to, err := f.to.Parse(answer.header.Get("Location"))
	if err != nil || !isTarget(to) {
		answer.pass()
		return false
	}
	f.to = to
	f.entry.Redirects++
	r := f.r.Clone(f.r.Context())
	r.Host = to.Host
	if answer.moved == http.StatusSeeOther || answer.moved < http.StatusTemporaryRedirect && r.Method == http.MethodPost {
		f.drop()
		f.body = nil
		r.Method, r.Body, r.ContentLength = http.MethodGet, http.NoBody, 0
	}
	f.r = r
	return true
}
