//go:build unix

package batch

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestSessionsAreNoPipe(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	if err := unix.Mkfifo(filepath.Join(path, sessionsName), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDir(path, true); err == nil || err.Error() != path+": "+sessionsName+" is not a regular file" {
		t.Errorf("got %v", err)
	}
}

// Opening a pipe waits for its writer, and there is none.
func TestResultsAreNoPipe(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	if err := unix.Mkfifo(filepath.Join(path, resultsName), 0o666); err != nil {
		t.Fatal(err)
	}
	want := path + ": " + resultsName + " is not a regular file"
	for _, resume := range []bool{false, true} {
		if _, err := OpenDir(path, resume); err == nil || err.Error() != want {
			t.Errorf("resume %v: %v", resume, err)
		}
		if _, err := ReadDone(path, resume); err == nil || err.Error() != want {
			t.Errorf("looking, resume %v: %v", resume, err)
		}
	}
}
