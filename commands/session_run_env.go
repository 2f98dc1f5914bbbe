package commands

import (
	"slices"
	"strings"

	"smp/client/ledger"
	"smp/commands/config"
	"smp/commands/process"
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
		process.Variable{Name: "SMP_SESSION", Value: r.id},
		process.Variable{Name: "SMP_STATE_DIR", Value: state},
		process.Variable{Name: "SMP_CONFIG", Value: ledger.ExpandHome(r.app.env.lookup, r.app.env.lookup("SMP_CONFIG"))})
	for _, s := range r.List {
		name := "SMP_" + strings.ToUpper(s.Key)
		inherited := s.Key == "ledger" && s.Origin != "--ledger" // with its password, which is in no list
		if s.Origin != "default" && s.Key != "api_key" && !inherited && !slices.ContainsFunc(vars, func(v process.Variable) bool { return v.Name == name }) {
			vars = append(vars, process.Variable{Name: name, Value: s.Value})
		}
	}
	if err := process.Absolute(vars, "SMP_STATE_DIR", "SMP_CONFIG", "SMP_CACERT", "SMP_API_KEY_FILE", "SMP_LEDGER_PASSWORD_FILE"); err != nil {
		return nil, err
	}
	return process.SetVariables(r.app.env.Environ(), vars), nil
}

// keyVariables hand the API key over as it came: in the environment, or in its
// file. A key in the config file is found there again.
func (r *sessionRun) keyVariables() []process.Variable {
	switch r.Setting("api_key").Origin {
	case "SMP_API_KEY", "SMP_ENDPOINT":
		return []process.Variable{{Name: "SMP_API_KEY", Value: r.Key}, {Name: "SMP_API_KEY_FILE", Value: ""}}
	case "SMP_API_KEY_FILE", "--api-key-file":
		return []process.Variable{{Name: "SMP_API_KEY", Value: ""}, {Name: "SMP_API_KEY_FILE", Value: r.app.source().KeyFile()}}
	}
	return nil
}

// endpointVariable is the endpoint, or empty if the config file holds endpoint and
// key in one value. COMMAND reads both there, and a variable would hide the key.
func (r *sessionRun) endpointVariable() (process.Variable, error) {
	file, err := config.ReadFile(r.app.env.lookup)
	if err != nil {
		return process.Variable{}, err
	}
	v := process.Variable{Name: "SMP_ENDPOINT", Value: r.Endpoint.String()}
	keyed := file.Path != "" && r.Setting("endpoint").Origin == file.Path && r.Setting("api_key").Origin == file.Path
	if keyed && file.Values["api_key"] == "" && file.Values["api_key_file"] == "" {
		v.Value = ""
	}
	return v, nil
}
