package answer

import (
	"strconv"
	"strings"

	"smp/commands/curl"
)

// Curl adds what curl is told for the same.
func (o *Flags) Curl(line *curl.CommandLine) {
	line.Add("-o", o.Output)
	line.AddIf(o.RemoteName, "-O")
	line.AddIf(o.RemoteHeaderName, "-J")
	line.AddIf(o.RemoteTime, "-R")
	line.Add("--output-dir", o.OutputDir)
	line.AddIf(o.CreateDirs, "--create-dirs")
	if o.MaxFilesize > 0 {
		line.Add("--max-filesize", strconv.FormatInt(o.MaxFilesize, 10))
	}
	line.Add("-D", o.DumpHeader)
	line.AddIf(o.Include, "-i")
	line.Add("-c", o.CookieJar)
	line.Add("-w", o.WriteOut)
	for _, ours := range []string{"session", "ip", "waited", "attempts"} {
		line.LoseIf(strings.Contains(o.WriteOut, "%{"+ours+"}"), "-w %{"+ours+"}")
	}
	line.AddIf(o.Fail, "-f")
	line.AddIf(o.FailWithBody, "--fail-with-body")
	line.LoseIf(o.Meta != "", "--meta")
}
