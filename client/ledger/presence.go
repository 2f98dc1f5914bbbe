package ledger

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
)

// presence shows that a process lives, by a file that the process keeps locked: the
// kernel takes the lock away however the process ends. The file also lists the
// sessions that the process uses, one a cell, so that thousands of sessions need one
// file. Files are used again, since making and removing one costs more than all the
// rest. The first cell counts the uses.
type presence struct {
	dir string

	mu    sync.Mutex
	id    owner // 0: not announced yet
	file  *file
	cells []string       // sessions by cell, from the second on; "" for a free one
	uses  map[string]int // how often a session is held
}

const (
	cellSize = 256 // divides the page size, so that no cell is ever seen half written
	genBits  = 40
)

// The upper bits of an owner are the number of its file, the lower ones count the
// file's uses.
func (o owner) number() uint64 { return uint64(o) >> genBits }

func (p *presence) path(o owner) string {
	return filepath.Join(p.dir, strconv.FormatUint(o.number(), 10))
}

func (p *presence) owner() (owner, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.announce()
	return p.id, err
}

// announce takes the first free file from a random one on: of many processes that
// start at once, few try the same.
func (p *presence) announce() error {
	if p.id != 0 {
		return nil
	}
	for n := rand.Uint64N(64); ; n++ {
		path := p.path(owner(n << genBits))
		f, err := createFile(path)
		if err != nil {
			return &StateError{"create", path, cause(err)}
		}
		if ok, err := f.tryLock(); !ok {
			_ = f.Close()
			if err != nil {
				return &StateError{"lock", path, cause(err)}
			}
			continue
		}
		id := owner(n<<genBits | (f.generation()+1)&(1<<genBits-1))
		if _, err := f.WriteAt(newCell(id, ""), 0); err != nil {
			_ = f.Close()
			return &StateError{"write", path, cause(err)}
		}
		p.id, p.file, p.uses = id, f, map[string]int{}
		return nil
	}
}

// newCell is a cell's content. It is void once the file has another owner.
func newCell(o owner, session string) []byte {
	cell := make([]byte, cellSize)
	binary.LittleEndian.PutUint64(cell, uint64(o))
	copy(cell[8:], session)
	return cell
}

// generation of the file's latest use; 0 if it is new.
func (f *file) generation() uint64 {
	var cell [8]byte
	_, _ = f.readAt(cell[:], 0)
	return binary.LittleEndian.Uint64(cell[:]) & (1<<genBits - 1)
}

// alive says whether the process lives: its file is locked, and in the same use.
func (p *presence) alive(o owner) bool {
	f, err := openFile(p.path(o), false)
	if err != nil {
		return false
	}
	defer f.Close()
	free, _ := f.tryShared()
	return !free && f.generation() == uint64(o)&(1<<genBits-1)
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
	_, err := p.file.WriteAt(newCell(p.id, id), int64(i+1)*cellSize)
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
		f, err := openFile(filepath.Join(p.dir, name), false)
		if err != nil {
			continue // what cannot be read is nobody's
		}
		if free, _ := f.tryShared(); !free {
			f.addCells(used)
		}
		_ = f.Close()
	}
	return used, nil
}

// addCells adds the sessions that the file's present owner lists.
func (f *file) addCells(used map[string]bool) {
	cells := make([]byte, 64*cellSize)
	var self []byte
	for off := int64(0); ; off += int64(len(cells)) {
		n, _ := f.readAt(cells, off)
		for cell := range slices.Chunk(cells[:n-n%cellSize], cellSize) {
			if self == nil {
				self = bytes.Clone(cell[:8])
			}
			if id := string(bytes.TrimRight(cell[8:], "\x00")); id != "" && bytes.Equal(self, cell[:8]) {
				used[id] = true
			}
		}
		if n < len(cells) {
			return
		}
	}
}

// close ends this process's use of its file, and so of all sessions in it.
func (p *presence) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file != nil {
		_ = p.file.unlock() // closing alone leaves the lock to a child that was forked and has not become its program yet
		_ = p.file.Close()
		p.file, p.id, p.cells = nil, 0, nil
	}
}
