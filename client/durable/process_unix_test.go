//go:build unix

package durable

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// The tests of what only a process of its own can show start this binary again
// with the name of a part to play.
const partVariable = "DURABLE_TEST_PART"

func TestMain(m *testing.M) {
	parts := map[string]func(args []string) error{
		"descriptor": partDescriptor, "full": partFull, "fulllog": partFullLog,
		"hang": partHang, "hanglog": partHangLog, "stranger": partStranger,
	}
	if part, ok := parts[os.Getenv(partVariable)]; ok {
		if err := part(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func part(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), partVariable+"="+name)
	return cmd
}

func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func TestInheritedDescriptor(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out")
	put(t, path, "before ", 0o600)
	appending, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer appending.Close()
	reading, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer reading.Close()
	cmd := part(t, "descriptor")
	cmd.ExtraFiles = []*os.File{appending, reading}
	cmd.Stdout = appending
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	wantContent(t, path, "before fd3 linked stdout ")
}

func partDescriptor([]string) error {
	link := filepath.Join(os.TempDir(), fmt.Sprintf("durable-test-%d", os.Getpid()))
	if err := os.Symlink("/dev/fd/3", link); err != nil {
		return err
	}
	defer os.Remove(link)
	for _, out := range [][2]string{{"/dev/fd/3", "fd3 "}, {link, "linked "}, {"/dev/stdout", "stdout "}} {
		if err := errors.Join(Check(out[0]), write(out[0], out[1])); err != nil {
			return err
		}
	}
	own, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer own.Close()
	for _, wrong := range []string{"/dev/fd/4", "/dev/fd/99", fmt.Sprintf("/dev/fd/%d", own.Fd())} {
		if Check(wrong) == nil || write(wrong, "x") == nil {
			return fmt.Errorf("%s was written", wrong)
		}
	}
	return nil
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "out"), "earlier", 0o600)
	run(t, part(t, "full", dir))
	wantContent(t, filepath.Join(dir, "out"), "earlier")
	wantNames(t, dir, "out")
}

// fillDisk lets no file of this process grow over size bytes; -1 lifts that.
func fillDisk(size int) error {
	signal.Ignore(unix.SIGXFSZ)
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	limit.Cur = limit.Max
	if size >= 0 {
		if _, err := fmt.Sscan(fmt.Sprint(size), &limit.Cur); err != nil { // FreeBSD has another type of integer
			return err
		}
	}
	return unix.Setrlimit(unix.RLIMIT_FSIZE, &limit)
}

func partFull(args []string) error {
	if err := fillDisk(1000); err != nil {
		return err
	}
	f, err := Create(filepath.Join(args[0], "out"))
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, 1500))
	if !errors.Is(err, unix.EFBIG) || strings.Contains(err.Error(), tempPrefix) {
		return fmt.Errorf("Write on a full disk: %v", err)
	}
	if again := f.Commit(); again == nil || again.Error() != err.Error() {
		return fmt.Errorf("Commit after that: %v", again)
	}
	return f.Close()
}

func TestFullDiskLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	run(t, part(t, "fulllog", path))
	wantContent(t, path, "first\nroom again\n")
}

func partFullLog(args []string) error {
	l, err := openLogFile(args[0])
	if err != nil {
		return err
	}
	if err := errors.Join(l.Append([]byte("first")), fillDisk(1000)); err != nil {
		return err
	}
	for range 2 {
		if err := l.Append(make([]byte, 1500)); !errors.Is(err, unix.EFBIG) {
			return fmt.Errorf("Append on a full disk: %v", err)
		}
		if content, _ := os.ReadFile(args[0]); string(content) != "first\n" {
			return fmt.Errorf("a torn line stayed: %d bytes", len(content))
		}
	}
	return errors.Join(fillDisk(-1), l.Append([]byte("room again")), l.Close())
}

// killed starts part, waits for its first line and kills it.
func killed(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Errorf("the part said %q (%v)", line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
}

func TestKilledWhileWriting(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "old"), "earlier", 0o600)
	for _, name := range []string{"old", "new"} {
		killed(t, part(t, "hang", filepath.Join(dir, name)))
	}
	if err := Sweep(openRoot(t, dir), "dead"); err != nil {
		t.Fatal(err)
	}
	wantContent(t, filepath.Join(dir, "old"), "earlier")
	wantNames(t, dir, "old")
}

func partHang(args []string) error {
	root, err := os.OpenRoot(filepath.Dir(args[0]))
	if err != nil {
		return err
	}
	f, err := CreateIn(root, filepath.Base(args[0]), "dead")
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		if _, err := f.Write(make([]byte, 1000)); err != nil {
			return err
		}
		if i == 100 {
			fmt.Println("ready")
			select {}
		}
	}
}

