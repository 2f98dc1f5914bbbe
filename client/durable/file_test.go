package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func put(t *testing.T, path, content string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func wantContent(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q (%v), want %q", filepath.Base(path), got, err, want)
	}
}

// wantNames fails when dir holds anything else, a temporary for example.
func wantNames(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("directory holds %q, want %q", got, want)
	}
}

func write(path, content string) error {
	f, err := Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write([]byte(content)); err != nil {
		return err
	}
	return f.Commit()
}

func TestCommitMakesItAppear(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if f.InPlace() {
		t.Error("a new file is written in place")
	}
	for _, part := range []string{"whole ", "or ", "not"} {
		if n, err := f.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("visible before Commit: %v", err)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Errorf("Close after Commit: %v", err)
	}
	wantContent(t, path, "whole or not")
	wantNames(t, dir, "out")
}

func TestCloseLeavesNoTrace(t *testing.T) {
	t.Parallel()
	for _, earlier := range []string{"", "earlier"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "out")
		names := []string{}
		if earlier != "" {
			put(t, path, earlier, 0o640)
			names = append(names, "out")
		}
		f, err := Create(path)
		if err != nil {
			t.Fatal(err)
		}
		f.Write([]byte("half"))
		for range 2 {
			if err := f.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		}
		wantNames(t, dir, names...)
		if earlier != "" {
			wantContent(t, path, earlier)
		}
		if n, err := f.Write([]byte("x")); n != 0 || !errors.Is(err, fs.ErrClosed) {
			t.Errorf("Write after Close: %d, %v", n, err)
		}
		if err := f.Commit(); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("Commit after Close: %v", err)
		}
	}
}

func TestReplaceKeepsMode(t *testing.T) {
	t.Parallel()
	for _, mode := range []fs.FileMode{0o600, 0o644, 0o666, 0o751} {
		dir := t.TempDir()
		path := filepath.Join(dir, "out")
		put(t, path, "earlier and longer", mode)
		if err := write(path, "later"); err != nil {
			t.Fatal(err)
		}
		wantContent(t, path, "later")
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("mode %v, want %v (%v)", info.Mode().Perm(), mode, err)
		}
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		links [][2]string // name, what it points to; %DIR% is the directory
		path  string
		real  string // where the bytes land
	}{
		{"to a file", [][2]string{{"link", "real"}}, "link", "real"},
		{"absolute", [][2]string{{"link", "%DIR%/real"}}, "link", "real"},
		{"chain", [][2]string{{"a", "b"}, {"b", "sub/c"}, {"sub/c", "../real"}}, "a", "real"},
		{"to nothing yet", [][2]string{{"link", "sub/new"}}, "link", "sub/new"},
		{"dots behind a linked directory", [][2]string{{"dir", "sub/deep"}}, "dir/../new", "sub/new"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.MkdirAll(filepath.Join(dir, "sub/deep"), 0o755); err != nil {
				t.Fatal(err)
			}
			put(t, filepath.Join(dir, "real"), "earlier", 0o600)
			for _, l := range tc.links {
				to := strings.ReplaceAll(l[1], "%DIR%", dir)
				if err := os.Symlink(to, filepath.Join(dir, l[0])); err != nil {
					t.Fatal(err)
				}
			}
			path := dir + "/" + tc.path
			if err := Check(path); err != nil {
				t.Errorf("Check: %v", err)
			}
			if err := write(path, "later"); err != nil {
				t.Fatal(err)
			}
			wantContent(t, filepath.Join(dir, tc.real), "later")
			for _, l := range tc.links {
				if info, err := os.Lstat(filepath.Join(dir, l[0])); err != nil || info.Mode()&fs.ModeSymlink == 0 {
					t.Errorf("%s is no link any more", l[0])
				}
			}
		})
	}
}

// What cannot be written is told by Check, and by Create in the same words.
func TestUnwritable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "file"), "", 0o600)
	if err := os.Symlink("loop", filepath.Join(dir, "loop")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(".", filepath.Join(dir, "dirlink")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"", dir, dir + "/", dir + "/.", dir + "/..", dir + "/dirlink", dir + "/loop",
		dir + "/missing/out", dir + "/missing/", dir + "/file/", dir + "/file/out", dir + "/" + strings.Repeat("x", 256),
	} {
		checked := Check(path)
		f, created := Create(path)
		if created == nil {
			f.Close()
		}
		if checked == nil || created == nil || checked.Error() != created.Error() {
			t.Errorf("%q: Check says %v, Create says %v", path, checked, created)
			continue
		}
		var pathErr *fs.PathError
		if !errors.As(created, &pathErr) || pathErr.Path != path {
			t.Errorf("%q: %v does not name the path", path, created)
		}
	}
	wantNames(t, dir, "dirlink", "file", "loop")
}

func TestLongestName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := strings.Repeat("x", 255)
	if err := write(filepath.Join(dir, name), "content"); err != nil {
		t.Fatal(err)
	}
	wantNames(t, dir, name)
}

func TestCommitThatFailsLeavesNoTrace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("content"))
	if err := os.MkdirAll(filepath.Join(path, "in the way"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err == nil || strings.Contains(err.Error(), tempPrefix) || !strings.Contains(err.Error(), path) {
		t.Errorf("Commit: %v, want an error that names the output", err)
	}
	wantNames(t, dir, "out")
}

func TestCheckTouchesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	put(t, path, "earlier", 0o600)
	before, _ := os.Stat(dir)
	for _, p := range []string{path, filepath.Join(dir, "new")} {
		if err := Check(p); err != nil {
			t.Error(err)
		}
	}
	after, _ := os.Stat(dir)
	if !after.ModTime().Equal(before.ModTime()) {
		t.Error("the directory was written to")
	}
	wantNames(t, dir, "out")
}

func BenchmarkSmallFile(b *testing.B) {
	path := filepath.Join(b.TempDir(), "out")
	for b.Loop() {
		if err := write(path, "content"); err != nil {
			b.Fatal(err)
		}
	}
}

func TestResolveKnowsAFileByEveryName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := func(name string) string { return dir + string(filepath.Separator) + filepath.FromSlash(name) }
	if err := os.Mkdir(in("sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	put(t, in("file"), "", 0o600)
	for name, to := range map[string]string{"link": "file", "chain": "link", "dangling": "sub/new", "sublink": "sub"} {
		if err := os.Symlink(filepath.FromSlash(to), in(name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, same := range [][]string{
		{"file", "link", "chain", "./file", "sub/../file", "sublink/../file"},
		{"sub/new", "dangling", "sublink/new", "sublink/./new"},
		{"new"},
	} {
		want, err := Resolve(in(same[0]))
		if err != nil || !filepath.IsAbs(want) {
			t.Fatal(want, err)
		}
		for _, name := range same {
			if got, err := Resolve(in(name)); got != want || err != nil {
				t.Errorf("%s is %q (%v), want %q", name, got, err, want)
			}
		}
	}
	if got, err := Resolve(in("no/such")); err == nil {
		t.Errorf("a file of no directory is %q", got)
	}
}

// A name without a directory is one of the working directory.
func TestResolveIsAbsolute(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	want, err := Resolve(filepath.Join(dir, "out"))
	if got, err2 := Resolve("out"); got != want || !filepath.IsAbs(got) || err != nil || err2 != nil {
		t.Errorf("%q, %v; want %q, %v", got, err2, want, err)
	}
}
