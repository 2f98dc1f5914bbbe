package durable

import (
	"os"
	"path/filepath"
	"testing"
)

func openRoot(t *testing.T, dir string) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

func writeIn(root *os.Root, name, content string) error {
	f, err := CreateIn(root, name, "mark")
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write([]byte(content)); err != nil {
		return err
	}
	return f.Commit()
}

func TestCreateIn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root := openRoot(t, dir)
	if err := root.Mkdir("sub", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := root.Symlink("sub/real", "inside"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"out", "sub/out", "./sub/../again", "inside"} {
		for _, content := range []string{"first", "second"} {
			if err := writeIn(root, name, content); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	wantNames(t, dir, "again", "inside", "out", "sub")
	wantNames(t, filepath.Join(dir, "sub"), "out", "real")
	wantContent(t, filepath.Join(dir, "sub/real"), "second")
}

func TestCreateInStaysInside(t *testing.T) {
	t.Parallel()
	outside, dir := t.TempDir(), t.TempDir()
	put(t, filepath.Join(outside, "secret"), "untouched", 0o600)
	root := openRoot(t, dir)
	for name, to := range map[string]string{"absolute": outside + "/secret", "new": outside + "/new", "up": "../up", "dir": outside, "null": "/dev/null", "stdout": "/dev/stdout"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"absolute", "new", "up", "null", "stdout", "dir/secret", "dir/new", "../up", "/dev/stdout", "/dev/fd/1", outside + "/secret", "", ".", ".."} {
		if err := writeIn(root, name, "escaped"); err == nil {
			t.Errorf("%q was written", name)
		}
		if l, err := OpenLogIn(root, name); err == nil {
			l.Close()
			t.Errorf("%q was opened as a log", name)
		}
	}
	wantContent(t, filepath.Join(outside, "secret"), "untouched")
	wantNames(t, outside, "secret")
	wantNames(t, dir, "absolute", "dir", "new", "null", "stdout", "up")
}

func TestSweep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root := openRoot(t, dir)
	for _, mark := range []string{"dead", "dead2"} {
		abandoned, err := CreateIn(root, "body", mark)
		if err != nil {
			t.Fatal(err)
		}
		abandoned.Write([]byte("half"))
		abandoned.f.Close() // as a killed process leaves it
	}
	put(t, filepath.Join(dir, tempPrefix+"notes.txt"), "a user's", 0o600)
	put(t, filepath.Join(dir, "smp-1"), "a body", 0o600)
	if err := os.Mkdir(filepath.Join(dir, marked("dead")+"dir"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, mark := range []string{"dead2", "dead"} {
		if err := Sweep(root, mark); err != nil {
			t.Fatal(err)
		}
	}
	wantNames(t, dir, marked("dead")+"dir", tempPrefix+"notes.txt", "smp-1")
}
