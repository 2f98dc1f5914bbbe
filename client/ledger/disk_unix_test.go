//go:build unix

package ledger

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestStoppedAndContinued(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var all []*child
	for range 10 {
		all = append(all, start(t, "send", dir, "42", shortDelay.String(), "4"))
	}
	tick := time.Tick(50 * time.Millisecond)
	for range 4 {
		<-tick
		signalAll(t, syscall.SIGSTOP, all)
		<-tick
		signalAll(t, syscall.SIGCONT, all)
	}
	for _, c := range all {
		c.end(t)
	}
	seen := arrivals(t, all...)
	if len(seen) != 40 {
		t.Errorf("%d arrived", len(seen))
	}
	wantApart(t, seen, shortDelay)
}

func signalAll(t *testing.T, sig syscall.Signal, all []*child) {
	t.Helper()
	for _, c := range all {
		if err := c.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
	}
}

// fullChild lets its files grow to a limit and no further, as a full disk does.
// It reports what becomes of the ledger then.
func fullChild(dir string, args []string) error {
	l, err := openChild(dir)
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ)
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &before); err != nil {
		return err
	}
	defer unix.Setrlimit(unix.RLIMIT_FSIZE, &before) // for the coverage data
	limit := before
	if _, err := fmt.Sscan(args[0], &limit.Cur); err != nil { // FreeBSD has another type of integer
		return err
	}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	for _, id := range args[1:] {
		_, err := l.Reserve(id, anyWait)
		var state *StateError
		fmt.Println(id, err == nil, errors.As(err, &state) && errors.Is(err, unix.EFBIG))
	}
	return nil
}

func TestFullDiskStopsNewRecordsOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openTest(t, dir)
	_, err := l.Reserve("42", anyWait)
	must(t, err)
	got := start(t, "full", dir, strconv.Itoa(pageSize/2), "42", "new", "42").end(t)
	if want := "42 true false new false true 42 true false"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	must(t, sendNow(l, "new")) // nothing damaged was left behind, which openTest would tell
}

func TestFullDiskLeavesARecordThatCannotGrow(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openTest(t, dir)
	const most = 100 // two hundred reservations take more than a page
	for range most {
		_, err := l.Reserve("42", anyWait)
		must(t, err)
	}
	var before ipRecord
	_, err := l.view(ref{ipRecords, keyOfID("42")}, &before)
	must(t, err)
	full := start(t, "full", dir, strconv.Itoa(pageSize)+strings.Repeat(" 42", most))
	got := strings.Join(full.end(t), " ")
	if !strings.HasSuffix(got, "42 false true") {
		t.Errorf("a record outgrew its limit: %s", got)
	}
	var after ipRecord
	_, err = l.view(ref{ipRecords, keyOfID("42")}, &after)
	must(t, err)
	if n, grown := len(after.Queue), strings.Count(got, "true false"); n != len(before.Queue)+grown || grown == 0 {
		t.Errorf("%d reservations, %d before and %d since", n, len(before.Queue), grown)
	}
}

func TestUnusableDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openTest(t, dir)
	must(t, os.WriteFile(filepath.Join(dir, "slots"), nil, 0o600)) // nothing can be created below
	_, err := l.Reserve("42", anyWait)
	if state := wantErr[*StateError](t, err); !strings.HasPrefix(state.Path, dir) {
		t.Errorf("error is %v", err)
	}
}

func TestReadOnlyDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o500))
	t.Cleanup(func() { must(t, os.Chmod(dir, 0o700)) })
	_, err := Open(dir, Options{})
	if os.Geteuid() == 0 {
		must(t, err) // no mode stops root
		return
	}
	wantErr[*StateError](t, err)
}

func TestOpenRefusesADirectoryOfOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o777))
	_, err := Open(dir, Options{})
	if state := wantErr[*StateError](t, err); !errors.Is(state, errShared) {
		t.Errorf("error is %v", err)
	}
	_, err = Open(filepath.Join(dir, "file", "below"), Options{})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "plain"), nil, 0o600))
	_, err = Open(filepath.Join(dir, "plain", "below"), Options{})
	wantErr[*StateError](t, err)
	must(t, os.Chmod(filepath.Join(dir, "plain"), 0o700)) // as a directory has it
	_, err = Open(filepath.Join(dir, "plain"), Options{})
	if state := wantErr[*StateError](t, err); !errors.Is(state, unix.ENOTDIR) {
		t.Errorf("error is %v", err)
	}
}
