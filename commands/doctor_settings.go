package commands

import (
	"cmp"
	"context"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"

	"smp/client/spell"
	"smp/commands/cli"
	"smp/commands/config"
	"smp/commands/term"
)

// settings reads the configuration step by step: a setting that fails must not hide
// the others.
func (e *examination) settings(ctx context.Context) {
	file, err := config.ReadFile(e.app.env.lookup)
	if err != nil {
		e.fail("config", err, "")
		return
	}
	e.configFile(file)
	r := config.NewReader(e.app.source(), file)
	e.config, e.app.config = r.Settings, r.Settings
	for _, step := range r.Steps(ctx) {
		before := len(r.Settings.List)
		err := step.Read()
		if err == nil {
			e.values(r.Settings.List[before:])
			continue
		}
		name := step.Name
		if last := len(r.Settings.List) - 1; last >= before {
			e.values(r.Settings.List[before:last])
			name = r.Settings.List[last].Key
		}
		e.fail(name, err, "")
	}
	if e.config.Key != "" {
		e.app.messages.Redactor = term.Redactor(e.config.Key)
	}
}

func (e *examination) configFile(file config.File) {
	origin := "default"
	if e.app.env.lookup("SMP_CONFIG") != "" {
		origin = "SMP_CONFIG"
	}
	if file.Path == "" {
		e.ok("config", "no file; it would be %s", cmp.Or(config.DefaultPath(e.app.env.lookup), "in $HOME, which is not set"))
		return
	}
	e.note(finding{grade: gradeOK, name: "config", detail: file.Path, origin: origin})
}

// values notes settings that were read.
func (e *examination) values(list []config.Setting) {
	for _, s := range list {
		f := finding{grade: gradeOK, name: s.Key, detail: s.Value, origin: s.Origin}
		switch {
		case s.Key == "api_key" && s.Value == "":
			e.fail(s.Key, requireKey(e.config), "")
			continue
		case s.Key == "api_key":
			f = e.keyFile(f)
		case s.Key == "state_dir", s.Key == "ledger", s.Key == "cacert" && s.Value != "", s.Key == "rpm" && s.Value == "":
			continue // a check of its own
		case s.Key == "cacert":
			f.detail = "the system's authorities"
		case s.Key == "insecure" && e.config.Insecure:
			f.grade, f.advice = gradeWarn, "leave it off, and trust the service's CA: --cacert FILE"
		case s.Key == "proxy_insecure" && e.config.ProxyInsecure:
			f.grade, f.advice = gradeWarn, "leave it off: who is in between could read the API key"
		case s.Key == "delay" && !e.config.DelayTyped:
			for _, domain := range slices.Sorted(maps.Keys(e.config.Delays)) {
				f.detail += ", " + domain + " " + spell.Duration(e.config.Delays[domain])
			}
		case s.Key == "timeout" && s.Origin == "default":
			f.detail += ", " + spell.Duration(e.config.SessionTimeout) + " for session calls"
		}
		e.note(f)
	}
}

// keyFile warns of a file with the API key that others can read.
func (e *examination) keyFile(f finding) finding {
	path := e.app.source().KeyFile()
	if path == "" || path == "-" || runtime.GOOS == "windows" || (f.origin != "--api-key-file" && f.origin != "SMP_API_KEY_FILE") {
		return f
	}
	f.detail += ", in " + path
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		f.grade, f.advice = gradeWarn, "others can read it: chmod 600 "+path
	}
	return f
}

// environment warns of variables that look like ours and are none.
func (e *examination) environment() {
	var names []string
	for _, v := range environmentVariables() {
		names = append(names, v.name)
	}
	for _, entry := range e.app.env.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "SMP_") || value == "" || slices.Contains(names, name) {
			continue
		}
		advice := "unset " + name
		if near := cli.Nearest(name, names); near != "" {
			advice = "did you mean " + near
		}
		e.warn("environment", advice, "%s is set, which smp does not know", name)
	}
}
