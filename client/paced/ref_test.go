package paced

import (
	"strings"
	"testing"
)

func TestParseRef(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Ref{
		"1836172":                       {RefID, "1836172"},
		"aB9._~-":                       {RefID, "aB9._~-"},
		"create":                        {Kind: RefCreate},
		"@shop":                         {RefName, "shop"},
		"@create":                       {RefName, "create"},
		"@" + strings.Repeat("n", 64):   {RefName, strings.Repeat("n", 64)},
		strings.Repeat("1", 128):        {RefID, strings.Repeat("1", 128)},
		"3fa85f64-5717-4562-b3fc-2c963": {RefID, "3fa85f64-5717-4562-b3fc-2c963"},
	} {
		got, err := ParseRef(in)
		if err != nil || got != want {
			t.Errorf("ParseRef(%q) = %+v, %v; want %+v", in, got, err, want)
		}
		if got.String() != in {
			t.Errorf("ParseRef(%q).String() = %q", in, got.String())
		}
	}
	for _, in := range []string{
		"", "@", "@a b", "@a/b", "@é", "@" + strings.Repeat("n", 65),
		".", "..", "a/b", "a b", "12\n34", strings.Repeat("1", 129), "é",
	} {
		if got, err := ParseRef(in); err == nil {
			t.Errorf("ParseRef(%q) = %+v, want an error", in, got)
		}
	}
}
