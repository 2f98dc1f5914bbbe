package cli

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// specimens is a program with every kind of flag, on which parsing is tested.
func specimens() *Program {
	ignore := func(string) error { return nil }
	verbose := Flag{Name: "verbose", Short: "v", Set: ignore}
	help := Flag{Name: "help", Short: "h", Set: ignore}
	shared := []Flag{
		{Name: "json", Set: ignore},
		verbose,
		{Name: "silent", Short: "s", Set: ignore},
		{Name: "show-error", Short: "S", Set: ignore},
		help,
		{Name: "endpoint", Value: "URL", Set: ignore},
		{Name: "timeout", Short: "m", Also: []string{"max-time"}, Value: "D", Set: ignore},
		{Name: "delay", Value: "D", Set: ignore},
	}
	leaf := func(name string, c Command) Entry {
		return Entry{name, func() *Command {
			c := c
			c.Name, c.Run = name, func(context.Context, []string) error { return nil }
			if c.Shared == nil {
				c.Shared = shared
			}
			return &c
		}}
	}
	return &Program{
		Name:   "smp",
		Shared: func() []Flag { return append(slices.Clip(shared), Flag{Name: "version", Short: "V", Set: ignore}) },
		Commands: Registry{
			leaf("get", Command{Flags: []Flag{
				{Name: "request", Short: "X", Value: "M", Set: ignore},
				{Name: "output", Short: "o", Value: "FILE", Set: ignore},
				{Name: "fail", Short: "f", Set: ignore},
				{Name: "follow", Short: "L", Also: []string{"location"}, Set: ignore},
				{Name: "data", Short: "d", Value: "TEXT", Set: ignore},
				{Name: "session", Value: "ID", Set: ignore},
			}}),
			leaf("pool create", Command{Flags: []Flag{{Name: "count", Short: "n", Value: "N", Set: ignore}}}),
			leaf("pool drop", Command{}),
			leaf("exec", Command{
				ArgsEnd: true, Shared: []Flag{verbose, help},
				Flags: []Flag{{Name: "delay", Value: "D", Set: ignore}},
			}),
		},
		Foreign: []ForeignFlag{{"-x --proxy", "--endpoint URL", ""}, {"-T", "--data TEXT", "data"}},
	}
}

