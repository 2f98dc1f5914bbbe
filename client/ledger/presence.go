package ledger

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
)

// presence says of a process that it lives, by a file that it keeps locked: the
// kernel takes the lock away however the process ends. The file also lists the
// sessions that it uses, one a cell, so that a program with thousands of them
// needs one file.
type presence struct {
	dir string

	mu    sync.Mutex
	id    owner // 0: not announced yet
	file  *file
	cells []string       // sessions by cell, "" for a free one
	uses  map[string]int // how often a session is held
}

// cellSize divides the page size, so that no cell is ever seen half written.
const cellSize = 256

func (p *presence) path(o owner) string { return filepath.Join(p.dir, fmt.Sprintf("%016x", uint64(o))) }

func (p *presence) owner() (owner, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.announce()
	return p.id, err
}

// announce creates this process's file. Between its creation and its locking
// somebody may take it for a dead one's and remove it; lockFile then makes it
// anew, and only afterwards the name is told to anyone.
func (p *presence) announce() error {
	if p.id != 0 {
		return nil
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	id := owner(binary.LittleEndian.Uint64(b[:]) | 1)
	h, err := lockFile(context.Background(), p.path(id), lockLimit)
	if err != nil {
		return &StateError{"create", p.path(id), cause(err)}
	}
	p.id, p.file, p.uses = id, h.f, map[string]int{}
	return nil
}

// alive tells if the process lives, and clears away after one that does not.
func (p *presence) alive(o owner) bool {
	path := p.path(o)
	f, err := openFile(path, false)
	if err != nil {
		return false
	}
	defer f.close()
	if dead, _ := f.tryShared(); !dead {
		return true
	}
	_ = f.unlink(path) // it would only be found dead again
	return false
}

func (p *presence) hold(id string) (release func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.announce(); err != nil {
		return nil, err
	}
	if p.uses[id] == 0 {
		if err := p.enter(id); err != nil {
			return nil, &StateError{"write", p.path(p.id), cause(err)}
		}
	}
	p.uses[id]++
	return sync.OnceFunc(func() { p.releaseUse(id) }), nil
}

func (p *presence) enter(id string) error {
	for i, used := range p.cells {
		if used == "" {
			return p.setCell(i, id)
		}
	}
	p.cells = append(p.cells, "")
	return p.setCell(len(p.cells)-1, id)
}

func (p *presence) setCell(i int, id string) error {
	var cell [cellSize]byte
	copy(cell[:], id)
	err := p.file.writeAt(cell[:], int64(i)*cellSize)
	if err == nil {
		p.cells[i] = id
	}
	return err
}

func (p *presence) releaseUse(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.uses[id]--; p.uses[id] > 0 || p.file == nil {
		return
	}
	delete(p.uses, id)
	for i, used := range p.cells {
		if used == id {
			_ = p.setCell(i, "") // at worst it seems used until this process ends
			p.cells[i] = ""
		}
	}
}

func (p *presence) inUse() (map[string]bool, error) {
	names, err := fileNames(p.dir)
	if err != nil {
		return nil, err
	}
	used := map[string]bool{}
	for _, name := range names {
		var o uint64
		if _, err := fmt.Sscanf(name, "%x", &o); err == nil && (p.isSelf(owner(o)) || p.alive(owner(o))) {
			readCells(filepath.Join(p.dir, name), used)
		}
	}
	return used, nil
}

func (p *presence) isSelf(o owner) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return o == p.id
}

// readCells adds the sessions that a file lists; one that has just gone lists none.
func readCells(path string, used map[string]bool) {
	f, err := openFile(path, false)
	if err != nil {
		return
	}
	defer f.close()
	cells := make([]byte, 64*cellSize)
	for off := int64(0); ; off += int64(len(cells)) {
		n, _ := f.readAt(cells, off)
		for cell := range slices.Chunk(cells[:n], cellSize) {
			if id := string(bytes.TrimRight(cell, "\x00")); id != "" {
				used[id] = true
			}
		}
		if n < len(cells) {
			return
		}
	}
}

func (p *presence) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file == nil {
		return nil
	}
	err := p.file.unlink(p.path(p.id))
	p.file.close()
	p.file, p.id, p.cells = nil, 0, nil
	return err
}
