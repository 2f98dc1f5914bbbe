package answer

import (
	"time"

	"smp/client/paced"
)

// Report is what --meta, --json and -w tell of a fetch.
type Report struct {
	paced.Report
	redirectURL string
	redirects   int
	uploaded    int64
	answered    time.Duration // from the beginning to the head of the last answer
}

// NewReport reports on a fetch before its body was read.
func NewReport(url string, result *paced.Result, uploaded int64) *Report {
	return &Report{Report: result.Report(url), redirectURL: result.RedirectURL, redirects: result.Redirects, uploaded: uploaded, answered: time.Since(result.Started)}
}

// End adds what is known at the end: of the body, and of the time. Only a whole body has
// a digest.
func (r *Report) End(elapsed time.Duration, body *Tally, whole bool) {
	r.Elapsed = paced.Seconds(elapsed)
	r.Bytes = body.bytes
	if whole {
		r.SHA256 = body.sum()
	}
}
