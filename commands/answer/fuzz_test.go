package answer

import (
	"strings"
	"testing"

	"smp/client/paced"
)

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
		out := w.Format(&Report{Report: paced.Report{Attempts: 7}}, asIs)
		if !strings.ContainsAny(format, `%\`) && out != format || strings.Contains(out, "%{attempts}") {
			t.Errorf("%q prints %q", format, out)
		}
	})
}
