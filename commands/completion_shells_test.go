//go:build linux

package commands_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// completions are lines that a person types up to Tab, and what the line then is.
var completions = []struct{ typed, want string }{
	{"smp ses", "smp session "},
	{"smp session cr", "smp session create "},
	{"smp help session fo", "smp help session forget "},
	{"smp session create --na", "smp session create --name "},
	{"smp fetch --on-dead r", "smp fetch --on-dead replace "},
	{"smp fetch --on-dead=r", "smp fetch --on-dead=replace "},
	{"smp fetch --session @sh", "smp fetch --session @shop "},
	{"smp fetch --session=@sh", "smp fetch --session=@shop "},
	{"smp session delete 26", "smp session delete 2638554 "},
	{"smp completion po", "smp completion powershell "},
	{"smp fetch -o some-f", "smp fetch -o some-file "},
	{"smp fetch --cacert=some-f", "smp fetch --cacert=some-file "},
	{"smp fetch -d @some-f", "smp fetch -d @some-file "},
	{"smp fetch -o with", `smp fetch -o with\ space `},
	{"smp fetch -d @with", `smp fetch -d @with\ space `},
	{"smp fetch -d @some-d", "smp fetch -d @some-dir/"},
	{"smp batch --output-dir some-d", "smp batch --output-dir some-dir/"},
	{"smp mock --origin some-d", "smp mock --origin some-dir/"},
	{"smp mock --origin pa", "smp mock --origin passthrough "},
	{"smp mock -- some-com", "smp mock -- some-command "},
	{"smp session run --name x some-com", "smp session run --name x some-command "},
	{"smp fetch --nothing-like-it", "smp fetch --nothing-like-it"},
	{"smp nothing", "smp nothing"},
}

// shells are started with completion loaded and Ctrl-T writing the line to a FIFO.
var shells = []struct{ name, start, setup string }{
	{
		"bash", "exec bash --noprofile --norc -i",
		`source <(smp completion bash); bind 'set enable-bracketed-paste off'; bind -x '"\C-t": printf "%s\n" "$READLINE_LINE" >line'`,
	},
	{
		"bash", "exec bash --noprofile --norc -i", // as on a machine with bash-completion, where it has that
		`for f in /usr/share/bash-completion/bash_completion; do [ -f $f ] && . $f; done; source <(smp completion bash); bind 'set enable-bracketed-paste off'; bind -x '"\C-t": printf "%s\n" "$READLINE_LINE" >line'`,
	},
	{
		"zsh", "exec zsh -f -i",
		`autoload -U compinit; compinit -u -D; source <(smp completion zsh); setopt no_auto_remove_slash; line() { print -r -- "$BUFFER" >line }; zle -N line; bindkey '^T' line`,
	},
}

// TestCompletionInShells presses Tab in the shells that this machine has.
func TestCompletionInShells(t *testing.T) {
	t.Parallel()
	bin := buildProgram(t)
	for _, shell := range shells {
		if _, err := exec.LookPath(shell.name); err != nil {
			t.Logf("no %s here", shell.name)
			continue
		}
		t.Run(shell.name, func(t *testing.T) {
			t.Parallel()
			p := startShell(t, bin, shell.start, shell.setup)
			for _, c := range completions {
				if got := p.complete(t, c.typed); got != c.want {
					t.Errorf("%q became %q, want %q", c.typed, got, c.want)
				}
			}
			p.typed(t, "smp fetch --session \t\t")
			p.await(t, "198.18.")
		})
	}
}

// TestCompletionInFish asks fish what it would offer.
func TestCompletionInFish(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("fish"); err != nil {
		t.Log("no fish here")
		return
	}
	bin, dir := buildProgram(t), completionDir(t)
	script := completionWorld + `exec fish --no-config -c 'smp completion fish | source; for line in $argv; echo "> $line"; complete -C $line; end' "$@"`
	args := []string{"mock", "--", "sh", "-c", script, "sh"}
	for _, c := range completions {
		args = append(args, c.typed)
	}
	cmd := exec.Command(filepath.Join(bin, programName()), args...)
	cmd.Dir = dir
	cmd.Env = shellEnviron(dir)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	offered := map[string]string{}
	for block := range strings.SplitSeq("\n"+string(out), "\n> ") {
		line, candidates, _ := strings.Cut(block, "\n")
		offered[line] = candidates
	}
	for _, c := range completions {
		want := strings.ReplaceAll(strings.TrimSpace(c.want[strings.LastIndex(c.typed, " "):]), `\ `, " ")
		if c.want == c.typed {
			want = ""
		}
		got, _, _ := strings.Cut(strings.TrimSuffix(offered[c.typed], "\n"), "\t")
		if got != want {
			t.Errorf("%q offers %q, want %q", c.typed, offered[c.typed], want)
		}
	}
}

