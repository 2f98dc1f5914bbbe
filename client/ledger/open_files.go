package ledger

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// openFiles keeps the files used last open: a request comes back to each of its
// records two or three times, and opening is half of what that costs. A file is
// taken out for use, so that two users of one record have a descriptor, and
// therefore a lock, each.
type openFiles struct {
	mu   sync.Mutex
	idle []idleFile // the latest last
}

type idleFile struct {
	path string
	*file
}

const maxIdle = 64

// take opens a file for reading and writing, and with create makes what is missing.
func (o *openFiles) take(path string, create bool) (*file, error) {
	o.mu.Lock()
	for i := len(o.idle) - 1; i >= 0; i-- {
		if f := o.idle[i]; f.path == path {
			o.idle = append(o.idle[:i], o.idle[i+1:]...)
			o.mu.Unlock()
			return f.file, nil
		}
	}
	o.mu.Unlock()
	if create {
		return createFile(path)
	}
	return openFile(path, false)
}

// createFile opens a file, and makes it and its directory where they are missing.
func createFile(path string) (*file, error) {
	f, err := openFile(path, true)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return openFile(path, true)
}

// put gives a file back, unlocked.
func (o *openFiles) put(path string, f *file) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.idle) == maxIdle {
		o.idle[0].close()
		o.idle = append(o.idle[:0], o.idle[1:]...)
	}
	o.idle = append(o.idle, idleFile{path, f})
}

func (o *openFiles) closeAll() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, f := range o.idle {
		f.close()
	}
	o.idle = nil
}
