package commands

import (
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"smp/commands/config"
	"smp/commands/process"
)

// The manual page tells of every command and every flag.
func TestManual(t *testing.T) {
	t.Parallel()
	env := testEnv(t)
	if code := env.run(t, "help", "--man"); code != 0 || env.err.Len() > 0 {
		t.Fatalf("exit code %d, stderr %q", code, env.err)
	}
	page := shownByRoff(env.out.String())
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
		dots := func(s string) string { return strings.ReplaceAll(s, "…", "...") }
		has("a command", ".SS "+`"`+strings.TrimSpace("smp "+c.Name+" [flags] "+dots(c.Args))+`"`)
		for _, f := range c.AllFlags() {
			has("a flag of "+e.name, "--"+f.Name)
			has("the meaning of --"+f.Name, dots(f.Usage))
		}
		for _, x := range c.Examples {
			has("an example of "+e.name, "\n"+dots(x.Line)+"\n")
		}
	}
}

// shownByRoff undoes the escapes of a manual page.
func shownByRoff(page string) string {
	numbered := regexp.MustCompile(`\\\[u([0-9A-F]{4})\]`)
	page = numbered.ReplaceAllStringFunc(page, func(s string) string {
		n, _ := strconv.ParseInt(numbered.FindStringSubmatch(s)[1], 16, 32)
		return string(rune(n))
	})
	return strings.NewReplacer(`\-`, "-", `\&`, "", `\(aq`, "'", `\(ga`, "`", `\(ha`, "^", `\(ti`, "~", `\(dq`, `"`, `\e`, `\`).Replace(page)
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

func TestExitCodeTable(t *testing.T) {
	t.Parallel()
	var told []string
	for _, e := range exitCodeTable() {
		told = append(told, strings.Split(e.code, ", ")...)
	}
	codes := []int{exitUsage, exitVerdict, exitNotStarted, process.CodeNotExecutable, process.CodeNotFound}
	for _, code := range classExitCodes {
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
	for _, key := range config.Keys {
		wanted = append(wanted, "SMP_"+strings.ToUpper(key))
	}
	a := newApp(testEnv(t).Env, all())
	for _, e := range all() {
		for _, f := range e.make(a).Flags {
			wanted = append(wanted, f.Env)
		}
	}
	for _, name := range wanted {
		if name != "" && !slices.Contains(told, name) {
			t.Errorf("nothing is told of %s", name)
		}
	}
}
