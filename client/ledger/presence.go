package ledger

import (
	"cmp"
	"errors"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"sync"
)

// presence shows that a process lives, by a file that the process keeps locked: the
// kernel takes the lock away however the process ends. The file also lists the sessions
// that the process uses, so that thousands of sessions need one file.
type presence struct {
	dir string

	mu    sync.Mutex
	id    owner
	file  *file          // nil: not announced yet
	cells []string       // sessions by cell, from the second on; "" for a free one
	uses  map[string]int // how often this process uses a session
}

func (p *presence) path(o owner) string {
	return filepath.Join(p.dir, strconv.FormatUint(o.number(), 10))
}

func (p *presence) owner() (owner, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.announce()
	return p.id, err
}

// announce takes a file, unless this process has one that is still in the directory.
// Whoever removes the directory with the file makes the process seem dead.
func (p *presence) announce() error {
	if p.file != nil {
		if _, linked, err := p.file.state(); linked || err != nil {
			return err
		}
		_ = p.file.Close()
		p.file = nil
	}
	if err := p.takeFile(); err != nil {
		return err
	}
	for i, id := range p.cells {
		if err := p.setCell(i, id); err != nil && !noRoom(err) {
			return &StateError{"write", p.path(p.id), cause(err)}
		}
	}
	return nil
}

// takeFile takes the first free file from a random one on: of many processes that
// start at once, few try the same. Where there is no room for another file, one of
// those that exist will do.
func (p *presence) takeFile() error {
	for n := rand.Uint64N(64); ; n++ {
		ok, err := p.tryFile(n)
		if err != nil && p.tryExisting() == nil {
			return nil
		}
		if ok || err != nil {
			return err
		}
	}
}

// tryExisting takes any free file. Its error is that there is none.
func (p *presence) tryExisting() error {
	names, err := fileNames(p.dir)
	for _, name := range names {
		n, invalid := strconv.ParseUint(name, 10, 64)
		if invalid != nil {
			continue
		}
		if ok, _ := p.tryFile(n); ok {
			return nil
		}
	}
	return cmp.Or(err, errBusy)
}

// tryFile takes file number n, unless another process has it.
func (p *presence) tryFile(n uint64) (ok bool, err error) {
	path := p.path(owner(n << genBits))
	f, err := createFile(path)
	if err != nil {
		return false, &StateError{"create", path, cause(err)}
	}
	if ok, err := f.tryLock(); !ok {
		_ = f.Close()
		if err != nil {
			return false, &StateError{"lock", path, cause(err)}
		}
		return false, nil
	}
	id, err := f.claim(n)
	if err != nil {
		_ = f.Close()
		return false, &StateError{"write", path, cause(err)}
	}
	p.id, p.file = id, f
	return true, nil
}

// alive reports whether the process lives: its file is locked, and in the same use. A
// process is dead only if that is certain: who cannot open or read the file, for want
// of descriptors for example, waits.
func (p *presence) alive(o owner) bool {
	f, err := openFile(p.path(o), false)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	defer f.Close()
	free, _ := f.tryShared()
	if free {
		return false
	}
	generation, err := f.generation()
	return err != nil || generation == uint64(o)&(1<<genBits-1)
}

func (p *presence) announceUse(id string) (release func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.announce(); err != nil {
		return nil, err
	}
	if p.uses == nil {
		p.uses = map[string]int{}
	}
	if p.uses[id] == 0 {
		if err := p.enter(id); err != nil && !noRoom(err) { // a session that cannot be listed can still be used
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
	_, err := p.file.WriteAt(newCell(p.id, id), int64(i+1)*cellSize)
	if err == nil {
		p.cells[i] = id
	}
	return err
}

func (p *presence) releaseUse(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.uses[id] == 0 {
		return // closed since
	}
	if p.uses[id]--; p.uses[id] > 0 {
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
		path := filepath.Join(p.dir, name)
		f, err := openFile(path, false)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, &StateError{"open", path, cause(err)}
		}
		if free, _ := f.tryShared(); !free {
			err = f.addCells(used)
		}
		_ = f.Close()
		if err != nil {
			return nil, &StateError{"read", path, cause(err)}
		}
	}
	return used, nil
}

// close ends this process's use of its file, and so of all sessions in it.
func (p *presence) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file != nil {
		_ = p.file.unlock() // closing alone leaves the lock to a child that was forked and has not become its program yet
		_ = p.file.Close()
		p.file, p.cells = nil, nil
		clear(p.uses)
	}
}
