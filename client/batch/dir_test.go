package batch

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"smp/client/durable"

	"smp/client/paced"
)

// openDir begins a run in the directory at path.
func openDir(t *testing.T, path string, resume bool) *Dir {
	t.Helper()
	d, err := OpenDir(path, resume)
	if err == nil {
		err = d.Begin(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// done fetches a line, as far as d is concerned.
func done(t *testing.T, d *Dir, number int, body string) *Record {
	t.Helper()
	line := &Line{Number: number, Digest: Digest(number)}
	record := &Record{Line: number, Digest: line.Digest, Report: paced.Report{URL: "http://shop.com/page.html"}}
	if err := d.keep(line, record, strings.NewReader(body)); err != nil {
		t.Fatal(err)
	}
	if err := d.write(record); err != nil {
		t.Fatal(err)
	}
	return record
}

// names lists the directory, hidden files left out unless they are temporaries.
func names(t *testing.T, path string) []string {
	t.Helper()
	entries, err := os.ReadDir(path)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, e := range entries {
		if e.Name() != lockName {
			found = append(found, e.Name())
		}
	}
	return found
}

func TestDirKeepsBodiesAndResults(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a", "new", "one")
	d := openDir(t, path, false)
	record := done(t, d, 3, "hello")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, path); !slices.Equal(got, []string{"000003-shop.com_page.html", resultsName}) {
		t.Errorf("the directory holds %v", got)
	}
	body, err := os.ReadFile(filepath.Join(path, record.File))
	if err != nil || string(body) != "hello" {
		t.Errorf("the body is %q, %v", body, err)
	}
	if record.Bytes != 5 || record.SHA256 != "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" {
		t.Errorf("%d bytes, %s", record.Bytes, record.SHA256)
	}
	again, err := ReadDone(path, true)
	if err != nil || again.Successes() != 1 {
		t.Errorf("%d successes are read back, %v", again.Successes(), err)
	}
}

func TestDirIsNotTakenTwice(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	first := openDir(t, path, false)
	if _, err := OpenDir(path, true); !errors.Is(err, ErrDirInUse) {
		t.Errorf("a second run: %v", err)
	}
	done(t, first, 1, "")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDir(path, false); !errors.Is(err, ErrHasResults) {
		t.Errorf("without resume: %v", err)
	}
	if _, err := ReadDone(path, false); !errors.Is(err, ErrHasResults) {
		t.Errorf("looking, without resume: %v", err)
	}
	second := openDir(t, path, true)
	defer second.Close()
	if second.Done().Successes() != 1 {
		t.Errorf("resumed with %d successes", second.Done().Successes())
	}
}

// A run that came to nothing can be started again as it was.
func TestDirWithoutAResultLeavesNone(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	for range 2 {
		if err := openDir(t, path, false).Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(t, path); len(got) != 0 {
		t.Errorf("the directory holds %v", got)
	}
}

// What a killed run left half done is gone when the next one begins.
func TestDirIsRepaired(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	first := openDir(t, path, false)
	done(t, first, 1, "one")
	half, err := durable.CreateIn(first.root, "000002-x", first.log.mark)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := half.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	sessions := filepath.Join(path, sessionsName)
	log, err := os.ReadFile(sessions)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(sessions, log, 0o666); err != nil { // which a killed run does not remove
		t.Fatal(err)
	}
	results := filepath.Join(path, resultsName)
	good, err := os.ReadFile(results)
	if err != nil {
		t.Fatal(err)
	}
	damaged := "noise\n" + string(good) + result(2, 2, "failed") + result(3, 3, "")[:30]
	if err := os.WriteFile(results, []byte(damaged), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(results, 0o600); err != nil {
		t.Fatal(err)
	}

	// What others keep there, or are writing, is not the run's to remove.
	for _, name := range []string{".smp-notes.txt", ".smp-" + durable.NewMark()} {
		if err := os.WriteFile(filepath.Join(path, name), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if content, err := os.ReadFile(filepath.Join(path, name)); err != nil || string(content) != "mine" {
				t.Errorf("%s holds %q, %v", name, content, err)
			}
			os.Remove(filepath.Join(path, name))
		}()
	}

	second := openDir(t, path, true)
	done(t, second, 2, "two")
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	got := slices.DeleteFunc(names(t, path), func(name string) bool {
		return strings.HasPrefix(name, ".smp-") && !strings.Contains(name, first.log.mark)
	})
	if !slices.Equal(got, []string{"000001-shop.com_page.html", "000002-shop.com_page.html", resultsName}) {
		t.Errorf("the directory holds %v", got)
	}
	whole, err := os.ReadFile(results)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(whole), "\n"); lines != 2 || !strings.HasPrefix(string(whole), string(good)) {
		t.Errorf("the results are:\n%s", whole)
	}
	if info, err := os.Stat(results); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the results' mode changed: %v, %v", info.Mode(), err)
	}
}

// Results are many, and their repair is not worth waiting for when the run is to end.
func TestDirIsNotRepairedAfterTheEnd(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	results := filepath.Join(path, resultsName)
	damaged := result(1, 1, "") + result(2, 2, "failed")
	if err := os.WriteFile(results, []byte(damaged), 0o666); err != nil {
		t.Fatal(err)
	}
	d, err := OpenDir(path, true)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancelCause(t.Context())
	signal := errors.New("signal")
	stop(signal)
	if err := d.Begin(ctx); !errors.Is(err, signal) {
		t.Errorf("got %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(results); err != nil || string(got) != damaged {
		t.Errorf("the results are %q, %v", got, err)
	}
	if got := names(t, path); !slices.Equal(got, []string{resultsName}) {
		t.Errorf("the directory holds %v", got)
	}
}

// Looking is not touching: only Begin changes what is there.
func TestDirIsUntouchedUntilItBegins(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	results := filepath.Join(path, resultsName)
	damaged := "noise\n" + result(2, 2, "failed") + "torn"
	if err := os.WriteFile(results, []byte(damaged), 0o666); err != nil {
		t.Fatal(err)
	}
	d, err := OpenDir(path, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(results); err != nil || string(got) != damaged {
		t.Errorf("the results are %q, %v", got, err)
	}
}

func TestDirKeepsNothingOfABrokenBody(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	d := openDir(t, path, false)
	defer d.Close()
	broken := errors.New("reset")
	record := &Record{Report: paced.Report{URL: "http://shop.com/"}}
	err := d.keep(&Line{Number: 1}, record, io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken)))
	if _, ok := errors.AsType[*bodyError](err); !ok || !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if got := names(t, path); !slices.Equal(got, []string{sessionsName, resultsName}) {
		t.Errorf("the directory holds %v", got)
	}
	if record.File != "" {
		t.Errorf("the record names %s", record.File)
	}
}

// Who reads that a disk is full wants to know which.
func TestErrorsNameTheDirectory(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	d := openDir(t, path, false)
	defer d.Close()
	record := &Record{Report: paced.Report{URL: "http://shop.com/"}}
	if err := os.Mkdir(filepath.Join(path, "000001-shop.com"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := d.results.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := OpenDir(t.TempDir(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := os.Mkdir(filepath.Join(again.path, sessionsName), 0o777); err != nil {
		t.Fatal(err)
	}
	for want, err := range map[string]error{
		path + ": create 000001-shop.com: ":        d.keep(&Line{Number: 1}, record, strings.NewReader("x")),
		path + ": append to " + resultsName + ": ": d.write(record),
		again.path + ": open":                      again.Begin(t.Context()),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), want) || !errors.As(err, new(*fs.PathError)) {
			t.Errorf("got %v, want %s…", err, want)
		}
	}
	broken := d.keep(&Line{Number: 2}, record, iotest.ErrReader(errors.New("reset")))
	if broken == nil || broken.Error() != "reset" {
		t.Errorf("a broken body is no matter of the directory: %v", broken)
	}
}

func TestDirCannotBeWhereAFileIs(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDir(file, false); err == nil {
		t.Error("a file was taken for a directory")
	}
	if done, err := ReadDone(filepath.Join(file, "none"), true); done != nil || err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, %v", done, err)
	}
	if done, err := ReadDone(t.TempDir(), false); done != nil || err != nil {
		t.Errorf("an empty directory: %v, %v", done, err)
	}
}

// A log tells whose its sessions are, and nobody takes those of others off it.
func TestRosterKeepsServicesApart(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	rounds := []struct {
		service string
		left    []string // by earlier rounds
		others  int
		made    []string
		gone    []string
	}{
		{"", nil, 0, []string{"1"}, nil},
		{"a", nil, 1, []string{"1", "2"}, []string{"2"}},
		{"b", nil, 2, []string{"1", "3"}, []string{"1", "2"}},
		{"a", []string{"1"}, 2, []string{"4"}, []string{"1"}},
		{"b", []string{"3"}, 2, nil, []string{"3"}},
		{"", []string{"1"}, 1, nil, []string{"1"}},
		{"a", []string{"4"}, 0, nil, []string{"4"}},
	}
	for i, round := range rounds {
		d := openDir(t, path, true)
		d.log.serve(round.service)
		if left, others := d.log.leftover(); !slices.Equal(left, round.left) || others != round.others {
			t.Errorf("round %d: %q and %d of others, want %q and %d", i, left, others, round.left, round.others)
		}
		for _, id := range round.made {
			if err := d.log.made(id); err != nil {
				t.Fatal(err)
			}
		}
		for _, id := range round.gone {
			if err := d.log.gone(id); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(t, path); len(got) != 0 {
		t.Errorf("the directory holds %v", got)
	}
}

// The log knows the sessions that a killed run left, and goes with the last.
func TestRosterOutlivesTheRun(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	first := openDir(t, path, false)
	for _, id := range []string{"1", "2", "3"} {
		if err := first.log.made(id); err != nil {
			t.Fatal(err)
		}
	}
	if err := first.log.gone("2"); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(path, sessionsName)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, append(text, "+../../x\nnoise\n+9"...), 0o666); err != nil { // torn, and not of ours
		t.Fatal(err)
	}
	second := openDir(t, path, true)
	left, _ := second.log.leftover()
	if !slices.Equal(left, []string{"1", "3"}) {
		t.Errorf("left: %v", left)
	}
	for _, id := range left {
		if err := second.log.gone(id); err != nil {
			t.Fatal(err)
		}
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, path); len(got) != 0 {
		t.Errorf("the directory holds %v", got)
	}
}
