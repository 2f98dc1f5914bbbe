package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// disk is a store in a directory: one file a record, named by a digest of the key.
type disk struct {
	dir string
	presence
}

func openDisk(dir string) (*disk, error) {
	if err := MakeDir(dir); err != nil {
		return nil, err
	}
	return &disk{dir: dir, presence: presence{dir: filepath.Join(dir, "live")}}, nil
}

// digest names a record's file. Keys come from outside, and file systems may
// not tell upper case from lower.
func digest(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}

func (d *disk) path(r ref) string {
	return d.dir + string(filepath.Separator) + string(r.kind) + string(filepath.Separator) + digest(r.key)
}

// edit does many edits with all processors, since most of the time goes into
// opening and locking files.
func (d *disk) edit(ctx context.Context, edits ...edit) error {
	return inParallel(len(edits), func(i int) error { return d.editOne(ctx, edits[i]) })
}

// editOne locks the records in the order of their files, which is the same for
// everyone, so that no two processes wait for each other.
func (d *disk) editOne(ctx context.Context, e edit) error {
	raw := make([][]byte, len(e.refs), len(e.refs)+len(e.beside))
	for _, r := range e.beside { // read without their locks
		seen, err := readFile(d.path(r))
		if err != nil {
			return err
		}
		raw = append(raw, seen)
	}
	order := make([]int, len(e.refs))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return strings.Compare(d.path(e.refs[i]), d.path(e.refs[j])) })
	held := make([]*lockedFile, len(e.refs))
	for _, i := range order {
		h, err := d.lock(ctx, d.path(e.refs[i]), lockLimit)
		if err != nil {
			return err
		}
		defer h.release()
		held[i], raw[i] = h, h.raw()
	}
	for i, c := range e.f(raw) {
		if err := held[i].change(c); err != nil {
			return err
		}
	}
	return nil
}

// inParallel calls f for each of n, with all processors where that pays.
func inParallel(n int, f func(i int) error) error {
	if n == 1 {
		return f(0)
	}
	errs := make([]error, n)
	var next atomic.Int64
	work := func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			errs[i] = f(i)
		}
	}
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0)-1, n/64) {
		wg.Go(work)
	}
	work()
	wg.Wait()
	return errors.Join(errs...)
}

func (d *disk) guard(ctx context.Context, r ref) (guard, error) {
	h, err := d.lock(ctx, d.path(r), NoLimit)
	if err != nil {
		return nil, err
	}
	return h, nil
}

func (d *disk) peek(refs ...ref) ([][]byte, error) {
	raws := make([][]byte, len(refs))
	err := inParallel(len(refs), func(i int) (err error) {
		raws[i], err = readFile(d.path(refs[i]))
		return err
	})
	return raws, err
}

// readFile reads a record; nil if it is missing.
func readFile(path string) ([]byte, error) {
	f, err := openFile(path, false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &StateError{"open", path, cause(err)}
	}
	defer f.Close()
	raw, err := f.readRecord()
	if err != nil {
		return nil, &StateError{"read", path, cause(err)}
	}
	return raw, nil
}

// list reads the files with all processors, and calls f from this goroutine.
func (d *disk) list(k kind, f func(raw []byte)) error {
	dir := filepath.Join(d.dir, string(k))
	names, err := fileNames(dir)
	if err != nil {
		return err
	}
	return readAll(dir, names, f)
}

// sample reads neighbours in the directory: in which order they stand there has
// nothing to do with what they are.
func (d *disk) sample(k kind, n int, f func(raw []byte)) error {
	dir := filepath.Join(d.dir, string(k))
	names, err := fileNames(dir)
	if err != nil {
		return err
	}
	if len(names) > n {
		first := rand.IntN(len(names) - n + 1)
		names = names[first : first+n]
	}
	return readAll(dir, names, f)
}

func readAll(dir string, names []string, f func(raw []byte)) error {
	raws := make([][]byte, len(names))
	err := inParallel(len(names), func(i int) (err error) {
		raws[i], err = readFile(dir + string(filepath.Separator) + names[i])
		return err
	})
	if err != nil {
		return err
	}
	for _, raw := range raws {
		if len(raw) > 0 {
			f(raw)
		}
	}
	return nil
}

func (d *disk) close() error {
	d.presence.close()
	return nil
}

// cause strips what StateError says itself.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
