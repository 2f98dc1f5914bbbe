package commands

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"smp/commands/cli"
	"smp/commands/term"
)

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, e := range all() {
		env := testEnv(t)
		if code := env.run(t, append([]string{"help"}, strings.Fields(e.name)...)...); code != 0 || env.err.Len() > 0 {
			t.Errorf("help %s: exit code %d, stderr %q", e.name, code, env.err)
		}
		flagged := testEnv(t)
		if code := flagged.run(t, append(strings.Fields(e.name), "-h")...); code != 0 || flagged.out.String() != env.out.String() {
			t.Errorf("%s -h: exit code %d, or not the same as help %[1]s", e.name, code)
		}
		if !strings.Contains(env.out.String(), "smp "+e.name+" [flags]") {
			t.Errorf("help %s has no usage line:\n%s", e.name, env.out)
		}
		fits(t, "help "+e.name, env.out.String())
	}
}

func TestHelpOfProgram(t *testing.T) {
	t.Parallel()
	env := testEnv(t)
	if code := env.run(t, "--help"); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, e := range all() {
		if !strings.Contains(env.out.String(), "  "+e.name+"  ") {
			t.Errorf("%s is not listed", e.name)
		}
	}
	fits(t, "help", env.out.String())
	group := testEnv(t)
	if code := group.run(t, "help", "session"); code != 0 || !strings.Contains(group.out.String(), "session create") {
		t.Errorf("help session: exit code %d\n%s", code, group.out)
	}
	if code := testEnv(t).run(t, "help", "nothing"); code != 2 {
		t.Errorf("help nothing: exit code %d", code)
	}
}

func fits(t *testing.T, what, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if term.Width(strings.TrimSuffix(line, "\n")) > 80 {
			t.Errorf("%s: more than 80 columns: %q", what, line)
		}
	}
}

func TestDeclarations(t *testing.T) {
	t.Parallel()
	for _, e := range all() {
		a := newApp(testEnv(t).Env, all())
		c := e.make(a)
		if c.Name != e.name || c.Summary == "" || c.Run == nil {
			t.Errorf("%s: name %q, summary %q", e.name, c.Name, c.Summary)
		}
		seen := map[string]bool{}
		for _, f := range c.AllFlags() {
			for _, name := range append([]string{f.Name, f.Short}, f.Also...) {
				if name != "" && seen[name] {
					t.Errorf("%s has two flags %q", e.name, name)
				}
				seen[name] = true
			}
			if f.Usage == "" || f.Set == nil || len([]rune(f.Short)) > 1 || strings.ToLower(f.Usage[:1]) != f.Usage[:1] && f.Usage[:2] == strings.ToLower(f.Usage[:2]) {
				t.Errorf("%s: flag %q is not declared properly", e.name, f.Name)
			}
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	env := testEnv(t)
	if code := env.run(t, "--version"); code != 0 || !strings.HasPrefix(env.out.String(), "smp ") || !strings.Contains(env.out.String(), "go1.") {
		t.Errorf("exit code %d: %q", code, env.out)
	}
	document := testEnv(t)
	var b build
	if code := document.run(t, "--version", "--json"); code != 0 || json.Unmarshal(document.out.Bytes(), &b) != nil || b.Go == "" {
		t.Errorf("exit code %d: %q", code, document.out)
	}
	if code := testEnv(t).run(t, "--version", "surplus"); code != 2 {
		t.Errorf("a surplus argument: exit code %d", code)
	}
}

func TestFlagsReachTheCommand(t *testing.T) {
	t.Parallel()
	var headers, args []string
	loud := false
	commands := []constructor{{"get", func(*app) *cli.Command {
		return &cli.Command{
			Name:  "get",
			Flags: []cli.Flag{{Name: "header", Short: "H", Value: "LINE", Set: cli.Texts(&headers)}, {Name: "loud", Set: cli.Switch(&loud)}},
			Run:   func(_ context.Context, a []string) error { args = a; return nil },
		}
	}}}
	a := newApp(testEnv(t).Env, commands)
	line := []string{"get", "-H", "Accept: a, b", "URL", "--loud", "-HX: y", "--", "-x", "help"}
	if err := a.run(t.Context(), line); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(headers, []string{"Accept: a, b", "X: y"}) || !loud || !slices.Equal(args, []string{"URL", "-x", "help"}) {
		t.Errorf("headers %q, loud %v, args %q", headers, loud, args)
	}
}

func TestFlagErrorsNameTheFlag(t *testing.T) {
	t.Parallel()
	refused := errors.New("no good")
	ran := false
	commands := []constructor{{"get", func(*app) *cli.Command {
		return &cli.Command{
			Name:  "get",
			Flags: []cli.Flag{{Name: "size", Value: "N", Set: func(string) error { return refused }}},
			Run:   func(context.Context, []string) error { ran = true; return nil },
		}
	}}}
	err := newApp(testEnv(t).Env, commands).run(t.Context(), []string{"get", "--size", "9", "--size", "8"})
	usage, ok := err.(*cli.UsageError)
	if !ok || usage.Message != "--size: no good" || ran {
		t.Errorf("got %v, ran %v", err, ran)
	}
}

func TestContextReachesTheCommand(t *testing.T) {
	t.Parallel()
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "value")
	commands := []constructor{{"get", func(*app) *cli.Command {
		return &cli.Command{Name: "get", Run: func(ctx context.Context, _ []string) error {
			if ctx.Value(key{}) != "value" {
				return errors.New("another context")
			}
			return nil
		}}
	}}}
	if err := newApp(testEnv(t).Env, commands).run(ctx, []string{"get"}); err != nil {
		t.Error(err)
	}
}

func TestParallel(t *testing.T) {
	t.Parallel()
	failed := errors.New("odd")
	errs := parallel(t.Context(), 100, 7, func(_ context.Context, i int) error {
		if i%2 == 1 {
			return failed
		}
		return nil
	})
	for i, err := range errs {
		if (err == failed) != (i%2 == 1) {
			t.Errorf("%d: %v", i, err)
		}
	}
	ctx, stop := context.WithCancelCause(t.Context())
	stop(failed)
	for _, err := range parallel(ctx, 3, 2, func(context.Context, int) error { return nil }) {
		if err != failed {
			t.Errorf("begun after the end: %v", err)
		}
	}
}

func TestRedaction(t *testing.T) {
	t.Parallel()
	key := "0123456789abcdef0123456789abcdef"
	env := testEnv(t, "SMP_API_KEY="+key)
	a := newApp(env.Env, nil)
	if _, err := a.settings(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.messages.Info("user %s, header Basic %s", key, base64.StdEncoding.EncodeToString([]byte(key+":")))
	if got := env.err.String(); got != "smp: user [API key], header Basic [API key]\n" {
		t.Errorf("got %q", got)
	}
}
