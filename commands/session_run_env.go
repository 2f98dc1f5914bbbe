package commands

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// environ is COMMAND's environment: that of smp, the session, and the settings that flags
// changed, so that clients in COMMAND use the same endpoint and pace.
func (r *sessionRun) environ() ([]string, error) {
	state := ""
	if r.settings.ledger.URL == nil {
		var err error
		if state, err = r.app.stateDir(r.settings); err != nil {
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
		variable{"SMP_CONFIG", expandHome(r.app.env, r.app.env.lookup("SMP_CONFIG"))})
	for _, s := range r.list {
		name := "SMP_" + strings.ToUpper(s.key)
		inherited := s.key == "ledger" && s.origin != "--ledger" // with its password, which is in no list
		if s.origin != "default" && s.key != "api_key" && !inherited && !slices.ContainsFunc(vars, func(v variable) bool { return v.name == name }) {
			vars = append(vars, variable{name, s.value})
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
	switch r.setting("api_key").origin {
	case "SMP_API_KEY", "SMP_ENDPOINT":
		return []variable{{"SMP_API_KEY", r.key}, {"SMP_API_KEY_FILE", ""}}
	case "SMP_API_KEY_FILE", "--api-key-file":
		return []variable{{"SMP_API_KEY", ""}, {"SMP_API_KEY_FILE", r.app.keyFile()}}
	}
	return nil
}

// endpointVariable is the endpoint, or empty if the config file holds endpoint and key in
// one value: COMMAND reads both there, and a variable would hide the key.
func (r *sessionRun) endpointVariable() (variable, error) {
	file, err := readConfigFile(r.app.env)
	if err != nil {
		return variable{}, err
	}
	v := variable{"SMP_ENDPOINT", r.endpoint.String()}
	keyed := file.path != "" && r.setting("endpoint").origin == file.path && r.setting("api_key").origin == file.path
	if keyed && file.values["api_key"] == "" && file.values["api_key_file"] == "" {
		v.value = ""
	}
	return v, nil
}

// isPipe reports whether a file is a pipe, which can be read only once.
func isPipe(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}

// keyFile is the file that flags and environment say the API key is in, if they do.
func (a *app) keyFile() string {
	if a.shared.apiKeyFile != "" || a.env.lookup("SMP_API_KEY") != "" {
		return a.shared.apiKeyFile
	}
	return expandHome(a.env, a.env.lookup("SMP_API_KEY_FILE"))
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
