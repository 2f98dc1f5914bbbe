package batch

import (
	"context"
	"io"
	"time"

	"smp/client/paced"
)

// readAhead is how many lines are read before a session is there for them.
const readAhead = 64

// work is a line under way.
type work struct {
	line *Line
	job  paced.Job
	run  *paced.Run
	due  time.Time // not to be handed out before

	tries  int     // that failed
	record *Record // of the last answer
}

// reading turns the list into work. Lines that are done are left out, and bad ones
// are recorded here, so that they need no session.
type reading struct {
	*Batch
	list  *Reader
	sink  Sink
	lines chan *work // closed at the end of the list
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
	w, err := r.prepare(line)
	if err != nil {
		return r.fail(line, err)
	}
	select {
	case r.lines <- w:
	case <-ctx.Done():
	}
	return nil
}

func (r *reading) prepare(line *Line) (*work, error) {
	if line.Err != nil {
		return nil, line.Err
	}
	w := &work{line: line, job: r.Job}
	var err error
	if w.job.Request, err = r.Request(line); err != nil {
		return nil, err
	}
	w.run = r.Fetcher.Begin(&w.job)
	delay := w.run.Delay()
	w.job.MaxWait = r.lead(delay)
	r.count.delay(delay)
	return w, nil
}

// leastLead is not worth giving a line back for.
const leastLead = 2 * time.Millisecond

// lead is the time before its slot at which a session takes a line: a small part
// of the delay, since a line that one session holds is one that no other has.
func (b *Batch) lead(delay time.Duration) time.Duration {
	return max(leastLead, min(b.Fetcher.ConnectLead(), delay/10))
}