func shellEnviron(dir string) []string {
	return []string{"HOME=" + dir, "PATH=" + dir + ":" + os.Getenv("PATH"), "TMPDIR=" + dir, "TERM=dumb", "PS1=$ "}
}

// shell is an interactive shell on a terminal.
type shell struct {
	terminal *os.File
	line     *os.File // where Ctrl-T writes to
	screen   chan string
}

// startShell starts a shell beside a mock, in a directory with some files, where two
// sessions are known: 1873787, which is @shop, and 2638554.
func startShell(t *testing.T, bin, start, setup string) *shell {
	t.Helper()
	dir := completionDir(t)
	terminal, name := openTerminal(t)
	child, err := os.OpenFile(name, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer child.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute) // t.Context would kill smp before the shell has ended
	cmd := exec.CommandContext(ctx, filepath.Join(bin, programName()), "mock", "--", "sh", "-c", completionWorld+start)
	cmd.Dir = dir
	cmd.Env = shellEnviron(dir)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = child, child, child
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := os.OpenFile(filepath.Join(dir, "line"), os.O_RDWR|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := &shell{terminal: terminal, line: line, screen: make(chan string, 1<<16)}
	go s.read()
	t.Cleanup(func() {
		_, _ = io.WriteString(terminal, "\x15exit\n")
		_ = cmd.Wait()
		cancel()
		terminal.Close()
		line.Close()
	})
	s.typed(t, setup+"; PS1='rea''dy> '\n") // keys typed before the prompt would be the terminal's
	s.await(t, "ready> ")
	return s
}

// completionWorld makes the sessions and uses one, so that its IP is known.
const completionWorld = `
smp session create --name shop
smp session create
smp fetch -o /dev/null --session @shop http://example.com/
`

func completionDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"some-file": 0o600, "with space": 0o600, "some-command": 0o700} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "some-dir"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(filepath.Join(dir, "line"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// openTerminal opens a terminal and gives the name of its other end.
func openTerminal(t *testing.T) (*os.File, string) {
	t.Helper()
	f, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(f.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	return f, fmt.Sprintf("/dev/pts/%d", n)
}

func (s *shell) read() {
	buf := make([]byte, 4096)
	for {
		n, err := s.terminal.Read(buf)
		if err != nil {
			close(s.screen)
			return
		}
		s.screen <- string(buf[:n])
	}
}

func (s *shell) typed(t *testing.T, keys string) {
	t.Helper()
	if _, err := io.WriteString(s.terminal, keys); err != nil {
		t.Fatal(err)
	}
}

// complete types a line, presses Tab, and gives what the line is then.
func (s *shell) complete(t *testing.T, line string) string {
	t.Helper()
	s.typed(t, line+"\t\x14\x15") // Ctrl-T writes it, Ctrl-U clears it
	_ = s.line.SetReadDeadline(time.Now().Add(time.Minute))
	text, err := bufio.NewReader(s.line).ReadString('\n')
	if err != nil {
		t.Fatalf("after %q: %v; on the screen is\n%s", line, err, s.drain())
	}
	return strings.TrimSuffix(text, "\n")
}

// drain gives what came onto the screen since it was last looked at.
func (s *shell) drain() string {
	seen := ""
	for {
		select {
		case part := <-s.screen:
			if part == "" {
				return seen
			}
			seen += part
		default:
			return seen
		}
	}
}

// await waits until text is on the screen.
func (s *shell) await(t *testing.T, text string) {
	t.Helper()
	limit := time.After(time.Minute)
	seen := ""
	for !strings.Contains(seen, text) {
		select {
		case part, open := <-s.screen:
			if seen += part; !open {
				t.Fatalf("the shell ended; on the screen is\n%s", seen)
			}
		case <-limit:
			t.Fatalf("%q is not on the screen:\n%s", text, seen)
		}
	}
}
