package mock

import (
	"math/rand/v2"
	"strconv"
)

// Session IDs are decimal numbers of seven digits, as documented.
const (
	firstID = 1_000_000
	manyIDs = 9_000_000
)

// idSequence names sessions: no ID twice, in an order that depends on the
// seed alone.
type idSequence struct {
	at, step uint32
}

func newIDSequence(rng *rand.Rand) idSequence {
	return idSequence{at: rng.Uint32N(manyIDs), step: coprime(manyIDs, rng)}
}

func (q *idSequence) next() string {
	q.at = uint32((uint64(q.at) + uint64(q.step)) % manyIDs)
	return strconv.FormatUint(uint64(firstID+q.at), 10)
}
