package commands

// environmentVariable is one that smp reads, or sets for others.
type environmentVariable struct{ name, meaning string }

// environmentVariables lists what the manual page tells of the environment. Those
// that stand for a flag are told of with it, too.
func environmentVariables() []environmentVariable {
	vars := []environmentVariable{
		{"SMP_API_KEY", "the API key"},
		{"SMP_CONFIG", "the config file, instead of $XDG_CONFIG_HOME/smp/config.toml"},
		{"SMP_STATE_DIR", "where the ledger is kept, instead of $XDG_STATE_HOME/smp"},
		{"SMP_SESSION", "the session of a fetch that names none; set by session run"},
		{"SMP_TIME_SCALE", "divides the built-in durations, as the mock divides the service's; set by mock"},
		{"SMP_MOCK_PID", "the process of a mock in the background; set by mock, read by nobody"},
	}
	for _, f := range connectionFlagList(&sharedOptions{}) {
		vars = append(vars, environmentVariable{f.Env, f.Usage})
	}
	return append(vars, environmentVariable{paceFlag(&sharedOptions{}).Env, paceFlag(&sharedOptions{}).Usage})
}

// foreignVariables are read too, with the meaning they have elsewhere.
func foreignVariables() []environmentVariable {
	return []environmentVariable{
		{"NO_COLOR", "if set, no colours"},
		{"CLICOLOR_FORCE", "if set and not 0, colours to pipes too"},
		{"TERM", "if dumb, no colours and no line that changes"},
		{"XDG_CONFIG_HOME, XDG_STATE_HOME, HOME, TMPDIR", "where files are; see FILES"},
	}
}
