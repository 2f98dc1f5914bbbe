package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// With a delay below A every arrival lies before the instant that the next one
// counts from. No load on the machine can then make these tests fail.
const shortDelay = 15 * time.Millisecond

func TestFiftyProcessesOnOneIP(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openTest(t, dir)
	var ids []string
	for i := range 5 {
		ids = append(ids, fmt.Sprint(i))
		must(t, l.Add(Session{ID: ids[i], IP: "192.0.2.1"}))
	}
	var all []*child
	for i := range 50 {
		all = append(all, start(t, "send", dir, ids[i%5], shortDelay.String(), "1"))
	}
	for _, c := range all {
		c.end(t)
	}
	seen := arrivals(t, all...)
	if len(seen) != 50 {
		t.Errorf("%d arrived", len(seen))
	}
	wantApart(t, seen, shortDelay)
	wantAlive(t, dir, 0)
}

func TestKilledProcesses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var doomed, spared []*child
	for i := range 16 {
		c := start(t, "send", dir, "42", "5ms", "1000")
		if doomed = append(doomed, c); i%4 == 0 {
			spared = append(spared, start(t, "send", dir, "42", shortDelay.String(), "5"))
		}
	}
	tick := time.Tick(9 * time.Millisecond) // no multiple of the delay: each dies somewhere else
	for _, c := range doomed {
		<-tick
		must(t, c.Process.Kill())
		_ = c.Wait()
	}
	for _, c := range spared {
		c.end(t)
	}
	all := append(doomed, spared...)
	for _, c := range all {
		if c.stderr.Len() > 0 {
			t.Errorf("child: %s", &c.stderr)
		}
	}
	wantApart(t, arrivals(t, all...), 5*time.Millisecond)
	wantApart(t, arrivals(t, spared...), shortDelay)
	l := openTest(t, dir)
	_, err := l.Sessions()
	must(t, err)
	wantAlive(t, dir, 0)
}

// wantAlive counts the processes that announce themselves.
func wantAlive(t *testing.T, dir string, want int) {
	t.Helper()
	names, err := fileNames(filepath.Join(dir, "live"))
	must(t, err)
	alive := 0
	for _, name := range names {
		f, err := openFile(filepath.Join(dir, "live", name), false)
		must(t, err)
		if free, err := f.tryShared(); !free && err == nil {
			alive++
		}
		_ = f.Close()
	}
	if alive != want {
		t.Errorf("%d of %d are alive, want %d", alive, len(names), want)
	}
}

func TestNameIsBoundOnceByTenProcesses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var all []*child
	for range 10 {
		all = append(all, start(t, "bind", dir, "shop"))
	}
	ids := map[string]int{}
	for _, c := range all {
		got := c.end(t)
		if len(got) != 2 {
			t.Fatalf("said %q", got)
		}
		ids[got[0]]++
		ids[got[1]]++
	}
	if len(ids) != 3 || ids["true"] != 1 || ids["false"] != 9 {
		t.Errorf("results: %v", ids)
	}
	l := openTest(t, dir)
	if id, ok, err := l.Lookup("shop"); err != nil || !ok || ids[id] != 10 {
		t.Errorf("bound to %q, %v, %v", id, ok, err)
	}
}

func TestOnceAcrossProcesses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var all []*child
	for range 5 {
		all = append(all, startReady(t, "once", dir, "list"))
	}
	for _, c := range all {
		must(t, c.stdin.Close())
	}
	calls := 0
	for _, c := range all {
		for c.lines.Scan() {
			calls++
		}
		c.end(t)
	}
	if calls != 1 {
		t.Errorf("called %d times", calls)
	}
}

func TestUseEndsWithItsProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openTest(t, dir)
	for _, id := range []string{"1", "2", "3"} {
		must(t, l.Add(Session{ID: id}))
	}
	c := startReady(t, "use", dir, "1", "2")
	release, err := l.Use("3")
	must(t, err)
	wantInUse(t, l, "1", "2", "3")
	release()
	release()
	wantInUse(t, l, "1", "2")
	must(t, c.Process.Kill())
	_ = c.Wait()
	wantInUse(t, l)
}

func wantInUse(t *testing.T, l *Ledger, want ...string) {
	t.Helper()
	all, err := l.Sessions()
	must(t, err)
	var got []string
	for _, s := range all {
		one, _, err := l.Session(s.ID)
		must(t, err)
		if one.InUse != s.InUse {
			t.Errorf("%s: in use %v alone, %v in the list", s.ID, one.InUse, s.InUse)
		}
		if s.InUse {
			got = append(got, s.ID)
		}
	}
	slices.Sort(got)
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("in use: %v, want %v", got, want)
	}
}

