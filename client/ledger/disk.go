package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const pageSize = 4096 // records grow by whole pages, so that most never do

// disk is a store in a directory: one file a record, named by a digest of the key.
type disk struct {
	dir   string
	files openFiles
	presence
}

func openDisk(dir string) (*disk, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &StateError{"create", dir, cause(err)}
	}
	if err := checkDir(dir); err != nil {
		return nil, &StateError{"use", dir, err}
	}
	return &disk{dir: dir, presence: presence{dir: filepath.Join(dir, "live")}}, nil
}

// digest names a record's file. Keys come from outside, and file systems may
// not tell upper case from lower.
func digest(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}

func (d *disk) path(k kind, key string) string {
	return d.dir + string(filepath.Separator) + string(k) + string(filepath.Separator) + digest(key)
}

func (d *disk) lock(ctx context.Context, k kind, key string, limit time.Duration) (held, error) {
	path := d.path(k, key)
	h, err := d.lockFile(ctx, path, limit)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, &StateError{"lock", path, cause(err)}
	}
	return h, nil
}

// lockFile tries in short steps, since a lock that waits could not be given up.
// The limit counts the steps and not the clock, so that a process that was
// stopped meanwhile tries again.
func (d *disk) lockFile(ctx context.Context, path string, limit time.Duration) (*heldFile, error) {
	const first, most = 50 * time.Microsecond, 5 * time.Millisecond
	for step, spent := first, time.Duration(0); ; step = min(2*step, most) {
		h, err := d.tryFile(path)
		if h != nil || err != nil {
			return h, err
		}
		if limit > 0 && spent >= limit {
			return nil, errBusy
		}
		if err := sleep(ctx, step); err != nil {
			return nil, err
		}
		spent += step
	}
}

// tryFile locks a record, or returns nil if somebody else holds it. A file that
// was removed before its lock was had is not the record any more.
func (d *disk) tryFile(path string) (*heldFile, error) {
	for {
		f, err := d.files.take(path, true)
		if err != nil {
			return nil, err
		}
		if ok, err := f.tryLock(); !ok {
			if err != nil {
				f.close()
				return nil, err
			}
			d.files.put(path, f)
			return nil, nil
		}
		size, linked, err := f.state()
		if err == nil && linked {
			return d.newHeldFile(f, path, size)
		}
		f.close()
		if err != nil {
			return nil, err
		}
	}
}

// heldFile is a record under its lock.
type heldFile struct {
	f     *file
	path  string
	size  int64
	data  []byte
	files *openFiles
}

func (d *disk) newHeldFile(f *file, path string, size int64) (*heldFile, error) {
	data, err := f.readRecord()
	if err != nil {
		f.close()
		return nil, err
	}
	return &heldFile{f, path, size, data, &d.files}, nil
}

func (h *heldFile) raw() []byte { return h.data }

func (h *heldFile) unlock() {
	if h.f.unlock() != nil {
		h.f.close()
		return
	}
	h.files.put(h.path, h.f)
}

func (h *heldFile) remove() error { return h.failed("remove", h.f.unlink(h.path)) }

// write rewrites in place. What more room it needs it takes first, and leaves
// the old record as it was when there is none.
func (h *heldFile) write(raw []byte) error {
	need := int64(len(raw)+pageSize-1) / pageSize * pageSize
	switch {
	case h.size == 0:
		return h.failed("write", h.begin(raw, need))
	case need > h.size:
		if err := h.f.writeAt(make([]byte, need-h.size), h.size); err != nil {
			return h.failed("extend", err)
		}
		h.size = need
	}
	return h.failed("write", h.f.writeAt(raw, 0))
}

func (h *heldFile) begin(raw []byte, size int64) error {
	page := make([]byte, size)
	copy(page, raw)
	err := h.f.writeAt(page, 0)
	if err != nil {
		_ = h.f.truncate(0) // an empty record is none, half a one is damage
		return err
	}
	h.size = size
	return nil
}

func (h *heldFile) failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return &StateError{op, h.path, cause(err)}
}

// cause strips what StateError says itself.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func (d *disk) peek(k kind, key string) ([]byte, error) {
	path := d.path(k, key)
	for {
		f, err := d.files.take(path, false)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err != nil {
			return nil, &StateError{"open", path, cause(err)}
		}
		_, linked, err := f.state()
		var raw []byte
		if err == nil && linked {
			raw, err = f.readRecord()
		}
		if err != nil {
			f.close()
			return nil, &StateError{"read", path, cause(err)}
		}
		if linked {
			d.files.put(path, f)
			return raw, nil
		}
		f.close() // removed while it lay idle
	}
}

// readFile reads a record of which no other use is expected; nil if it is missing.
func readFile(path string) ([]byte, error) {
	f, err := openFile(path, false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &StateError{"open", path, cause(err)}
	}
	defer f.close()
	raw, err := f.readRecord()
	if err != nil {
		return nil, &StateError{"read", path, cause(err)}
	}
	return raw, nil
}

// readRecord reads as many bytes as the record says it has; nil if there are none.
func (f *file) readRecord() ([]byte, error) {
	raw := make([]byte, 512) // few records are longer
	n, err := f.readAt(raw, 0)
	raw = raw[:n]
	if err != nil || n == 0 {
		return nil, err
	}
	size, ok := sealedLen(raw)
	if !ok || size <= n {
		return raw, nil
	}
	raw = append(raw, make([]byte, size-n)...)
	m, err := f.readAt(raw[n:], int64(n))
	return raw[:n+m], err
}

// list reads the files with all processors, since most of the time goes into
// opening them, and calls f from this goroutine.
func (d *disk) list(k kind, f func(raw []byte)) error {
	dir := filepath.Join(d.dir, string(k))
	names, err := fileNames(dir)
	if err != nil {
		return err
	}
	raws, errs := make([][]byte, len(names)), make([]error, len(names))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(names)/64+1) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(names)); i = next.Add(1) - 1 {
				raws[i], errs[i] = readFile(dir + string(filepath.Separator) + names[i])
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, raw := range raws {
		if len(raw) > 0 {
			f(raw)
		}
	}
	return nil
}

func fileNames(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &StateError{"list", dir, cause(err)}
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, &StateError{"list", dir, cause(err)}
	}
	return names, nil
}

func (d *disk) close() error {
	d.files.closeAll()
	d.presence.close()
	return nil
}
