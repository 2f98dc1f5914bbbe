package commands

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Set by the linker for releases: -X smp/commands.version=… and commit.
var (
	version string
	commit  string
)

// build is what this program was built from.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Go      string `json:"go"`
}

// thisBuild asks the linker's values, then what the Go tool has stamped.
func thisBuild() build {
	b := build{Version: version, Commit: commit, Go: runtime.Version()}
	if b.Version != "" && b.Commit != "" {
		return b
	}
	info, ok := debug.ReadBuildInfo()
	if ok && b.Version == "" && info.Main.Version != "(devel)" {
		b.Version = info.Main.Version
	}
	if ok && b.Commit == "" {
		b.Commit = stamped(info, "vcs.revision")
		if stamped(info, "vcs.modified") == "true" {
			b.Commit += "+changes"
		}
	}
	b.Version, b.Commit = orElse(b.Version, "devel"), orElse(b.Commit, "unknown")
	return b
}

func stamped(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (a *app) printVersion() error {
	b := thisBuild()
	if a.out.json {
		return a.out.printJSON(b)
	}
	return a.out.line(fmt.Sprintf("smp %s (commit %s, %s)", b.Version, b.Commit, b.Go))
}
