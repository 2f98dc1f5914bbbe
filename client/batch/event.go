package batch

import "errors"

// Event is something a person may want to be told while a run is under way. It is a
// [LineFailed], [SessionLost], [PoolShrunk], [Crowded], [SlowNeighbour], [NoSession],
// [Adopted], [LeftAlone], [SessionKept], [SessionInDoubt] or [Trouble].
type Event interface{ event() }

// LineFailed says that a line has its final failure. Bad is set where the line
// itself is at fault and nothing was sent; Err then says what the record says.
type LineFailed struct {
	Number int
	Bad    bool
	Err    error
}

// SessionLost says that a session was found dead or banned and left the pool. A new
// one takes its place when a line needs it.
type SessionLost struct {
	ID  string
	Err error
}

// PoolShrunk says that the service gives no more sessions, so that the run goes on
// with those that it has.
type PoolShrunk struct {
	Sessions int
	Err      error
}

// Crowded says that the service takes no more requests at once: for a while fewer
// are sent.
type Crowded struct{ Err error }

// SlowNeighbour says that a session rests because the outgoing IPs of all sessions are
// still being asked for, by this process or another one.
type SlowNeighbour struct{ Err error }

// NoSession says that a session could not be had and is asked for again later.
type NoSession struct{ Err error }

// Adopted says that sessions of an earlier run are used again.
type Adopted struct{ Sessions int }

// LeftAlone says that sessions of an earlier run are neither used nor deleted, for
// ErrForeign or ErrInUse. They stay listed for a run that may.
type LeftAlone struct {
	Sessions int
	Err      error
}

// Why sessions of an earlier run are left alone.
var (
	ErrForeign = errors.New("they are of another endpoint or API key")
	ErrInUse   = errors.New("another process is using them")
)

// SessionKept says that a session could not be deleted.
type SessionKept struct {
	ID  string
	Err error
}

// SessionInDoubt says that the service was asked for a session and its answer did
// not come: it may have made one that nobody knows.
type SessionInDoubt struct{ Err error }

// Trouble says that something could not be written down. The run goes on.
type Trouble struct{ Err error }

func (LineFailed) event()     {}
func (SessionLost) event()    {}
func (PoolShrunk) event()     {}
func (Crowded) event()        {}
func (SlowNeighbour) event()  {}
func (NoSession) event()      {}
func (Adopted) event()        {}
func (LeftAlone) event()      {}
func (SessionKept) event()    {}
func (SessionInDoubt) event() {}
func (Trouble) event()        {}
