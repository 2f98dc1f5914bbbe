package commands

import (
	"cmp"
	"context"
	"errors"
	"time"

	"smp/client"
	"smp/client/paced"
)

// fetchReport is what --meta, --json and -w tell of a fetch.
type fetchReport struct {
	paced.Report
	redirectURL string
	redirects   int
	uploaded    int64
	answered    time.Duration // from the beginning to the head of the last answer
}

// newFetchReport reports on a fetch before its body was read.
func newFetchReport(url string, result *paced.Result, uploaded int64) *fetchReport {
	return &fetchReport{Report: result.Report(url), redirectURL: result.RedirectURL, redirects: result.Redirects, uploaded: uploaded, answered: time.Since(result.Started)}
}

// end adds what is known at the end: of the body, and of the time. Only a whole body has
// a digest.
func (r *fetchReport) end(elapsed time.Duration, body *tally, whole bool) {
	r.Elapsed = paced.Seconds(elapsed)
	r.Bytes = body.bytes
	if whole {
		r.SHA256 = body.sum()
	}
}

// fail adds the error. Its message is the whole answer of the service if there is one.
func (r *fetchReport) fail(ctx context.Context, a *app, err error) {
	if r.Error = a.errorJSON(ctx, err); err == nil {
		return
	}
	if answer, ok := errors.AsType[*client.Error](err); ok && len(answer.Body) > 0 {
		r.Error.Message = a.messages.Redact(string(answer.Body))
	}
	if exit, ok := errors.AsType[*exitError](err); ok && exit.code == exitStatus {
		r.Error.Status = r.Status
	}
	if redirect, ok := errors.AsType[*paced.RedirectError](err); ok {
		r.Status = redirect.Status
	}
	r.Error.Session = cmp.Or(r.Error.Session, r.Session)
}
