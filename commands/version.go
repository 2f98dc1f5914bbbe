package commands

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"
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
	b.Version, b.Commit = cmp.Or(b.Version, "devel"), cmp.Or(b.Commit, "unknown")
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

// builtAt is the time of the commit that this program was built from, zero where
// that is unknown.
func builtAt() time.Time {
	info, found := debug.ReadBuildInfo()
	if !found {
		return time.Time{}
	}
	at, _ := time.Parse(time.RFC3339, stamped(info, "vcs.time"))
	return at
}

func (a *app) printVersion(ctx context.Context) error {
	b := thisBuild()
	if a.out.JSON {
		return a.out.PrintJSON(ctx, b)
	}
	return a.out.Text(ctx, fmt.Sprintf("smp %s (commit %s, %s)\n", b.Version, b.Commit, b.Go))
}
