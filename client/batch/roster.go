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
type roster struct {
	root *os.Root
	log  *durable.Log

	mu    sync.Mutex
	alive []string // in the order in which they were made
}

// A line of the roster is one of these signs and an id.
const (
	rosterMade = '+'
	rosterGone = '-'
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
		}
	}
	return lines.Err()
}

func (r *roster) note(sign byte, id string) {
	switch sign {
	case rosterMade:
		r.alive = append(r.alive, id)
	case rosterGone:
		r.alive = slices.DeleteFunc(r.alive, func(other string) bool { return other == id })
	}
}

// left gives the sessions that are not deleted.
func (r *roster) left() []string {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.alive)
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
