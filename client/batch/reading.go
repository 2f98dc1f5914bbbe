package batch

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"smp/client/paced"
)

// readAhead is how many lines are read, at least and at most, before a session is
// there for them. One line for each session shows how many sessions are needed.
const (
	leastReadAhead = 64
	mostReadAhead  = 8192
)

// task is a line under way.
type task struct {
	line *Line
	job  paced.Job
	run  *paced.Run // nil before the first request
	due  time.Time  // not to be handed out before

	tries  int     // that failed
	record *Record // of the last answer
}

// reading turns the list into work. Lines that are done are left out, and bad ones
// are recorded here, so that they need no session.
type reading struct {
	*Batch
	list  *Reader
	sink  Sink
	lines chan *task // closed at the end of the list
	err   error      // why the list ended early; read it when lines is closed
}

func (r *reading) read(ctx context.Context) {
	defer close(r.lines)
	for ctx.Err() == nil {
		line, err := r.list.Next()
		switch {
		case err == io.EOF:
			r.err = r.list.Complete(r.sink.finished())
			return
		case err != nil:
			r.err = &ListError{Err: err}
			return
		}
		if r.err = r.take(ctx, line); r.err != nil {
			return
		}
	}
}

// ListError says that the list could not be read to its end.
type ListError struct{ Err error }

func (e *ListError) Error() string { return "read the list: " + e.Err.Error() }
func (e *ListError) Unwrap() error { return e.Err }

func (r *reading) take(ctx context.Context, line *Line) error {
	skip, err := r.sink.finished().Skip(line)
	if err != nil {
		return err
	}
	r.count.read(skip)
	if skip {
		return nil
	}
	t, err := r.prepare(line)
	if err != nil {
		return r.fail(line, err)
	}
	select {
	case r.lines <- t:
	case <-ctx.Done():
	}
	return nil
}

func (r *reading) prepare(line *Line) (*task, error) {
	if line.Err != nil {
		return nil, line.Err
	}
	t := &task{line: line, job: r.Job}
	var err error
	if t.job.Request, err = r.Request(line); err != nil {
		return nil, err
	}
	delay := r.Fetcher.Delay(&t.job, t.job.Request.URL.Hostname())
	t.job.MaxWait = r.lead(delay)
	r.count.delay(delay)
	return t, nil
}

// leastLead is not worth giving a line back for.
const leastLead = 2 * time.Millisecond

// standBy is how many sessions of a large pool hold a line and a connection while
// they wait for their slots. A few times as many do where slots are close together,
// and each costs some 30 KB.
const standBy = 128

// lead is the time before its slot at which a session takes a line. It is a
// small part of the delay: no other session can have a line that one holds.
func (b *Batch) lead(delay time.Duration) time.Duration {
	return max(leastLead, min(b.Fetcher.ConnectLead(), delay/10, standBy*(delay/time.Duration(b.size()))))
}

// fail records a bad line. What is wrong with it may be that it holds a secret, and
// a message may quote any part of it, or all.
func (r *reading) fail(line *Line, bad error) error {
	message := inShort(r.redact(bad.Error()))
	record := &Record{
		Line:   line.Number,
		Digest: line.Digest,
		ID:     r.redactID(line),
		Report: paced.Report{URL: r.redact(line.URL), Error: &paced.Failure{Message: message}},
	}
	if err := r.sink.write(record); err != nil {
		return err
	}
	r.count.failed(classInput)
	r.notify(LineFailed{Number: line.Number, Bad: true, Err: errors.New(message)})
	return nil
}

func (r *reading) redact(text string) string {
	if r.Redact == nil {
		return text
	}
	return r.Redact(text)
}

// redactID is the line's own ID where that holds no secret, however it is escaped.
func (r *reading) redactID(line *Line) json.RawMessage {
	text := line.IDText()
	if shown := r.redact(text); shown != text {
		return paced.AppendString(nil, shown)
	}
	return line.ID
}

// mostTold bounds, in bytes, what is told of a bad line: a line may have megabytes.
const mostTold = 300

// inShort leaves out the middle of a long message, whose ends say what is wrong.
func inShort(message string) string {
	if len(message) <= mostTold {
		return message
	}
	first, last := message[:mostTold*2/3], message[len(message)-mostTold/3:]
	return strings.ToValidUTF8(first, "") + "…" + strings.ToValidUTF8(last, "")
}
