package mock

import (
	"math/rand/v2"
	"net/netip"
	"strconv"
)

// maxIPs is the most outgoing IPs a mock can have: they are in 198.18.0.0/15,
// which is set aside for tests and never a real proxy's.
const maxIPs = 100_000

// ipPool numbers the outgoing IPs in an order that depends on the seed alone.
type ipPool struct {
	size, first, step uint32
}

func newIPPool(size int, rng *rand.Rand) ipPool {
	n := uint32(size)
	return ipPool{size: n, first: rng.Uint32N(n), step: coprime(n, rng)}
}

// nth is the address of outgoing IP number i; after size numbers it repeats.
func (p ipPool) nth(i uint32) netip.AddrPort {
	k := uint32((uint64(p.first) + uint64(i%p.size)*uint64(p.step)) % uint64(p.size))
	k += k/254*2 + 1 // no address ends in 0 or 255
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 18 + byte(k>>16), byte(k >> 8), byte(k)}), 8800)
}

// coprime returns a step that visits every number below n before it repeats.
func coprime(n uint32, rng *rand.Rand) uint32 {
	for {
		step := 1 + rng.Uint32N(n)
		if gcd(step, n) == 1 {
			return step
		}
	}
}

func gcd(a, b uint32) uint32 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Session IDs are decimal numbers of seven digits, as documented.
const (
	firstID = 1_000_000
	manyIDs = 9_000_000
)

// idSequence makes session IDs: no ID twice, in an order that depends on the seed
// alone.
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
