package mock

import (
	"bytes"
	"io"
	"os"
)

// spoolMemory is how much of a held request's body stays in memory. The rest
// of it goes to a file, for thousands may be held at once.
const spoolMemory = 64 << 10

// spool keeps a request's body until it is sent to the target, maybe twice.
type spool struct {
	small []byte
	file  *os.File
	named bool // the file still has a name
	size  int64
}

func newSpool(body io.Reader) (*spool, error) {
	small, err := io.ReadAll(io.LimitReader(body, spoolMemory+1))
	if err != nil {
		return nil, err
	}
	if len(small) <= spoolMemory {
		return &spool{small: small, size: int64(len(small))}, nil
	}
	file, err := os.CreateTemp("", "smp-mock-body-")
	if err != nil {
		return nil, err
	}
	// Nobody else needs its name. Where an open file cannot be removed,
	// close does it.
	s := &spool{file: file, named: os.Remove(file.Name()) != nil}
	s.size, err = io.Copy(file, io.MultiReader(bytes.NewReader(small), body))
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// reader reads the body from its beginning.
func (s *spool) reader() io.ReadCloser {
	if s.file == nil {
		return io.NopCloser(bytes.NewReader(s.small))
	}
	return io.NopCloser(io.NewSectionReader(s.file, 0, s.size))
}

func (s *spool) close() {
	if s.file == nil {
		return
	}
	_ = s.file.Close()
	if s.named {
		_ = os.Remove(s.file.Name())
	}
}
