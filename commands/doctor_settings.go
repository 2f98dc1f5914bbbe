package commands

import (
	"cmp"
	"context"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"

	"smp/client"
	"smp/client/spell"
	"smp/commands/config"
	"smp/commands/term"
)

// settings reads the configuration step by step: a setting that fails must not hide
// the others.
func (e *examination) settings(ctx context.Context) {
	file, err := term.Await(ctx, func() (config.File, error) { return config.ReadFile(e.app.env.lookup) })
	if err != nil {
		e.unusable("config", err, mend("config", cmp.Or(e.app.env.lookup("SMP_CONFIG"), config.DefaultPath(e.app.env.lookup))))
		return
	}
	e.configFile(file)
	r := config.NewReader(e.app.source(), file)
	e.config, e.app.config = r.Settings, r.Settings
	for _, step := range r.Steps() {
		before := len(r.Settings.List)
		_, err := term.Await(ctx, func() (struct{}, error) { return struct{}{}, step.Read() })
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			e.values(r.Settings.List[before:])
			continue
		}
		name := step.Name
		if last := len(r.Settings.List) - 1; last >= before {
			e.values(r.Settings.List[before:last])
			name = r.Settings.List[last].Key
		}
		e.unusable(name, err, mend(name, r.Settings.Setting(name).Origin))
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
		case s.Key == "delay":
			f = e.pace(f)
		case s.Key == "timeout" && s.Origin == "default":
			f.detail += ", " + spell.Duration(e.config.SessionTimeout) + " for session calls"
		}
		e.note(f)
	}
}

// unusable notes a setting that is of no use. What to do is the hint of err, else
// otherwise.
func (e *examination) unusable(name string, err error, otherwise string) {
	if len(classify(err).hints) > 0 {
		otherwise = ""
	}
	e.fail(name, err, otherwise)
}

// mend says what to do about a setting of that origin that is of no use.
func mend(key, origin string) string {
	switch {
	case key == "api_key":
		return "give the key alone: export SMP_API_KEY=KEY, or SMP_API_KEY_FILE=FILE with one line"
	case key == "cacert":
		return "get the service's CA, https://docs.zyte.com/misc/ca.html, and give it: --cacert FILE"
	case strings.HasPrefix(origin, "--"):
		return "give another value, or leave out " + origin
	case strings.HasPrefix(origin, "SMP_"), strings.HasPrefix(origin, "ZYTE_"):
		return "export another value, or: unset " + origin
	}
	return "edit " + origin
}

// pace adds the delays of domains to the one of all, and warns of one that the service
// holds requests for. A mock keeps the delay that it was told.
func (e *examination) pace(f finding) finding {
	shortest := e.config.DelayFor("")
	if !e.config.DelayTyped {
		for _, domain := range slices.Sorted(maps.Keys(e.config.Delays)) {
			f.detail += ", " + domain + " " + spell.Duration(e.config.Delays[domain])
			shortest = min(shortest, e.config.Delays[domain])
		}
	}
	if wanted := e.config.ServiceDelay(); shortest < wanted && e.isRemote() {
		f.grade, f.advice = gradeWarn, "take at least "+spell.Duration(wanted)+": the service holds what comes sooner, and slows the outgoing IP down"
	}
	return f
}

// isRemote reports whether the endpoint is no mock, nor anything else on this machine.
func (e *examination) isRemote() bool {
	return e.config != nil && e.config.Endpoint != nil && !client.OnLoopback(e.config.Endpoint.Host)
}

// keyFile warns of a file with the API key that others can read.
func (e *examination) keyFile(f finding) finding {
	path := e.app.source().KeyFile()
	if path == "" || path == "-" || runtime.GOOS == "windows" || (f.origin != "--api-key-file" && f.origin != "SMP_API_KEY_FILE") {
		return f
	}
	f.detail += ", in " + path
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		f.grade, f.advice = gradeWarn, "others can read it: chmod 600 "+term.Word(path)
	}
	return f
}
