package mock

import (
	linked "container/list"
	"crypto/tls"
	"fmt"
	"net/netip"
	"strings"
	"sync"
)

const (
	maxLeaves   = 1024 // about 2 MB; the least recently used goes first
	maxHostName = 253
)

// parseLeafName tells names from addresses and brings both to one spelling.
func parseLeafName(host string) (name string, addr netip.Addr, err error) {
	host = strings.TrimSuffix(host, ".") // first: "127.0.0.1." must not become a name that looks like an address
	bare := strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if addr, err := netip.ParseAddr(bare); err == nil {
		addr = addr.Unmap().WithZone("")
		return addr.String(), addr, nil
	}
	name = strings.ToLower(host)
	if name == "" || len(name) > maxHostName {
		return "", netip.Addr{}, fmt.Errorf("no certificate for a host name of %d characters", len(name))
	}
	for _, label := range strings.Split(name, ".") {
		if label == "" || strings.ContainsFunc(label, notInHostName) {
			return "", netip.Addr{}, fmt.Errorf("no certificate for %q: not a host name", host)
		}
	}
	return name, netip.Addr{}, nil
}

// notInHostName allows the underscore: DNS has such names and clients ask for
// them. It allows no asterisk: a wildcard would answer for names never asked.
func notInHostName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
}

// leaf is the place of one host's certificate.
type leaf struct {
	name string
	once sync.Once
	cert *tls.Certificate
	err  error
}

func (l *leaf) certificate(mint func() (*tls.Certificate, error)) (*tls.Certificate, error) {
	l.once.Do(func() { l.cert, l.err = mint() })
	return l.cert, l.err
}

// leafCache holds a bounded number of leaves, so that a client that asks for
// ever new names cannot fill the memory. It is not safe for concurrent use.
type leafCache struct {
	limit  int
	byName map[string]*linked.Element
	recent *linked.List // of *leaf, the most recently used in front
}

func newLeafCache(limit int) leafCache {
	return leafCache{limit: limit, byName: map[string]*linked.Element{}, recent: linked.New()}
}

// get returns name's leaf, an empty one where there is none yet.
func (c *leafCache) get(name string) *leaf {
	if e, ok := c.byName[name]; ok {
		c.recent.MoveToFront(e)
		return e.Value.(*leaf)
	}
	if c.recent.Len() >= c.limit {
		oldest := c.recent.Remove(c.recent.Back()).(*leaf)
		delete(c.byName, oldest.name)
	}
	l := &leaf{name: name}
	c.byName[name] = c.recent.PushFront(l)
	return l
}
