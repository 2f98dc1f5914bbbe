package ledger

import (
	"context"
	"time"
)

const (
	pageSize  = 4096 // records grow by whole pages, so that most never do
	firstStep = 50 * time.Microsecond
)

// lockedFile is a record under its lock.
type lockedFile struct {
	*file
	size int64
	data []byte
}

// lock waits until it alone holds the record at path, until ctx ends or until the
// limit, which may be NoLimit, went by. It tries in steps, since nobody can give up
// waiting for a lock. The limit counts the steps and not the clock: a process that
// was stopped meanwhile tries again.
func (d *disk) lock(ctx context.Context, path string, limit time.Duration) (*lockedFile, error) {
	for step, spent := firstStep, time.Duration(0); ; step = nextStep(step, spent) {
		h, err := tryRecord(path)
		if err == nil && h == nil && limit >= 0 && spent >= limit {
			err = errBusy
		}
		if err != nil {
			return nil, &StateError{"lock", path, cause(err)}
		}
		if h != nil {
			return h, nil
		}
		if err := sleep(ctx, step); err != nil {
			return nil, err
		}
		spent += step
	}
}

// nextStep doubles a step up to 5 ms, and from then on up to an eighth of the
// wait so far. Many who wait long then cost next to nothing.
func nextStep(step, spent time.Duration) time.Duration {
	const short, most = 5 * time.Millisecond, time.Second
	return min(2*step, max(short, spent/8), most)
}

// tryRecord locks a record, or returns nil if somebody else holds it. A file that
// was removed before its lock was had is not the record any more.
func tryRecord(path string) (*lockedFile, error) {
	for {
		f, err := createFile(path)
		if err != nil {
			return nil, err
		}
		if ok, err := f.tryLock(); !ok {
			_ = f.Close()
			return nil, err
		}
		size, linked, err := f.state()
		if err == nil && !linked {
			_ = f.Close()
			continue
		}
		var data []byte
		if err == nil {
			data, err = f.readRecord()
		}
		if err != nil {
			_ = f.Close()
			return nil, err
		}
		return &lockedFile{f, size, data}, nil
	}
}

func (h *lockedFile) raw() []byte { return h.data }

func (h *lockedFile) release() { _ = h.Close() }

func (h *lockedFile) change(c change) error {
	switch c.action {
	case save:
		return h.write(c.raw)
	case drop:
		return h.failed("remove", h.remove())
	}
	return nil
}

// write rewrites in place. What more room it needs it takes first, and leaves
// the old record as it was when there is none.
func (h *lockedFile) write(raw []byte) error {
	need := int64(len(raw)+pageSize-1) / pageSize * pageSize
	switch {
	case h.size == 0:
		return h.failed("write", h.begin(raw, need))
	case need > h.size:
		if _, err := h.WriteAt(make([]byte, need-h.size), h.size); err != nil {
			return h.failed("extend", err)
		}
		h.size = need
	}
	_, err := h.WriteAt(raw, 0)
	return h.failed("write", err)
}

func (h *lockedFile) begin(raw []byte, size int64) error {
	page := make([]byte, size)
	copy(page, raw)
	if _, err := h.WriteAt(page, 0); err != nil {
		_ = h.Truncate(0) // an empty record is none, half a one is damage
		return err
	}
	h.size = size
	return nil
}

func (h *lockedFile) failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return &StateError{op, h.Name(), cause(err)}
}
