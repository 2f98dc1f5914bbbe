package commands

import (
	"cmp"
	"context"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"

	"smp/commands/cli"
)

// settings reads the configuration step by step: a setting that fails must not hide
// the others.
func (e *examination) settings(ctx context.Context) {
	file, err := readConfigFile(e.app.env)
	if err != nil {
		e.fail("config", err, "")
		return
	}
	e.configFile(file)
	c := &configReader{app: e.app, file: file, into: &settings{delays: file.delays, targets: file.targets}}
	e.config, e.app.config = c.into, c.into
	for _, step := range c.steps(ctx) {
		before := len(c.into.list)
		err := step.read()
		if err == nil {
			e.values(c.into.list[before:])
			continue
		}
		name := step.name
		if last := len(c.into.list) - 1; last >= before {
			e.values(c.into.list[before:last])
			name = c.into.list[last].key
		}
		e.fail(name, err, "")
	}
	if e.config.key != "" {
		e.app.messages.Redactor = redactor(e.config.key)
	}
}

func (e *examination) configFile(file configFile) {
	origin := "default"
	if e.app.env.lookup("SMP_CONFIG") != "" {
		origin = "SMP_CONFIG"
	}
	if file.path == "" {
		e.ok("config", "no file; it would be %s", cmp.Or(defaultConfigPath(e.app.env), "in $HOME, which is not set"))
		return
	}
	e.note(finding{grade: gradeOK, name: "config", detail: file.path, origin: origin})
}

// values notes settings that were read.
func (e *examination) values(list []setting) {
	for _, s := range list {
		f := finding{grade: gradeOK, name: s.key, detail: s.value, origin: s.origin}
		switch {
		case s.key == "api_key" && s.value == "":
			e.fail(s.key, e.config.requireKey(), "")
			continue
		case s.key == "api_key":
			f = e.keyFile(f)
		case s.key == "state_dir", s.key == "ledger", s.key == "cacert" && s.value != "", s.key == "rpm" && s.value == "":
			continue // a check of its own
		case s.key == "cacert":
			f.detail = "the system's authorities"
		case s.key == "insecure" && e.config.insecure:
			f.grade, f.advice = gradeWarn, "leave it off, and trust the service's CA: --cacert FILE"
		case s.key == "proxy_insecure" && e.config.proxyInsecure:
			f.grade, f.advice = gradeWarn, "leave it off: who is in between could read the API key"
		case s.key == "delay" && !e.config.delayTyped:
			for _, domain := range slices.Sorted(maps.Keys(e.config.delays)) {
				f.detail += ", " + domain + " " + brief(e.config.delays[domain])
			}
		case s.key == "timeout" && s.origin == "default":
			f.detail += ", " + brief(e.config.sessionTimeout) + " for session calls"
		}
		e.note(f)
	}
}

// keyFile warns of a file with the API key that others can read.
func (e *examination) keyFile(f finding) finding {
	path := e.app.keyFile()
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