func TestKilledWhileLogging(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	for range 5 {
		killed(t, part(t, "hanglog", path))
		l, err := openLogFile(path)
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
	}
	content, err := os.ReadFile(path)
	if err != nil || len(content) == 0 {
		t.Fatal(err)
	}
	for line := range bytes.Lines(content) {
		if len(line) != 5001 {
			t.Fatalf("a line of %d bytes among those of 5001", len(line))
		}
	}
}

func partHangLog(args []string) error {
	l, err := openLogFile(args[0])
	if err != nil {
		return err
	}
	line := bytes.Repeat([]byte("x"), 5000)
	for i := 0; ; i++ {
		if err := l.Append(line); err != nil {
			return err
		}
		if i == 100 {
			fmt.Println("ready")
		}
	}
}

func TestFIFO(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Check(path); err != nil { // without waiting for a reader
		t.Fatal(err)
	}
	read := make(chan string, 1)
	go func() {
		f, err := os.Open(path)
		if err != nil {
			read <- err.Error()
			return
		}
		defer f.Close()
		content, _ := io.ReadAll(f)
		read <- string(content)
	}()
	if err := write(path, "through the pipe"); err != nil {
		t.Fatal(err)
	}
	if got := <-read; got != "through the pipe" {
		t.Errorf("the reader got %q", got)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Error("the FIFO was replaced")
	}
}

func TestDevice(t *testing.T) {
	t.Parallel()
	if err := errors.Join(Check(os.DevNull), write(os.DevNull, "nothing")); err != nil {
		t.Fatal(err)
	}
	f, err := Create(os.DevNull)
	if err != nil || !f.InPlace() {
		t.Fatalf("not written in place: %v", err)
	}
	f.Close()
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode()&os.ModeDevice == 0 {
		t.Fatal("the device was replaced")
	}
	l, err := openLogFile(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.Append([]byte("line")), l.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestNewFileObeysUmask(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if f, err := os.Create(plain); err != nil {
		t.Fatal(err)
	} else {
		f.Close()
	}
	path := filepath.Join(dir, "out")
	if err := write(path, "x"); err != nil {
		t.Fatal(err)
	}
	want, _ := os.Stat(plain)
	got, _ := os.Stat(path)
	if got.Mode() != want.Mode() {
		t.Errorf("mode %v, want %v as any new file here has", got.Mode(), want.Mode())
	}
}

// Permission bits bind everybody but root, so this plays somebody else.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "durable") // t.TempDir is closed to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	run(t, part(t, "stranger", dir))
	wantNames(t, dir, "closed", "file")
	wantContent(t, filepath.Join(dir, "file"), "earlier")
}

func partStranger(args []string) error {
	if os.Getuid() == 0 {
		const nobody = 65534
		if err := errors.Join(syscall.Setgroups(nil), syscall.Setgid(nobody), syscall.Setuid(nobody)); err != nil {
			return err
		}
	}
	closed, file := filepath.Join(args[0], "closed"), filepath.Join(args[0], "file")
	if err := errors.Join(os.Mkdir(closed, 0o555), os.WriteFile(file, []byte("earlier"), 0o444)); err != nil {
		return err
	}
	for _, path := range []string{filepath.Join(closed, "out"), file} {
		for _, err := range []error{Check(path), write(path, "later")} {
			if !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), path) {
				return fmt.Errorf("%s: %v, want a refusal that names it", path, err)
			}
		}
	}
	return nil
}

// As root the file is made somebody else's first; others can only have their own.
func TestReplaceKeepsOwner(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out")
	put(t, path, "earlier", 0o600)
	if os.Getuid() == 0 {
		if err := os.Chown(path, 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
	before, _ := os.Stat(path)
	if err := write(path, "later"); err != nil {
		t.Fatal(err)
	}
	after, _ := os.Stat(path)
	was, is := before.Sys().(*syscall.Stat_t), after.Sys().(*syscall.Stat_t)
	if was.Ino == is.Ino {
		t.Error("written in place")
	}
	if was.Uid != is.Uid || was.Gid != is.Gid {
		t.Errorf("owner %d:%d, want %d:%d", is.Uid, is.Gid, was.Uid, was.Gid)
	}
}

// An inherited descriptor has no other name.
func TestResolveOfADescriptor(t *testing.T) {
	t.Parallel()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink("/dev/stdout", link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/dev/stdout", link} {
		if got, err := Resolve(path); got != "/dev/stdout" || err != nil {
			t.Errorf("Resolve(%q) = %q, %v", path, got, err)
		}
	}
}
