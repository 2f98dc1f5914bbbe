package ledger

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// A file of presence is cells: the first counts how often the file was taken, each other
// one names a session in use. Files are taken again, since making and removing one costs
// more than all the rest.

const (
	cellSize = 256 // divides the page size, so that no cell is ever seen half written
	genBits  = 40
)

// The upper bits of an owner are the number of its file, the lower ones count the
// file's uses.
func (o owner) number() uint64 { return uint64(o) >> genBits }

// claim counts one more use of file number n. A new file gets a page, so that its
// first cells never lack room. One for which there is no room at all does without a
// count.
func (f *file) claim(n uint64) (owner, error) {
	generation, err := f.generation()
	if err != nil {
		return 0, err
	}
	id := owner(n<<genBits | (generation+1)&(1<<genBits-1))
	cell := newCell(id, "")
	if generation > 0 {
		_, err = f.WriteAt(cell, 0)
		return id, err
	}
	if _, err = f.WriteAt(append(cell, make([]byte, pageSize-cellSize)...), 0); err != nil {
		_ = f.Truncate(0)
	}
	if noRoom(err) {
		return owner(n << genBits), nil
	}
	return id, err
}

// newCell is a cell's content. It is void once the file has another owner.
func newCell(o owner, session string) []byte {
	cell := make([]byte, cellSize)
	binary.LittleEndian.PutUint64(cell, uint64(o))
	copy(cell[8:], session)
	return cell
}

// generation of the file's latest use; 0 if it is new.
func (f *file) generation() (uint64, error) {
	var cell [8]byte
	_, err := f.readAt(cell[:], 0)
	return binary.LittleEndian.Uint64(cell[:]) & (1<<genBits - 1), err
}

// addCells adds the sessions that the file's present owner lists.
func (f *file) addCells(used map[string]bool) error {
	cells := make([]byte, 64*cellSize)
	var self []byte
	for off := int64(0); ; off += int64(len(cells)) {
		n, err := f.readAt(cells, off)
		if err != nil {
			return err
		}
		for cell := range slices.Chunk(cells[:n-n%cellSize], cellSize) {
			if self == nil {
				self = bytes.Clone(cell[:8])
			}
			if id := string(bytes.TrimRight(cell[8:], "\x00")); id != "" && bytes.Equal(self, cell[:8]) {
				used[id] = true
			}
		}
		if n < len(cells) {
			return nil
		}
	}
}
