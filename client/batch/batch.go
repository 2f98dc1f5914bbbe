// Package batch fetches a list of URLs through a pool of sessions, each outgoing
// IP at its own pace, and loses nothing on the way.
//
// A [Reader] gives the list line by line. A [Sink] keeps what became of each
// line; if it is a [Dir], it knows after a crash which lines are done.
// [Batch.Run] brings the two together. Sessions are made as lines need them and
// are written down before their first use, so that none outlives the run
// unnoticed.
//
// What follows a failure is decided by [paced.Rules], as for a single fetch. This
// package carries it out: the line goes to another session, the session is
// replaced, the pool shrinks, or the failure is final.
//
// The package never prints. It tells what happens through [Config.Notify], and how
// far it is through [Batch.Progress].
package batch

import (
	"context"
	"errors"
	"time"

	"smp/client"
	"smp/client/paced"
)

// Config says what to do with each line, and with which sessions.
type Config struct {
	Fetcher *paced.Fetcher

	// Job is what all lines have in common. Its Request, Session, MaxWait and
	// OnDead are not looked at; its Retry bounds the repetitions of a line.
	Job paced.Job

	// Request makes the request of a line. An error fails the line alone.
	Request func(*Line) (client.Request, error)

	Fail bool // a target's answer of 400 and more is a failure

	Sessions int         // the most that are made; not looked at where some are Given
	Given    []paced.Ref // sessions to use: ids and names; they are not deleted

	// Region is what all lines ask for, where the service binds it to a session; "" for
	// none. Of the sessions that an earlier run left, those of another region are deleted.
	Region string

	// Service identifies service and key, as ledger.Scope does, without revealing the
	// key. Sessions that an earlier run left are taken over, or deleted, only if it is
	// equal.
	Service string

	Total int // lines of the list, for Progress; 0 for unknown

	// Redact takes secrets out of what is written down of a line that cannot be
	// fetched; nil for no secrets.
	Redact func(string) string

	// Notify is told what happens; nil for nobody. It may be called from several
	// goroutines.
	Notify func(Event)
}

// Batch is one run over a list.
type Batch struct {
	Config
	count tally
}

// New makes a batch, which runs once.
func New(config Config) *Batch {
	b := &Batch{Config: config}
	b.Job.OnDead, b.Job.MovesAreRetries = paced.OnDeadReplace, true
	b.count.init()
	return b
}

// drainTime is how long requests under way are given to finish when a run stops
// early.
const drainTime = 3 * time.Second

// errDrained ends requests that did not finish in time.
var errDrained = errors.New("the run was stopped")

// Run fetches the lines of list that sink does not know as done already. It ends
// when each has a success or a final failure, and then returns nil, whatever the
// lines came to; Progress says it.
//
// When ctx ends, no line is begun any more, those under way have a few seconds to
// finish, and the cause of ctx's end is returned. Run ends in the same way on an
// error that concerns more than one line. Such are a *client.Error of class
// Credentials, or of any class where not even one session is to be had. Others are
// a *ChangedError, a *ListError, and an error of the ledger or the sink. Lines
// that have no result then are simply open.
//
// In any case the sessions that the run made are deleted when Run returns. One that
// is still on its way when all lines are done is waited for, as long as the
// Fetcher's SessionTimeout allows.
func (b *Batch) Run(ctx context.Context, list *Reader, sink Sink) error {
	b.count.begin()
	defer b.count.end()
	soft, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	hard, cut := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cut(nil)
	drain := func() { time.AfterFunc(drainTime, func() { cut(errDrained) }) }
	defer context.AfterFunc(ctx, drain)()
	context.AfterFunc(soft, func() {
		if context.Cause(soft) != errOver {
			drain()
		}
	})

	p := newPool(b, hard, sink.sessions())
	r := &reading{Batch: b, list: list, sink: sink, lines: make(chan *task, max(leastReadAhead, min(b.size(), mostReadAhead)))}
	d := &dispatcher{Batch: b, pool: p, sink: sink, soft: soft, hard: hard, stop: stop}
	p.adopt()
	go r.read(soft)
	err := d.run(r)
	p.close(ctx)
	return err
}

func (b *Batch) notify(e Event) {
	if b.Notify != nil {
		b.Notify(e)
	}
}
