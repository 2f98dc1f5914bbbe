package commands

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"smp/commands/config"
)

// environ is COMMAND's environment: that of smp, the session, and the settings that flags
// changed, so that clients in COMMAND use the same endpoint and pace.
func (r *sessionRun) environ() ([]string, error) {
	state := ""
	if r.Settings.Ledger.URL == nil {
		var err error
		if state, err = r.app.stateDir(r.Settings); err != nil {
			return nil, err
		}
	}
	endpoint, err := r.endpointVariable()
	if err != nil {
		return nil, err
	}
	vars := append(r.keyVariables(), endpoint,
		variable{"SMP_SESSION", r.id},
		variable{"SMP_STATE_DIR", state},
		variable{"SMP_CONFIG", config.ExpandHome(r.app.env.lookup, r.app.env.lookup("SMP_CONFIG"))})
	for _, s := range r.List {
		name := "SMP_" + strings.ToUpper(s.Key)
		inherited := s.Key == "ledger" && s.Origin != "--ledger" // with its password, which is in no list
		if s.Origin != "default" && s.Key != "api_key" && !inherited && !slices.ContainsFunc(vars, func(v variable) bool { return v.name == name }) {
			vars = append(vars, variable{name, s.Value})
		}
	}
	if err := absolute(vars, "SMP_STATE_DIR", "SMP_CONFIG", "SMP_CACERT", "SMP_API_KEY_FILE", "SMP_LEDGER_PASSWORD_FILE"); err != nil {
		return nil, err
	}
	return setVariables(r.app.env.Environ(), vars), nil
}

// keyVariables hand the API key over as it came: in the environment, or in its
// file. A key in the config file is found there again.
func (r *sessionRun) keyVariables() []variable {
	switch r.Setting("api_key").Origin {
	case "SMP_API_KEY", "SMP_ENDPOINT":
		return []variable{{"SMP_API_KEY", r.Key}, {"SMP_API_KEY_FILE", ""}}
	case "SMP_API_KEY_FILE", "--api-key-file":
		return []variable{{"SMP_API_KEY", ""}, {"SMP_API_KEY_FILE", r.app.source().KeyFile()}}
	}
	return nil
}

// endpointVariable is the endpoint, or empty if the config file holds endpoint and key in
// one value: COMMAND reads both there, and a variable would hide the key.
func (r *sessionRun) endpointVariable() (variable, error) {
	file, err := config.ReadFile(r.app.env.lookup)
	if err != nil {
		return variable{}, err
	}
	v := variable{"SMP_ENDPOINT", r.Endpoint.String()}
	keyed := file.Path != "" && r.Setting("endpoint").Origin == file.Path && r.Setting("api_key").Origin == file.Path
	if keyed && file.Values["api_key"] == "" && file.Values["api_key_file"] == "" {
		v.value = ""
	}
	return v, nil
}

// isPipe reports whether a file is a pipe, which can be read only once.
func isPipe(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}

// absolute makes the files that vars name independent of the directory that
// COMMAND runs in.
func absolute(vars []variable, names ...string) error {
	for i, v := range vars {
		if v.value == "" || !slices.Contains(names, v.name) {
			continue
		}
		path, err := filepath.Abs(v.value)
		if err != nil {
			return err
		}
		vars[i].value = path
	}
	return nil
}

// setVariables is environ with vars; an empty one is left out.
func setVariables(environ []string, vars []variable) []string {
	kept := slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.ContainsFunc(vars, func(v variable) bool { return v.name == name })
	})
	for _, v := range vars {
		if v.value != "" {
			kept = append(kept, v.String())
		}
	}
	return kept
}
