// Package ledger records what is known of the sessions of one endpoint and API
// key. It knows when each outgoing IP may be asked next, which sessions exist,
// and which names they have.
//
// Its point is pacing across processes. Before a request a process reserves
// the next slot of the session's outgoing IP, sleeps without holding anything,
// and looks again when it wakes:
//
//	l, err := ledger.Open(ledger.Scope(stateDir, service, key), ledger.Options{})
//	…
//	ticket, err := l.Reserve("42", ledger.Pace{Delay: 12 * time.Second, Patience: NoLimit})
//	…
//	defer ticket.Cancel()
//	if err := ticket.Start(ctx, nil); err != nil {
//		return err // nothing was sent
//	}
//	resp := send() // calls ticket.FirstByte as the answer begins
//	return ticket.Done(ledger.Feedback{IP: resp.IP, Postpone: resp.RetryAfter})
//
// # The other calls
//
// [Ledger.Pass] queues for a [Gate], which holds back the requests of many IPs at once, and
// [Ledger.Hold] puts them off. [Ledger.Bind] gives a session a name, and [Ledger.Once] lets one
// of several processes do a thing. [Options] take the [Life] of the service's sessions,
// which client.Life states for each service.
//
// # The rules
//
// A request starts no earlier than min(answered, sent + A) + gap of the
// previous request of its IP. The gap is the larger of the two requests'
// delays. A is max(25 ms, delay/100): the service sees a request somewhere
// between its sending and its answer, and A bounds what a slow answer costs.
// An answer that took longer than the delay counts in full, since the service
// then held the request. Nothing starts before that answer. A postponement
// moves the whole queue. Requests start in the order of their reservations. A
// process that misses its turn is overtaken, and goes next when it comes back;
// one that died costs at most its own turn.
//
// # On disk
//
// Each record is a small file, padded and checksummed, rewritten in place under
// its own lock. Rewriting needs no free space, and the lock of one IP stops
// nobody else. Nothing is synced: after a power cut a record is readable, or
// counts as damaged, which means "used just now". A process that lives holds a
// lock on its file in live/, so that nothing depends on process IDs.
//
// # On a server
//
// OpenRedis keeps the same records on a Redis server, for several machines. The
// server compares and sets them, and tells the time; what they mean is worked out
// here, by the same arithmetic. A process that lives has a lease there. A server
// that may have lost writes is noticed by its run ID, and then every IP counts as
// used just now.
package ledger
