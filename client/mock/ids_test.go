package mock

import (
	"math/rand/v2"
	"net/netip"
	"testing"
)

func TestIPPoolNamesEachIPOnce(t *testing.T) {
	t.Parallel()
	prefix := netip.MustParsePrefix("198.18.0.0/15")
	for _, size := range []int{1, 2, 3, 254, 255, 5000, maxIPs} {
		pool := newIPPool(size, rand.New(rand.NewPCG(uint64(size), 0)))
		seen := make(map[netip.AddrPort]bool, size)
		for i := range size {
			addr := pool.nth(uint32(i))
			last := addr.Addr().As4()[3]
			if seen[addr] || !prefix.Contains(addr.Addr()) || last == 0 || last == 255 {
				t.Fatalf("number %d of %d is %v", i, size, addr)
			}
			seen[addr] = true
		}
		if !seen[pool.nth(uint32(size))] {
			t.Errorf("number %d of %d is another one", size, size)
		}
	}
}

func TestIDsAreNeverTheSame(t *testing.T) {
	t.Parallel()
	ids := newIDSequence(rand.New(rand.NewPCG(1, 2)))
	seen := make(map[string]bool)
	for range 100_000 {
		id := ids.next()
		if seen[id] || len(id) != 7 || id[0] == '0' {
			t.Fatalf("%q after %d", id, len(seen))
		}
		seen[id] = true
	}
}
