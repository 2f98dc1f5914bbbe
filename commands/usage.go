package commands

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// usageError says that the command line or the configuration cannot be meant. It
// is found before any request, and ends with exit code 2.
type usageError struct {
	message string
	hints   []string
}

func (e *usageError) Error() string { return e.message }

// usagef makes a usage error.
func usagef(format string, args ...any) *usageError {
	return &usageError{message: fmt.Sprintf(format, args...)}
}

// hint adds what to type instead.
func (e *usageError) hint(format string, args ...any) *usageError {
	e.hints = append(e.hints, fmt.Sprintf(format, args...))
	return e
}

// noArgs refuses surplus arguments.
func noArgs(args []string) error {
	if len(args) > 0 {
		return usagef("unexpected argument %q", args[0])
	}
	return nil
}

func missingCommand(commands registry, words []string) error {
	if len(words) == 0 {
		return usagef("no command").hint("smp help").hint("or one of: %s", strings.Join(commands.next(nil), ", "))
	}
	return usagef("%s needs one of: %s", path(words), strings.Join(commands.next(words), ", ")).
		hint("smp help %s", strings.Join(words, " "))
}

func unknownCommand(commands registry, words []string, word string) error {
	err := usagef("%q is no command of %s", word, path(words))
	if meant := meantCommand(commands, words, word); meant != "" {
		return err.hint("did you mean %s", meant)
	}
	return err.hint("%s", path(append([]string{"help"}, words...)))
}

// otherWords are what people call things elsewhere.
var otherWords = map[string]string{
	"ls": "list", "rm": "delete", "remove": "delete", "new": "create", "add": "create", "exec": "run",
	"get": "fetch", "curl": "fetch", "version": "--version",
}

// meantCommand guesses what word stands for after words: a slip, a word of another
// program's, a command of a group that was left out, or a URL.
func meantCommand(commands registry, words []string, word string) string {
	next := commands.next(words)
	meant, other := otherWords[word]
	switch {
	case other && (slices.Contains(next, meant) || meant == "--version" && len(words) == 0):
		return path(append(words, meant))
	case len(words) == 0 && strings.Contains(word, "://"):
		return "smp fetch URL"
	}
	if near := nearest(word, next); near != "" {
		return path(append(words, near))
	}
	for _, e := range commands {
		if e.name == strings.Join(append(words, "session", cmp.Or(meant, word)), " ") {
			return "smp " + e.name
		}
	}
	return ""
}

const keyElsewhere = "the API key is never in the command line: export SMP_API_KEY, or --api-key-file FILE"

// foreignFlags are flags of curl and of habit that mean something here, but are not
// typed so, with what to do instead.
var foreignFlags = []struct {
	spellings string
	instead   string
	where     string // only for commands with this flag
}{
	{"-x --proxy --preproxy --socks4 --socks4a --socks5 --socks5-hostname --noproxy", "the proxy is the endpoint: --endpoint http://HOST:PORT", ""},
	{"-U --proxy-user --api-key --apikey --key", keyElsewhere, ""},
	{"-K --config", "settings come from a config file: export SMP_CONFIG=FILE", ""},
	{"--proxy-cacert", "an https endpoint is verified with it too: --cacert FILE", ""},
	{"-Z --parallel --next", "many URLs at once: smp batch FILE", ""},
	{"-T --upload-file", "send a file: -X PUT --data-binary @FILE", ""},
	{"--url", "the URL needs no flag: smp fetch URL", "request"},
	{"-r --range", "ask with a header: -H 'Range: bytes=0-99'", "request"},
	{"-n --netrc --netrc-file", "the target's credentials: --user NAME:PASS", "request"},
	{"-N --no-buffer", "leave it out: bodies are passed on as they come", "request"},
	{"-p --proxytunnel", "leave it out: https targets are always reached through a tunnel", "request"},
	{"--proxy-header", "X-Crawlera-* headers go to the proxy anyway: --header LINE", "request"},
	{"-# --progress-bar --no-progress-meter", "leave it out: a fetch shows no progress", "request"},
	{"--http1.1 --http2 --http3", "leave it out: HTTP/1.1 is spoken throughout", "request"},
	{"-p --port", "--listen 127.0.0.1:PORT", "listen"},
}

func unknownFlag(spelled string, c *command, flags []flag) error {
	owner := "smp"
	if c != nil {
		owner = "smp " + c.name
	}
	err := usagef("unknown flag %s of %s", spelled, owner)
	for _, f := range foreignFlags {
		if slices.Contains(strings.Fields(f.spellings), spelled) && (f.where == "" || findFlag(flags, f.where) != nil) {
			return err.hint("%s", f.instead)
		}
	}
	if name, long := strings.CutPrefix(spelled, "--"); long {
		if near := nearest(name, longNames(flags)); near != "" {
			return err.hint("did you mean --%s", near)
		}
	}
	return err.hint("%s", strings.Replace(owner, "smp", "smp help", 1))
}

func longNames(flags []flag) []string {
	var names []string
	for _, f := range flags {
		names = append(append(names, f.name), f.also...)
	}
	return names
}

// nearest gives the name that word is a likely slip of or begins, or nothing.
func nearest(word string, names []string) string {
	best, least := "", min((len(word)+2)/3, 3)
	for _, name := range names {
		if d := distance(word, name); d < least || d == least && best == "" {
			best, least = name, d
		}
	}
	if best == "" && len(word) > 3 {
		at := slices.IndexFunc(names, func(name string) bool { return strings.HasPrefix(name, word) })
		if at >= 0 {
			return names[at]
		}
	}
	return best
}

// distance counts the edits that turn a into b: insertions, deletions,
// substitutions, and swaps of neighbours.
func distance(a, b string) int {
	before, last := []int(nil), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(row[j]+1, last[j+1]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
