package durable

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
)

// Log is an append-only file of lines. A line that could not be written whole is
// removed again. It is safe for concurrent use within one process; two processes
// must not append to the same file.
type Log struct {
	path string

	mu   sync.Mutex
	file logFile
	size int64 // of the whole lines; -1 if the file has no size, as a FIFO
	torn bool  // a failed write may have left bytes behind size
	buf  []byte
}

// logFile is the part of *os.File that a Log needs.
type logFile interface {
	io.Writer
	io.ReaderAt
	io.WriterAt
	io.Closer
	Truncate(size int64) error
}

// OpenLogIn opens name inside root for appending, and creates it if there is none. A
// last line without its newline, as a killed process leaves one, is cut off. A name that
// is no regular file, as a FIFO, is written in place. Every error is an *fs.PathError
// that names name. The caller closes the Log.
func OpenLogIn(root *os.Root, name string) (*Log, error) {
	f, size, err := openForLog(rootFS{root}, name)
	if err != nil {
		return nil, pathError("open", name, err)
	}
	l := &Log{path: name, file: f, size: size}
	if size < 0 {
		return l, nil
	}
	if err := l.repair(); err != nil {
		_ = f.Close()
		return nil, pathError("repair", name, err)
	}
	return l, nil
}

func openForLog(p fsys, name string) (f *os.File, size int64, err error) {
	t, err := lookUp(p, name)
	if err != nil {
		return nil, 0, err
	}
	if t.inPlace() {
		f, err = p.OpenFile(t.name, os.O_WRONLY, 0)
		return f, -1, err
	}
	f, err = p.OpenFile(t.name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// repair cuts the file after its last newline.
func (l *Log) repair() error {
	whole, err := afterLastNewline(l.file, l.size)
	if err != nil || whole == l.size {
		return err
	}
	l.size = whole
	return l.file.Truncate(whole)
}

func afterLastNewline(r io.ReaderAt, size int64) (int64, error) {
	buf := make([]byte, min(size, 64<<10))
	for end := size; end > 0; {
		chunk := buf[:min(end, int64(len(buf)))]
		start := end - int64(len(chunk))
		if _, err := r.ReadAt(chunk, start); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(chunk, '\n'); i >= 0 {
			return start + int64(i) + 1, nil
		}
		end = start
	}
	return 0, nil
}

// errNewline is returned for a line that would be two.
var errNewline = errors.New("a line must not hold a newline")

// Append writes line and a newline in one write. After an error nothing of the line is
// in the file, and the Log can be used again.
func (l *Log) Append(line []byte) error {
	if bytes.IndexByte(line, '\n') >= 0 {
		return pathError("append to", l.path, errNewline)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return pathError("append to", l.path, fs.ErrClosed)
	}
	l.buf = append(append(l.buf[:0], line...), '\n')
	return pathError("append to", l.path, l.write(l.buf))
}

func (l *Log) write(b []byte) error {
	if l.size < 0 {
		_, err := l.file.Write(b)
		return err
	}
	if err := l.rollBack(); err != nil {
		return err
	}
	if _, err := l.file.WriteAt(b, l.size); err != nil {
		l.torn = true
		return errors.Join(err, l.rollBack())
	}
	l.size += int64(len(b))
	return nil
}

// rollBack removes what a failed write left. If that fails too, the next Append tries
// again first.
func (l *Log) rollBack() error {
	if !l.torn {
		return nil
	}
	if err := l.file.Truncate(l.size); err != nil {
		return fmt.Errorf("cut back to the last whole line: %w", err)
	}
	l.torn = false
	return nil
}

// Close closes the file. A second Close does nothing.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return pathError("close", l.path, err)
}
