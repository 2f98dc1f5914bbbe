package commands

import (
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The manual page tells of every command and every flag.
func TestManual(t *testing.T) {
	t.Parallel()
	env := testEnv(t)
	if code := env.run(t, "help", "--man"); code != 0 || env.err.Len() > 0 {
		t.Fatalf("exit code %d, stderr %q", code, env.err)
	}
	page := env.out.String()
	has := func(what, text string) {
		t.Helper()
		if !strings.Contains(page, text) {
			t.Errorf("the page does not have %s: %q", what, text)
		}
	}
	for _, section := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES"} {
		has("a section", `.SH "`+section+`"`)
	}
	a := newApp(env.Env, all())
	for _, e := range all() {
		c := e.make(a)
		has("a command", ".SS "+roffQuote(strings.TrimSpace("smp "+c.name+" [flags] "+c.args)))
		for _, f := range append(c.flags, sharedFlags(a, c)...) {
			has("a flag of "+e.name, roffText("--"+f.name))
			has("the meaning of --"+f.name, roffText(meaning(f)))
		}
		for _, x := range c.examples {
			has("an example of "+e.name, "\n"+roffText(x.line)+"\n")
		}
	}
}

// groff, where it is there, has nothing to say about the page, whatever the encoding.
func TestManualIsClean(t *testing.T) {
	t.Parallel()
	env := testEnv(t)
	env.run(t, "help", "--man")
	requests := []string{"TH", "SH", "SS", "PP", "TP", "RS", "RE", "nf", "fi"}
	for line := range strings.Lines(env.out.String()) {
		if strings.ContainsFunc(line, func(r rune) bool { return r > 0x7e || r < ' ' && r != '\n' }) {
			t.Errorf("more than ASCII: %q", line)
		}
		if request, is := strings.CutPrefix(line, "."); is && !slices.Contains(requests, strings.Fields(request)[0]) {
			t.Errorf("an unknown request: %q", line)
		}
	}
	if _, err := exec.LookPath("groff"); err != nil {
		t.Log("no groff here")
		return
	}
	for _, device := range []string{"utf8", "ascii"} {
		cmd := exec.Command("groff", "-man", "-ww", "-rCHECKSTYLE=3", "-z", "-T"+device)
		cmd.Stdin = strings.NewReader(env.out.String())
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("-T%s: %v\n%s", device, err, out)
		}
	}
}

func TestRoffText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"--flag":   `\-\-flag`,
		".dot":     `\&.dot`,
		"'quoted'": `\&\(aqquoted\(aq`,
		`a\b`:      `a\eb`,
		"ARG…":     "ARG...",
		"→ ü":      `\[u2192] \[u00FC]`,
		"plain":    "plain",
	} {
		if got := roffText(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if got := roffQuote(`say "x"`); got != `"say \(dqx\(dq"` {
		t.Errorf("got %s", got)
	}
}

func TestExitCodeTable(t *testing.T) {
	t.Parallel()
	var told []string
	for _, e := range exitCodeTable() {
		told = append(told, strings.Split(e.code, ", ")...)
	}
	codes := []int{exitUsage, exitVerdict, exitNotStarted, exitNotExecutable, exitNotFound}
	for _, code := range exitCodes {
		codes = append(codes, code)
	}
	for _, code := range codes {
		if !slices.Contains(told, strconv.Itoa(code)) {
			t.Errorf("the table does not tell of %d", code)
		}
	}
}

func TestEnvironmentVariables(t *testing.T) {
	t.Parallel()
	var told []string
	for _, v := range environmentVariables() {
		if v.name == "" || v.meaning == "" || slices.Contains(told, v.name) {
			t.Errorf("%q: %q", v.name, v.meaning)
		}
		told = append(told, v.name)
	}
	wanted := []string{"SMP_CONFIG", "SMP_TIME_SCALE"}
	for _, key := range configKeys {
		wanted = append(wanted, "SMP_"+strings.ToUpper(key))
	}
	a := newApp(testEnv(t).Env, all())
	for _, e := range all() {
		for _, f := range e.make(a).flags {
			wanted = append(wanted, f.env)
		}
	}
	for _, name := range wanted {
		if name != "" && !slices.Contains(told, name) {
			t.Errorf("nothing is told of %s", name)
		}
	}
}
