package authority

import (
	"container/list"
	"crypto/tls"
	"sync"
)

const maxLeaves = 1024 // about 2 MB; the least recently used goes first

// leafKind says which certificate it is.
type leafKind struct {
	name string
	rsa  bool
}

// leaf is the cache entry of one certificate, maybe before it is minted.
type leaf struct {
	kind leafKind
	once sync.Once
	cert *tls.Certificate
	err  error
}

// leafCache holds a bounded number of leaves, so that a client that asks for
// ever new names cannot fill the memory. It is not safe for concurrent use.
type leafCache struct {
	limit  int
	byKind map[leafKind]*list.Element
	recent *list.List // of *leaf, the most recently used in front
}

func newLeafCache(limit int) leafCache {
	return leafCache{limit: limit, byKind: map[leafKind]*list.Element{}, recent: list.New()}
}

// get returns the leaf of that kind, an empty one where there is none yet.
func (c *leafCache) get(kind leafKind) *leaf {
	if e, ok := c.byKind[kind]; ok {
		c.recent.MoveToFront(e)
		return e.Value.(*leaf)
	}
	if c.recent.Len() >= c.limit {
		oldest := c.recent.Remove(c.recent.Back()).(*leaf)
		delete(c.byKind, oldest.kind)
	}
	l := &leaf{kind: kind}
	c.byKind[kind] = c.recent.PushFront(l)
	return l
}
