package curl

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"smp/commands/term"
)

// readAll reads a body from its beginning and closes it.
func readAll(t *testing.T, b body) string {
	t.Helper()
	r, err := b.open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// file writes a file and gives its path.
func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func stdinOf(s string) *term.Stdin { return term.NewStdin(strings.NewReader(s)) }

func TestBodyJoinsItsPieces(t *testing.T) {
	t.Parallel()
	path := file(t, "from a file")
	fromFile, err := openInput(nil, path, "-d @file")
	if err != nil {
		t.Fatal(err)
	}
	b := body{literal([]byte("a")), literal(nil), fromFile, literal([]byte("b"))}
	for range 2 { // a second time for a repetition
		if got := readAll(t, b); got != "afrom a fileb" {
			t.Errorf("got %q", got)
		}
	}
	if got := b.size(); got != 13 {
		t.Errorf("size %d, want 13", got)
	}
	r, err := b.open()
	if err != nil {
		t.Fatal(err)
	}
	if err := iotest.TestReader(r, []byte("afrom a fileb")); err != nil {
		t.Error(err)
	}
}

func TestBodyOfOneFileIsTheFile(t *testing.T) {
	t.Parallel()
	p, err := openInput(nil, file(t, "x"), "-d @file")
	if err != nil {
		t.Fatal(err)
	}
	r, err := body{p}.open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, ok := r.(*os.File); !ok {
		t.Errorf("got a %T, which the system cannot copy from", r)
	}
}

func TestBodyOpensFilesAsTheyAreReached(t *testing.T) {
	t.Parallel()
	opened := 0
	p := piece{size: 1, open: func() (io.ReadCloser, error) {
		opened++
		return io.NopCloser(strings.NewReader("x")), nil
	}}
	r, err := body{p, p, p}.open()
	if err != nil {
		t.Fatal(err)
	}
	one := make([]byte, 1)
	if _, err := io.ReadFull(r, one); err != nil {
		t.Fatal(err)
	}
	if opened != 1 {
		t.Errorf("%d pieces were opened for the first byte", opened)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := r.Read(one); n != 0 || err != io.EOF {
		t.Errorf("after Close: read %d bytes, %v", n, err)
	}
}

func TestInputOfAPipe(t *testing.T) {
	t.Parallel()
	small, err := openInput(stdinOf("abc"), "-", "-d @-")
	if err != nil {
		t.Fatal(err)
	}
	if small.size != 3 {
		t.Errorf("size %d, want 3: a small pipe has a known length", small.size)
	}
	for range 2 {
		if got := readAll(t, body{small}); got != "abc" {
			t.Errorf("got %q", got)
		}
	}

	content := strings.Repeat("0123456789", maxSpool/8)
	large, err := openInput(stdinOf(content), "-", "-d @-")
	if err != nil {
		t.Fatal(err)
	}
	if large.size != -1 || !(body{small, large}).once() || (body{small}).once() {
		t.Errorf("size %d, want unknown", large.size)
	}
	unread, err := large.open()
	if err != nil {
		t.Fatal(err)
	}
	if err := unread.Close(); err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, body{large}); got != content {
		t.Errorf("got %d bytes, want %d, the same", len(got), len(content))
	}
	if _, err := large.open(); !errors.Is(err, errReadOnce) {
		t.Errorf("opened again: %v, want errReadOnce", err)
	}
}

func TestInputRefuses(t *testing.T) {
	t.Parallel()
	stdin := stdinOf("x")
	if _, err := openInput(stdin, "-", "-d @-"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, says string }{
		{"-", "both -d @- and -b"},
		{"", "names no file"},
		{filepath.Join(t.TempDir(), "not there"), "no such file"},
		{t.TempDir(), "is a directory"},
	} {
		_, err := openInput(stdin, tt.name, "-b")
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q: got %v, want it to say %q", tt.name, err, tt.says)
		}
	}
}

// However the source is cut into reads, mapping gives the same bytes, and the size
// is theirs.
func TestMappedIsIndependentOfReads(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	source := make([]byte, 100_000)
	for i := range source {
		source[i] = byte(random.UintN(256))
	}
	want := urlencode(nil, source)
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"whole": func(r io.Reader) io.Reader { return r }, "halves": iotest.HalfReader, "bytes": iotest.OneByteReader, "late EOF": iotest.DataErrReader,
	} {
		p := piece{size: int64(len(source)), open: func() (io.ReadCloser, error) {
			return io.NopCloser(wrap(bytes.NewReader(source))), nil
		}}
		m, err := mapped(p, urlencode)
		if err != nil {
			t.Fatal(err)
		}
		if got := readAll(t, body{m}); got != string(want) {
			t.Errorf("%s: the bytes differ", name)
		}
		if m.size != int64(len(want)) {
			t.Errorf("%s: size %d, want %d", name, m.size, len(want))
		}
	}
}

func TestMappedPassesErrorsOn(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	m, err := mapped(piece{size: -1, open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader("a b"), iotest.ErrReader(broken))), nil
	}}, urlencode)
	if err != nil {
		t.Fatal(err)
	}
	r, err := m.open()
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if string(got) != "a+b" || !errors.Is(err, broken) {
		t.Errorf("got %q and %v", got, err)
	}
}
