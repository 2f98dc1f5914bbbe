package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"smp/client/durable"
)

// Names in the directory of a run.
const (
	resultsName  = "results.jsonl"
	sessionsName = ".sessions"
	lockName     = ".lock"
)

// Dir is a [Sink] that keeps bodies as files of a directory, with the records in
// results.jsonl beside them, and the sessions that the run made.
type Dir struct {
	path    string
	root    *os.Root
	lock    *os.File
	results *durable.Log
	log     *sessionLog

	done    *Done
	dropped int // lines of results that do not stay
}

// ErrDirInUse says that another run is writing to a directory.
var ErrDirInUse = errors.New("another run is using it")

// ErrHasResults says that a directory has results and they are not to be resumed.
var ErrHasResults = errors.New(resultsName + " is there already")

// OpenDir opens the directory at path for a run, and makes it where it is missing.
// Until Close, no other run can open it. With resume it reads what earlier runs
// left there (see [Dir.Done]) but changes nothing yet.
//
// Errors are ErrDirInUse, ErrHasResults (without resume), and those of the file
// system, all with path.
func OpenDir(path string, resume bool) (*Dir, error) {
	if err := os.MkdirAll(path, 0o777); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	d := &Dir{path: path, root: root}
	if err := d.open(resume); err != nil {
		d.Close()
		return nil, d.named(err)
	}
	return d, nil
}

// named says which directory an error is about. That of a body is about none.
func (d *Dir) named(err error) error {
	if _, body := errors.AsType[*bodyError](err); body || err == nil {
		return err
	}
	return fmt.Errorf("%s: %w", d.path, err)
}

func (d *Dir) open(resume bool) (err error) {
	d.lock, err = durable.Lock(d.root, lockName)
	switch {
	case errors.Is(err, durable.ErrLocked):
		return ErrDirInUse
	case err != nil:
		return err
	}
	if _, err := isThere(d.root, sessionsName); err != nil {
		return err
	}
	d.done, d.dropped, err = earlier(d.root, resume)
	return err
}

// isThere looks for a file that is going to be opened. A pipe is refused: opening it
// would wait for whoever is at its other end.
func isThere(root *os.Root, name string) (bool, error) {
	info, err := root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err == nil && !info.Mode().IsRegular():
		err = errors.New(name + " is not a regular file")
	}
	return err == nil, err
}

// earlier reads the results in root, if there are any.
func earlier(root *os.Root, resume bool) (done *Done, dropped int, err error) {
	there, err := isThere(root, resultsName)
	switch {
	case err != nil || !there:
		return nil, 0, err
	case !resume:
		return nil, 0, ErrHasResults
	}
	old, err := root.Open(resultsName)
	if err != nil {
		return nil, 0, err
	}
	defer old.Close()
	return readResults(old, nil)
}

// Done is what earlier runs finished; nil for nothing.
func (d *Dir) Done() *Done { return d.done }

// Begin makes the directory ready to be written to: it removes what killed runs
// left half done, and the results of lines that are tried again. Where ctx ends
// meanwhile, the results are as they were.
func (d *Dir) Begin(ctx context.Context) error { return d.named(d.begin(ctx)) }

func (d *Dir) begin(ctx context.Context) error {
	var err error
	if d.log, err = openSessionLog(d.root); err != nil {
		return err
	}
	if d.dropped > 0 {
		if err := d.compact(ctx); err != nil {
			return err
		}
	}
	d.results, err = durable.OpenLogIn(d.root, resultsName)
	return err
}

// compact rewrites the results without what does not stay.
func (d *Dir) compact(ctx context.Context) error {
	old, err := d.root.Open(resultsName)
	if err != nil {
		return err
	}
	defer old.Close()
	whole, err := durable.CreateIn(d.root, resultsName, d.log.mark)
	if err != nil {
		return err
	}
	defer whole.Close()
	dst := newLineWriter(whole)
	if _, _, err = readResults(untilEnd{ctx, old}, dst.line); err != nil {
		return err
	}
	if err := dst.Flush(); err != nil {
		return err
	}
	return whole.Commit()
}

// untilEnd reads no further when ctx has ended.
type untilEnd struct {
	ctx context.Context
	io.Reader
}

func (r untilEnd) Read(b []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.Reader.Read(b)
}

func (d *Dir) keep(line *Line, record *Record, body io.Reader) error {
	return d.named(d.keepBody(line, record, body))
}

func (d *Dir) keepBody(line *Line, record *Record, body io.Reader) error {
	name := bodyName(line, record.URL)
	f, err := durable.CreateIn(d.root, name, d.log.mark)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := copyBody(f, body, record); err != nil {
		return err
	}
	if err := f.Commit(); err != nil {
		return err
	}
	record.File = name
	return nil
}

func (d *Dir) write(record *Record) error { return d.named(record.encoded(d.results.Append)) }

func (d *Dir) finished() *Done       { return d.done }
func (d *Dir) sessions() *sessionLog { return d.log }

// Close ends the run's hold on the directory. Results without a line are removed,
// so that the same run can be started anew.
func (d *Dir) Close() error {
	var errs []error
	if d.results != nil {
		errs = append(errs, d.results.Close(), d.removeEmpty(resultsName))
	}
	if d.log != nil {
		errs = append(errs, d.log.close())
	}
	if d.lock != nil {
		errs = append(errs, d.lock.Close())
	}
	return errors.Join(append(errs, d.root.Close())...)
}

func (d *Dir) removeEmpty(name string) error {
	info, err := d.root.Stat(name)
	if err != nil || info.Size() > 0 {
		return err
	}
	return d.root.Remove(name)
}

// ReadDone is what earlier runs finished in the directory at path, nil for nothing,
// found without touching it. Its errors are those of OpenDir, but for ErrDirInUse.
func ReadDone(path string, resume bool) (*Done, error) {
	root, err := os.OpenRoot(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer root.Close()
	done, _, err := earlier(root, resume)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return done, nil
}
