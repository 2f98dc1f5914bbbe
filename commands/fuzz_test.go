package commands

import (
	"strings"
	"testing"
	"time"

	"smp/client/paced"
	"smp/commands/config"
)

// Whatever stands where a URL belongs, what is made of it is a target, it is the
// same when it is read again, and what is refused is refused in one line without
// -w prints text as it is, and values in the place of their names.
func FuzzWriteOut(f *testing.F) {
	for _, s := range []string{`%{http_code}\n`, "%%{ip}", "%{", "%{}", `\x`, "%{attempts}%{session}%{waited}é\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, format string) {
		w, err := parseWriteOut(format)
		if err != nil {
			return
		}
		out := w.format(&fetchReport{Report: paced.Report{Attempts: 7}}, asIs)
		if !strings.ContainsAny(format, `%\`) && out != format || strings.Contains(out, "%{attempts}") {
			t.Errorf("%q prints %q", format, out)
		}
	})
}

// Whatever a config file holds, it is read, or refused without quoting a value.
func FuzzConfigFile(f *testing.F) {
	for _, s := range []string{
		`endpoint = "http://h:1"`, "api_key = \"k\"\n[delays]\n\"a.b\" = \"3s\"", "delay = 5.5", "timeout = \"\"", "[delays]\nx = -1", "a.b = 1", "delays = 3",
		"api_key = 'SECRET", "SECRET = 1", "insecure = [true]", "delay = nan", "state_dir = 1979-05-27", "\"\" = 1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) {
		file := config.File{Path: "config.toml", Mode: 0o600, Values: map[string]string{}, Delays: map[string]time.Duration{}}
		if err := file.Decode(content); err != nil {
			if strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%q: %v", content, err)
			}
			return
		}
		for _, d := range file.Delays {
			if d < 0 {
				t.Errorf("%q: a delay of %s", content, d)
			}
		}
	})
}

// Whatever a server sets, the jar sends it to its own hosts alone, and the file it