func openTest(t *testing.T, dir string) *Ledger {
	t.Helper()
	l, err := Open(dir, Options{Notify: func(err error) { t.Errorf("notice: %v", err) }})
	must(t, err)
	t.Cleanup(func() { must(t, l.Close()) })
	return l
}

func TestUsesShareCells(t *testing.T) {
	t.Parallel()
	l := openTest(t, t.TempDir())
	d := l.store.(*disk)
	for range 3 {
		var releases []func()
		for i := range 20 {
			release, err := l.Use(fmt.Sprint(i / 2))
			must(t, err)
			releases = append(releases, release)
		}
		if used, err := d.inUse(); err != nil || len(used) != 10 || len(d.cells) != 10 {
			t.Errorf("%d in use in %d cells, %v", len(used), len(d.cells), err)
		}
		for _, release := range releases {
			release()
		}
	}
	if used, err := d.inUse(); err != nil || len(used) != 0 {
		t.Errorf("in use: %v, %v", used, err)
	}
}

func TestLockOfAStoppedHolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openTest(t, dir)
	g, err := l.store.guard(t.Context(), ref{ipRecords, keyOfID("42")})
	must(t, err)
	defer g.release()
	_, err = l.Reserve("42", anyWait)
	if state := wantErr[*StateError](t, err); !errors.Is(err, errBusy) || state.Op != "lock" {
		t.Errorf("error is %v", err)
	}
	if _, err := l.Reserve("43", anyWait); err != nil {
		t.Errorf("another session: %v", err)
	}
}

func TestLockIsOfTheFileThatBearsTheName(t *testing.T) {
	t.Parallel()
	l := openTest(t, t.TempDir())
	var wg sync.WaitGroup
	var inside atomic.Int32
	for range 8 {
		wg.Go(func() {
			for range 50 {
				g, err := l.store.guard(t.Context(), ref{names, "x"})
				if err != nil {
					t.Error(err)
					return
				}
				if inside.Add(1) != 1 {
					t.Error("two hold the lock")
				}
				err = g.change(l.change(ref{names, "x"}, &nameRecord{}, 0, save))
				inside.Add(-1)
				if err := errors.Join(err, g.change(change{action: drop})); err != nil { // the last thing that a holder may do
					t.Error(err)
				}
				g.release()
			}
		})
	}
	wg.Wait()
}

func TestDirectoryIsPrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "ledger")
	l := openTest(t, dir)
	must(t, sendNow(l, "42"))
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		must(t, err)
		info, err := d.Info()
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	must(t, err)
}

func sendNow(l *Ledger, session string) error {
	ticket, err := l.Reserve(session, Pace{Patience: NoLimit})
	if err != nil {
		return err
	}
	defer ticket.Cancel()
	return ticket.Start(context.Background(), nil)
}

func TestTwoLedgersOnOneDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := openTest(t, dir), openTest(t, dir)
	must(t, a.Add(Session{ID: "42", IP: "192.0.2.1"}))
	must(t, sendNow(a, "42"))
	_, err := b.Reserve("42", Pace{Delay: time.Hour})
	if late := wantErr[*TooLate](t, err); late.Wait < 59*time.Minute {
		t.Errorf("%+v", late)
	}
}

func TestPresenceEndsWithItsUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var last owner
	for i := range 200 { // more than there are files, so that some are used again
		l := openTest(t, dir)
		d := l.store.(*disk)
		o, err := d.owner()
		must(t, err)
		if o == last || !d.alive(o) || d.alive(last) {
			t.Fatalf("use %d: the living and the dead are mixed up", i)
		}
		_, err = l.Use(fmt.Sprint(i))
		must(t, err)
		if used, err := d.inUse(); err != nil || len(used) != 1 || !used[fmt.Sprint(i)] {
			t.Fatalf("use %d: in use %v, %v", i, used, err)
		}
		must(t, l.Close())
		last = o
	}
	wantAlive(t, dir, 0)
}

func TestPresencesAreAsManyAsProcesses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	seen := map[owner]bool{}
	for range 100 {
		o, err := openTest(t, dir).store.owner()
		must(t, err)
		seen[o] = true
	}
	if len(seen) != 100 {
		t.Errorf("%d owners", len(seen))
	}
	wantAlive(t, dir, 100)
}

func TestRemovedRecordIsGoneForOtherProcesses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := openTest(t, dir), openTest(t, dir)
	for range 3 {
		must(t, a.Add(Session{ID: "42"}))
		if _, ok, err := b.Session("42"); !ok || err != nil {
			t.Fatalf("found %v, %v", ok, err)
		}
		must(t, a.Forget("42"))
		if _, ok, err := b.Session("42"); ok || err != nil {
			t.Fatalf("found %v, %v", ok, err)
		}
	}
}
