package batch

import (
	"bufio"
	"errors"
	"os"
	"slices"
	"sync"

	"smp/client"
	"smp/client/durable"
)

// sessionLog is a file in the directory of a run that lists what the run has to clean
// up. That is the sessions made and not yet deleted, and the mark of the run's
// temporary files. It outlives a run that is killed. The nil log has no sessions.
//
// An id means something to one service and key alone, so the log also names these.
// Sessions of another service stay in it, for a run at that service.
type sessionLog struct {
	root *os.Root
	log  *durable.Log
	mark string // of this run's temporary files

	mu      sync.Mutex
	service string   // of the run, as in Config
	last    string   // the service of the last lines in the file
	alive   []listed // in the order in which they were made
	dead    []string // marks of earlier runs
}

// listed is a session in the log.
type listed struct{ service, id string }

// A line of the log is a sign and an id, or a mark. After logService it names the service of
// the lines that follow.
const (
	logMade    = '+'
	logGone    = '-'
	logService = '='
	logMark    = '~'
)

func openSessionLog(root *os.Root) (*sessionLog, error) {
	r := &sessionLog{root: root}
	var err error
	if r.log, err = durable.OpenLogIn(root, sessionsName); err != nil {
		return nil, err
	}
	// Only now, when a torn last line is cut off: half an id is another session's.
	if err := errors.Join(r.read(), r.begin()); err != nil {
		return nil, errors.Join(err, r.log.Close())
	}
	return r, nil
}

// begin removes the temporary files of earlier runs, which are dead since this one holds
// the directory's lock, and lists the mark of this run's.
func (r *sessionLog) begin() error {
	for _, mark := range r.dead {
		if err := durable.Sweep(r.root, mark); err != nil {
			return err
		}
	}
	r.mark = durable.NewMark()
	return r.log.Append(append([]byte{logMark}, r.mark...))
}

// read reads which sessions earlier runs left. Lines of no known form are skipped.
func (r *sessionLog) read() error {
	f, err := r.root.Open(sessionsName)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if line := lines.Text(); len(line) > 1 && client.ValidSessionID(line[1:]) {
			r.note(line[0], line[1:])
		} else if line == string(logService) {
			r.last = ""
		}
	}
	return lines.Err()
}

// note takes in a line.
func (r *sessionLog) note(sign byte, word string) {
	session := listed{r.last, word}
	switch sign {
	case logMade:
		r.alive = append(r.alive, session)
	case logGone:
		r.alive = slices.DeleteFunc(r.alive, func(other listed) bool { return other == session })
	case logService:
		r.last = word
	case logMark:
		r.dead = append(r.dead, word)
	}
}

// serve makes service the one that the run's sessions are of.
func (r *sessionLog) serve(service string) {
	if r != nil {
		r.service = service
	}
}

// leftover returns the run's service's sessions that are not deleted, and the number of
// those of other services.
func (r *sessionLog) leftover() (ids []string, others int) {
	if r == nil {
		return nil, 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, session := range r.alive {
		if session.service == r.service {
			ids = append(ids, session.id)
		}
	}
	return ids, len(r.alive) - len(ids)
}

// made lists a session, before anybody uses it.
func (r *sessionLog) made(id string) error { return r.write(logMade, id) }

// gone takes a session out of the list.
func (r *sessionLog) gone(id string) error { return r.write(logGone, id) }

func (r *sessionLog) write(sign byte, id string) error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last != r.service {
		if err := r.log.Append(append([]byte{logService}, r.service...)); err != nil {
			return err
		}
		r.last = r.service
	}
	r.note(sign, id)
	return r.log.Append(append([]byte{sign}, id...))
}

// close removes the log if no session is left in it.
func (r *sessionLog) close() error {
	if err := r.log.Close(); err != nil || len(r.alive) > 0 {
		return err
	}
	return r.root.Remove(sessionsName)
}
