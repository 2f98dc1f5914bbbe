package commands

import (
	"fmt"
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
		return usagef("no command").hint("smp help")
	}
	return usagef("%s needs one of: %s", path(words), strings.Join(commands.next(words), ", ")).
		hint("smp help %s", strings.Join(words, " "))
}

func unknownCommand(commands registry, words []string, word string) error {
	err := usagef("%q is no command of %s", word, path(words))
	if near := nearest(word, commands.next(words)); near != "" {
		return err.hint("did you mean %s", path(append(words, near)))
	}
	return err.hint("%s", path(append([]string{"help"}, words...)))
}

// curlFlags are everyday flags of curl that smp has under another name, because
// the proxy is the endpoint here.
var curlFlags = []struct{ short, long, instead string }{
	{"-x", "--proxy", "the proxy is the endpoint: --endpoint http://HOST:PORT"},
	{"-U", "--proxy-user", "the API key is never in the command line: export SMP_API_KEY, or --api-key-file FILE"},
	{"-K", "--config", "settings come from a config file: export SMP_CONFIG=FILE"},
	{"-Z", "--parallel", "many URLs at once: smp batch FILE"},
	{"-T", "--upload-file", "send a file: -X PUT --data-binary @FILE"},
}

func unknownFlag(spelled string, c *command, flags []flag) error {
	owner := "smp"
	if c != nil {
		owner = "smp " + c.name
	}
	err := usagef("unknown flag %s of %s", spelled, owner)
	for _, theirs := range curlFlags {
		if spelled == theirs.short || spelled == theirs.long {
			return err.hint("%s", theirs.instead)
		}
	}
	if spelled == "--api-key" {
		return err.hint("the API key is never in the command line: export SMP_API_KEY, or --api-key-file FILE")
	}
	if near := nearest(strings.TrimPrefix(spelled, "--"), longNames(flags)); near != "" && strings.HasPrefix(spelled, "--") {
		return err.hint("did you mean --%s", near)
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

// nearest gives the name that word is a likely slip of, or nothing.
func nearest(word string, names []string) string {
	best, least := "", 1+min(len(word)/3, 2)
	for _, name := range names {
		if d := distance(word, name); d < least || d == least && best == "" {
			best, least = name, d
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