func understand(t *testing.T, line []string) (*Invocation, error) {
	t.Helper()
	return specimens().Parse(line)
}

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, want string }{
		{"get URL", "get -- URL"},
		{"get URL --session 42", "get --session=42 -- URL"},
		{"get --session 42 URL", "get --session=42 -- URL"},
		{"get --session=42 URL", "get --session=42 -- URL"},
		{"--session 42 get URL", "get --session=42 -- URL"},
		{"get -fsSL URL", "get --fail=true --silent=true --show-error=true --follow=true -- URL"},
		{"get -XPOST URL", "get --request=POST -- URL"},
		{"get -fXPOST URL", "get --fail=true --request=POST -- URL"},
		{"get -fX POST URL", "get --fail=true --request=POST -- URL"},
		{"get -of URL", "get --output=f -- URL"},
		{"get -o=f URL", "get --output==f -- URL"},
		{"get -ofile -L", "get --output=file --follow=true --"},
		{"get -o - URL", "get --output=- -- URL"},
		{"get --location URL", "get --follow=true -- URL"},
		{"get --fail=false URL", "get --fail=false -- URL"},
		{"get -d -5 URL", "get --data=-5 -- URL"},
		{"get -d --5 URL", "get --data=--5 -- URL"},
		{"get --data=--fail URL", "get --data=--fail -- URL"},
		{"get --data= URL", "get --data= -- URL"},
		{"get -d a -d b", "get --data=a --data=b --"},
		{"get -- --fail -x", "get -- --fail -x"},
		{"get a -- -- b", "get -- a -- b"},
		{"get help", "get -- help"},
		{"get pool create", "get -- pool create"},
		{"get -", "get -- -"},
		{"get -m5", "get --timeout=5 --"},
		{"get --max-time 5", "get --timeout=5 --"},
		{"--endpoint h:1 get", "get --endpoint=h:1 --"},
		{"-fv get", "get --fail=true --verbose=true --"},
		{"pool -v create --count 3", "pool create --verbose=true --count=3 --"},
		{"-n3 pool create", "pool create --count=3 --"},
		{"exec -v cmd -v --bogus", "exec --verbose=true -- cmd -v --bogus"},
		{"exec --delay 5 -- cmd -- -v", "exec --delay=5 -- cmd -- -v"},
		{"exec cmd -- x", "exec -- cmd -- x"},
		{"--delay 5 exec cmd", "exec --delay=5 -- cmd"},
	}
	for _, tt := range tests {
		t.Run(tt.line, func(t *testing.T) {
			t.Parallel()
			inv, err := understand(t, strings.Fields(tt.line))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(inv.canonical(), " "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestParseKeepsArgumentsWhole(t *testing.T) {
	t.Parallel()
	line := []string{"get", "", "a b", "-d", "x, y", "--output", "", "é\x00\xff"}
	inv, err := understand(t, line)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"get", "--data=x, y", "--output=", "--", "", "a b", "é\x00\xff"}
	if diff := cmp.Diff(want, inv.canonical()); diff != "" {
		t.Error(diff)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, err, hint string }{
		{"", "no command", "smp help"},
		{"pool", "smp pool needs one of: create, drop", "smp help pool"},
		{"pool --json", "smp pool needs one of", "smp help pool"},
		{"gte URL", `"gte" is not a command of smp`, "did you mean smp get"},
		{"pool help", `"help" is not a command of smp pool`, "smp help pool"},
		{"nothing-like-it", "is not a command of smp", "smp help"},
		{"get --sesion 42", "unknown flag --sesion of smp get", "did you mean --session"},
		{"get --zzzzzz", "unknown flag --zzzzzz of smp get", "smp help get"},
		{"get -Q", "unknown flag -Q of smp get", "smp help get"},
		{"get -fQ", "unknown flag -Q of smp get", ""},
		{"get -\xff", "unknown flag -\ufffd of smp get", ""},
		{"get -x http://h:1 URL", "unknown flag -x of smp get", "--endpoint URL"},
		{"get -T f", "unknown flag -T of smp get", "--data TEXT"},
		{"pool drop -T f", "unknown flag -T of smp pool drop", "smp help pool drop"},
		{"get --data", "--data needs a value: TEXT", ""},
		{"get URL -fd", "-d needs a value: TEXT", ""},
		{"get --data --session 42", "--data needs a value, and --session is none", "--data=--session"},
		{"get -d --fail=true", "-d needs a value, and --fail is none", "--data=--fail"},
		{"get -d --", "-d needs a value, and -- is none", "--data=--"},
		{"get -session 42", "-session is written with two dashes", "--session"},
		{"-- get", "a command must come before --", ""},
		{"--count 3 get URL", "smp get does not take --count", ""},
		{"--endpoint h:1 exec cmd", "smp exec does not take --endpoint", ""},
		{"exec --json cmd", "unknown flag --json of smp exec", ""},
		{"--bogus get", "unknown flag --bogus of smp", "smp help"},
	}
	for _, tt := range tests {
		t.Run(tt.line, func(t *testing.T) {
			t.Parallel()
			_, err := understand(t, strings.Fields(tt.line))
			usage, ok := err.(*UsageError)
			if !ok {
				t.Fatalf("got %v, want a usage error", err)
			}
			if !strings.Contains(usage.Message, tt.err) {
				t.Errorf("message %q lacks %q", usage.Message, tt.err)
			}
			if !strings.Contains(strings.Join(usage.Hints, "\n"), tt.hint) {
				t.Errorf("hints %q lack %q", usage.Hints, tt.hint)
			}
		})
	}
}

func TestParseStopsAtHelp(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"-h", "--help", "get -h", "get URL --help --bogus", "pool -h", "-h get", "exec -h"} {
		inv, err := understand(t, strings.Fields(line))
		if err != nil || !inv.Help {
			t.Errorf("%s: help %v, error %v", line, inv.Help, err)
		}
	}
	if inv, err := understand(t, []string{"exec", "cmd", "-h"}); err != nil || inv.Help {
		t.Errorf("a COMMAND's own -h was taken: %v", err)
	}
}

// FuzzParse asserts that whatever is understood survives. The canonical form means
// the same as the line it came from, and no argument is lost or made up.
func FuzzParse(f *testing.F) {
	for _, line := range []string{
		"get URL --session 42", "get -fsSL -XPOST URL", "pool create -n 3", "exec -v cmd -v",
		"get -- --fail", "get -d -5", "--endpoint h get", "get -\xff", "get --data=", "-h",
	} {
		f.Add(strings.ReplaceAll(line, " ", "\x00"))
	}
	f.Fuzz(func(t *testing.T, joined string) {
		line := strings.Split(joined, "\x00")
		inv, err := understand(t, line)
		if err != nil || inv.Help || inv.Version {
			return
		}
		again, err := understand(t, inv.canonical())
		if err != nil {
			t.Fatalf("%q became %q, which is refused: %v", line, inv.canonical(), err)
		}
		if diff := cmp.Diff(inv.canonical(), again.canonical()); diff != "" {
			t.Fatalf("%q is not canonical after one step:\n%s", line, diff)
		}
		for _, arg := range inv.args {
			if !slices.Contains(line, arg) {
				t.Fatalf("argument %q is not in %q", arg, line)
			}
		}
		for _, g := range inv.given {
			if g.value != "true" && !strings.Contains(joined, g.value) {
				t.Fatalf("value %q is not in %q", g.value, line)
			}
		}
	})
}
