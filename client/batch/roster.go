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

// roster is the list, in the directory of a run, of the sessions that it made and
// has not deleted yet. It outlives the run that is killed. The nil roster lists
// nothing.
//
// An id means something to one service and one key alone, so the roster also tells
// whose its sessions are. Those of others stay on it, for a run that is theirs.
type roster struct {
	root *os.Root
	log  *durable.Log

	mu      sync.Mutex
	service string   // of the run, as in Config
	last    string   // the service of the last lines in the file
	alive   []listed // in the order in which they were made
}

// listed is a session on a roster.
type listed struct{ service, id string }

// A line of the roster is one of these signs and an id, or the service of the lines
// that follow.
const (
	rosterMade    = '+'
	rosterGone    = '-'
	rosterService = '='
)

func openRoster(root *os.Root) (*roster, error) {
	r := &roster{root: root}
	var err error
	if r.log, _, err = durable.OpenLogIn(root, sessionsName); err != nil {
		return nil, err
	}
	// Only now, when a torn last line is cut off: half an id is another session's.
	if err := r.read(); err != nil {
		return nil, errors.Join(err, r.log.Close())
	}
	return r, nil
}

// read learns which sessions earlier runs left. What is no line of a roster is
// passed over.
func (r *roster) read() error {
	f, err := r.root.Open(sessionsName)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if line := lines.Text(); len(line) > 1 && client.ValidSessionID(line[1:]) {
			r.note(line[0], line[1:])
		} else if line == string(rosterService) {
			r.last = ""
		}
	}
	return lines.Err()
}

// note takes in a line.
func (r *roster) note(sign byte, word string) {
	session := listed{r.last, word}
	switch sign {
	case rosterMade:
		r.alive = append(r.alive, session)
	case rosterGone:
		r.alive = slices.DeleteFunc(r.alive, func(other listed) bool { return other == session })
	case rosterService:
		r.last = word
	}
}

// serve makes service the one that the run's sessions are of.
func (r *roster) serve(service string) {
	if r != nil {
		r.service = service
	}
}

// left gives the sessions of the run's service that are not deleted, and says how
// many there are of others.
func (r *roster) left() (ids []string, others int) {
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
func (r *roster) made(id string) error { return r.write(rosterMade, id) }

// gone takes a session off the list.
func (r *roster) gone(id string) error { return r.write(rosterGone, id) }

func (r *roster) write(sign byte, id string) error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last != r.service {
		if err := r.log.Append(append([]byte{rosterService}, r.service...)); err != nil {
			return err
		}
		r.last = r.service
	}
	r.note(sign, id)
	return r.log.Append(append([]byte{sign}, id...))
}

// close removes the roster if no session is left on it.
func (r *roster) close() error {
	if err := r.log.Close(); err != nil || len(r.alive) > 0 {
		return err
	}
	return r.root.Remove(sessionsName)
}
