package durable

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// openLogFile opens the log at path.
func openLogFile(path string) (*Log, error) {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return OpenLogIn(root, filepath.Base(path))
}

func TestLogAppends(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	for _, line := range []string{"one", "", "three"} {
		l, err := openLogFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Append([]byte(line)); err != nil {
			t.Fatal(err)
		}
		if err := l.Append([]byte("two\nlines")); !errors.Is(err, errNewline) {
			t.Errorf("a line with a newline: %v", err)
		}
		for range 2 {
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		}
		if err := l.Append([]byte("late")); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("Append after Close: %v", err)
		}
	}
	wantContent(t, path, "one\n\nthree\n")
}

func TestLogConcurrently(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	l, err := openLogFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var group sync.WaitGroup
	for i := range 20 {
		line := bytes.Repeat([]byte{'a' + byte(i)}, 1000*i+1)
		group.Go(func() {
			for range 10 {
				if err := l.Append(line); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	content, _ := os.ReadFile(path)
	lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	if len(lines) != 200 {
		t.Fatalf("%d lines, want 200", len(lines))
	}
	for _, line := range lines {
		if want := 1000*int(line[0]-'a') + 1; len(line) != want || strings.Trim(line, line[:1]) != "" {
			t.Errorf("line of %q is mixed or torn", line[:1])
		}
	}
}

func TestOpenLogRepairs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		whole := strings.Repeat("x", rapid.SampledFrom([]int{0, 1, 65535, 65536, 65537, 200000}).Draw(t, "first line")) + "\n"
		if rapid.Bool().Draw(t, "no whole line") {
			whole = ""
		}
		torn := strings.Repeat("y", rapid.SampledFrom([]int{0, 1, 65535, 65536, 65537, 200000}).Draw(t, "torn line"))
		path := filepath.Join(dir, "log")
		if err := os.WriteFile(path, []byte(whole+torn), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := openLogFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(l.Append([]byte("next")), l.Close()); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(path); string(got) != whole+"next\n" {
			t.Fatalf("%d bytes, want %d", len(got), len(whole)+5)
		}
	})
}

// fullDisk is a file on a disk that is full now and then.
type fullDisk struct {
	content []byte
	free    int   // bytes that the next write can take; -1 = any
	stuck   error // what Truncate answers
}

var errFull = errors.New("no space left")

func (d *fullDisk) WriteAt(b []byte, at int64) (int, error) {
	n := len(b)
	if d.free >= 0 {
		n = min(n, d.free)
	}
	if grow := int(at) + n - len(d.content); grow > 0 {
		d.content = append(d.content, make([]byte, grow)...)
	}
	copy(d.content[at:], b[:n])
	if n < len(b) {
		return n, errFull
	}
	return n, nil
}

func (d *fullDisk) Truncate(size int64) error {
	if d.stuck == nil {
		d.content = d.content[:size]
	}
	return d.stuck
}

func (d *fullDisk) Write([]byte) (int, error)         { panic("a log with a size writes at an offset") }
func (d *fullDisk) ReadAt([]byte, int64) (int, error) { panic("nothing to read") }
func (d *fullDisk) Close() error                      { return nil }

// Whatever fails, the file holds the lines whose Append succeeded, and, only
// while it cannot be cut back, a torn one at its end.
func TestLogSurvivesFullDisk(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		disk := &fullDisk{}
		l := &Log{path: "log", file: disk}
		var want []byte
		for range rapid.IntRange(1, 30).Draw(t, "lines") {
			line := rapid.SliceOfN(rapid.ByteRange('a', 'z'), 0, 20).Draw(t, "line")
			disk.free = rapid.SampledFrom([]int{-1, -1, 0, 1, 7}).Draw(t, "free")
			disk.stuck = rapid.SampledFrom([]error{nil, nil, fs.ErrInvalid}).Draw(t, "stuck")
			if err := l.Append(line); err == nil {
				want = append(append(want, line...), '\n')
			}
			if !bytes.HasPrefix(disk.content, want) {
				t.Fatalf("file holds %q, want %q first", disk.content, want)
			}
			if disk.stuck == nil && !bytes.Equal(disk.content, want) {
				t.Fatalf("file holds %q, want %q", disk.content, want)
			}
		}
		disk.free, disk.stuck = -1, nil
		if err := l.Append([]byte("end")); err != nil {
			t.Fatal(err)
		}
		if want = append(want, "end\n"...); !bytes.Equal(disk.content, want) {
			t.Fatalf("file holds %q, want %q", disk.content, want)
		}
	})
}

func TestOpenLogRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root := openRoot(t, dir)
	for _, name := range []string{"", ".", "missing/log"} {
		if l, err := OpenLogIn(root, name); err == nil {
			l.Close()
			t.Errorf("OpenLogIn(%q) worked", name)
		}
	}
}

func BenchmarkLogAppend(b *testing.B) {
	l, err := openLogFile(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	line := bytes.Repeat([]byte("x"), 500)
	for b.Loop() {
		if err := l.Append(line); err != nil {
			b.Fatal(err)
		}
	}
}
