package batch

import (
	"errors"
	"strconv"
	"time"

	"smp/client"
	"smp/client/paced"
)

// StatusError is a target's answer that counts as a failure.
type StatusError struct {
	Status int
	Reason string
}

func (e *StatusError) Error() string {
	return "the target answered " + strconv.Itoa(e.Status) + " " + e.Reason
}

// Classes of failures beside those of the service, as they are counted.
const (
	classInput  = "input"  // the line itself is bad
	classTarget = "target" // the target's status
	classOther  = "other"
)

var classNames = map[client.Class]string{
	client.Unforeseen:  classOther,
	client.Credentials: "credentials",
	client.SessionDead: "session",
	client.Later:       "later",
	client.Upstream:    "upstream",
	client.Network:     "network",
	client.Hopeless:    "hopeless",
}

func classOf(err error) string {
	if failed, ok := errors.AsType[*client.Error](err); ok {
		return classNames[failed.Class]
	}
	if _, ok := errors.AsType[*StatusError](err); ok {
		return classTarget
	}
	return classOther
}

// concernsAll reports whether no other line would fare better: the key is refused, or
// something on this machine is wrong.
func concernsAll(err error) bool {
	if failed, ok := errors.AsType[*client.Error](err); ok {
		return failed.Class == client.Credentials
	}
	_, status := errors.AsType[*StatusError](err)
	_, size := errors.AsType[*TooBigError](err)
	_, redirect := errors.AsType[*paced.RedirectError](err)
	return !status && !size && !redirect
}

// record is what is known of a line when it is over. err is why it failed; nil for
// a success.
func (b *Batch) record(t *task, result *paced.Result, err error) *Record {
	r := &Record{
		Line: t.line.Number, Digest: t.line.Digest, ID: t.line.ID,
		Report: result.Report(t.job.Request.URL.String()),
	}
	r.Elapsed = paced.Seconds(time.Since(result.Started))
	if err != nil {
		r.Error = failureOf(err, result.Session)
	}
	return r
}

func failureOf(err error, session string) *paced.Failure {
	f := paced.NewFailure(err)
	f.Session = session
	if status, ok := errors.AsType[*StatusError](err); ok {
		f.Status = status.Status
	}
	return f
}
