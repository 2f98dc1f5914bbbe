package mock

import (
	"io"
	"math/rand/v2"
	"net/http"
	"time"
)

// inject answers a request with a fault.
func (x *exchange) inject(f *Fault) {
	x.entry.Fault = f.Name
	switch f.Name {
	case faultReset:
		x.reset()
	case faultStall:
		x.stall()
	case faultGarbage, faultTruncate, faultSlow:
		x.sendGarbage()
	default:
		x.injectCode(f)
	}
}

func (x *exchange) injectCode(f *Fault) {
	if name, _ := problemType(f.Name); f.atTarget() && x.session != nil {
		x.s.store.judgeBan(x.session, isBan(name))
	}
	if x.session != nil && (f.Name == "banned" || f.Name == "slavebanned") {
		x.s.store.ban(x.session)
	}
	x.refuse(f.refusal())
}

func (x *exchange) reset() {
	c, _, err := x.hijack()
	if err != nil {
		return
	}
	c.(*servedConn).conn.abort()
}

// stall answers nothing until the client leaves.
func (x *exchange) stall() {
	_, _ = io.Copy(io.Discard, x.r.Body)
	select {
	case <-x.r.Context().Done():
	case <-x.s.connQueue.closed:
	}
	x.reset()
}

// sendGarbage answers with bytes that are not HTTP.
func (x *exchange) sendGarbage() {
	c, _, err := x.hijack()
	if err != nil {
		return
	}
	defer x.s.close(c)
	noise := rand.New(rand.NewPCG(uint64(x.s.cfg.Seed), uint64(x.entry.Request)))
	garbage := make([]byte, 512)
	for i := range garbage {
		garbage[i] = byte(noise.Uint32())
	}
	garbage[0] = 0 // never the H of HTTP
	_, _ = c.Write(garbage)
}

// injectAnswer injects a fault into an answer of the sessions API whose call has
// had its effect.
func (x *exchange) injectAnswer(f *Fault, a answerText) {
	x.entry.Fault = f.Name
	switch {
	case a.refusal != nil, f.Name != faultTruncate && f.Name != faultSlow:
		x.inject(f)
	case f.Name == faultSlow:
		x.slowly(a)
	case a.body == "":
		x.reset()
	default:
		a.head(x)
		_, _ = io.WriteString(x.w, a.body[:len(a.body)/2])
		_ = http.NewResponseController(x.w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// slowly sends an answer byte by byte, one a second.
func (x *exchange) slowly(a answerText) {
	a.head(x)
	for i := range len(a.body) {
		if !x.s.clock.sleep(x.s.clock.now().Add(time.Second), x.r.Context().Done(), x.s.connQueue.closed) {
			return
		}
		_, _ = io.WriteString(x.w, a.body[i:i+1])
		_ = http.NewResponseController(x.w).Flush()
	}
}
