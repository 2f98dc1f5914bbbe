// Package ledger is what one user's machine knows about the sessions of one
// endpoint and API key: when each outgoing IP may be asked next, which
// sessions exist, and what they are called.
//
// Its point is pacing across processes. Before a request a process reserves
// the next slot of the session's outgoing IP, sleeps without holding anything,
// and looks again when it wakes:
//
//	l, err := ledger.Open(ledger.Scope(stateDir, endpoint, key), ledger.Options{})
//	…
//	ticket, err := l.Reserve("42", ledger.Pace{Delay: 12 * time.Second, MaxWait: -1})
//	…
//	defer ticket.Cancel()
//	if err := ticket.Start(ctx, nil); err != nil {
//		return err // nothing was sent
//	}
//	resp := send() // calls ticket.FirstByte as the answer begins
//	return ticket.Done(ledger.Feedback{IP: resp.IP, Postpone: resp.RetryAfter})
//
// # The rules
//
// A request starts no earlier than min(answered, sent + A) + gap of the
// previous request of its IP. The gap is the larger of the two requests'
// delays. A is max(25 ms, delay/100): the service sees a request somewhere
// between its sending and its answer, and A bounds what a slow answer costs.
// An answer that took longer than the delay counts in full, since the request
// was then held by the service itself, and while it is awaited nothing starts.
// A postponement moves everything that is queued. Places are given in the
// order of the reservations; a process that misses its turn is overtaken and
// goes next when it comes back, and one that died costs at most its own turn.
//
// # On disk
//
// One small record a file, padded and checksummed, rewritten in place under
// its own lock. Rewriting needs no free space, and the lock of one IP holds up
// nobody else. Nothing is synced: after a power cut a record is either readable
// or counts as damaged, which means "used just now". A process that lives holds
// a lock on its file in live/, so that nothing depends on process numbers.
package ledger
