package commands

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"smp/client"
	"smp/client/paced"
)

// fetchReport is what --meta and --json tell of a fetch. What is not known is null.
type fetchReport struct {
	URL             string      `json:"url"`
	EffectiveURL    *string     `json:"effective_url"`
	Status          *int        `json:"status"`
	Session         *string     `json:"session"`
	SessionCreated  bool        `json:"session_created"`
	SessionReplaced *string     `json:"session_replaced"`
	IP              *string     `json:"ip"`
	NextRequestInS  *float64    `json:"next_request_in_s"`
	WaitedS         float64     `json:"waited_s"`
	ElapsedS        float64     `json:"elapsed_s"`
	Attempts        int         `json:"attempts"`
	Bytes           int64       `json:"bytes"`
	SHA256          *string     `json:"sha256"`
	Headers         http.Header `json:"headers"`
	Error           *errorJSON  `json:"error"`

	redirectURL string
}

// newFetchReport tells what a fetch came to, its body aside.
func newFetchReport(url string, result *paced.Result) *fetchReport {
	r := &fetchReport{
		URL:             url,
		Session:         known(result.Session),
		SessionCreated:  result.Created,
		SessionReplaced: known(result.Replaced),
		IP:              known(result.IP),
		NextRequestInS:  known(inSeconds(result.NextRequestIn)),
		WaitedS:         inSeconds(result.Waited),
		Attempts:        result.Attempts,
		redirectURL:     result.RedirectURL,
	}
	if result.EffectiveURL != nil {
		r.EffectiveURL = known(result.EffectiveURL.String())
	}
	if resp := result.Response; resp != nil {
		r.Status = known(resp.Status)
		r.Headers = resp.Header
	}
	return r
}

// end adds what is known when the body has been passed on, or the fetch failed.
// The digest is one of a whole body.
func (r *fetchReport) end(elapsed time.Duration, body *tally, whole bool) {
	r.ElapsedS = inSeconds(elapsed)
	r.Bytes = body.bytes
	if whole {
		r.SHA256 = body.sum()
	}
}

// fail adds what the fetch failed with. Where the service answered, that is its
// whole answer.
func (r *fetchReport) fail(ctx context.Context, a *app, err error) {
	if r.Error = a.errorJSON(ctx, err); err == nil {
		return
	}
	if answer, ok := errors.AsType[*client.Error](err); ok && len(answer.Body) > 0 {
		r.Error.Message = a.talk.secretless(string(answer.Body))
	}
	if exit, ok := errors.AsType[*exitError](err); ok && exit.code == exitStatus {
		r.Error.Status = r.Status
	}
	if redirect, ok := errors.AsType[*paced.RedirectError](err); ok {
		r.Status = known(redirect.Status)
	}
	r.Error.Session = cmp.Or(r.Error.Session, r.Session)
}

// marshal gives the report as one line, without a newline. URLs stay readable.
func (r *fetchReport) marshal() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(r)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
