package ledger

import (
	"context"
	"time"
)

// ref names a record.
type ref struct {
	kind kind
	key  string
}

// store keeps records as bytes and knows nothing of what they mean. Processes
// that share one see each other's changes. A store is safe for concurrent use.
type store interface {
	// edit carries out edits, which must not depend on each other: one may be done
	// where another fails.
	edit(ctx context.Context, edits ...edit) error
	// peek reads without keeping anybody out, so it may see half of a change.
	// Nil means no record.
	peek(refs ...ref) ([][]byte, error)
	// list calls f with each record of a kind, half-changed ones among them.
	list(k kind, f func(raw []byte)) error
	// sample calls f with up to n records of a kind, from anywhere. A store that
	// forgets by itself what is long over calls it with none.
	sample(k kind, n int, f func(raw []byte)) error
	// guard waits until it alone holds a record, or until ctx ends. Edits of that
	// record wait meanwhile, or fail.
	guard(ctx context.Context, r ref) (guard, error)

	// owner names this process to the others that share the store.
	owner() (owner, error)
	alive(owner) bool
	// announceUse tells that this process uses a session, until release is called.
	announceUse(id string) (release func(), err error)
	// inUse are the sessions that any live process uses.
	inUse() (map[string]bool, error)

	close() error
}

// edit is a change of records that nobody else changes meanwhile.
type edit struct {
	refs []ref
	// beside are records to read with those of refs, as peek does.
	beside []ref
	// owner, if not 0, is the one in whose name the edit is made. It fails with
	// errOwnerLost where others may count that owner as dead.
	owner owner
	// f is called with the records of refs and of beside, nil for a missing one,
	// and says what becomes of each of refs. A store that finds out only then that
	// somebody was faster calls f again: the last call counts.
	f func(raw [][]byte) []change
}

// change is what becomes of one record.
type change struct {
	action
	raw []byte // to save
}

type action int

const (
	keep action = iota
	save
	drop
)

// guard is one record that its holder keeps from all others for as long as a
// call of the service takes.
type guard interface {
	raw() []byte // nil: no record
	change(change) error
	release()
}

// owner is a process that has a store open.
type owner uint64

// lockLimit bounds the wait for a record: a process holds one for microseconds,
// unless it is stopped.
const lockLimit = 2 * time.Second
