package answer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRemoteName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ url, want string }{
		{"http://host/a/file.txt", "file.txt"},
		{"host/file", "file"},
		{"http://host/file?q=/x#f", "file"},
		{"http://host/a%20b", "a%20b"},
		{"http://host/.hidden", ".hidden"},
		{"http://host", ""},
		{"http://host/", ""},
		{"http://host/dir/", ""},
		{"host", ""},
		{"http://host/..", ""},
		{"http://host/.", ""},
		{"http://host?x=/y", ""},
	} {
		o := Flags{RemoteName: true}
		err := o.nameAfter(tt.url)
		if o.Output != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: got %q, %v, want %q", tt.url, o.Output, err, tt.want)
		}
	}
}

func TestOutputCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(in("there"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		flags Flags
		json  bool
		says  string // empty: fine
	}{
		{"nothing", Flags{}, false, ""},
		{"all of them", Flags{Output: in("o"), DumpHeader: in("d"), CookieJar: in("c"), Meta: in("m")}, false, ""},
		{"stdout for all", Flags{Output: "-", DumpHeader: "-", CookieJar: "-", Meta: "-"}, false, ""},
		{"a device for all", Flags{Output: os.DevNull, DumpHeader: os.DevNull, Meta: os.DevNull}, false, ""},
		{"no such folder", Flags{Output: in("no/o")}, false, "-o"},
		{"a folder", Flags{Meta: dir}, false, "--meta"},
		{"one file twice", Flags{Output: in("x"), DumpHeader: filepath.Join(dir, ".", "y", "..", "x")}, false, "-o and -D name the same file"},
		{"-o and -O", Flags{Output: in("x"), RemoteName: true}, false, "-o and -O"},
		{"--json with a file", Flags{Output: in("x"), Include: true}, true, ""},
		{"--json and -D -", Flags{DumpHeader: "-"}, true, "-D needs a file"},
		{"--json and -o -", Flags{Output: "-"}, true, "-o needs a file"},
		{"--json and -w", Flags{WriteOut: "x"}, true, "-w"},
		{"--json and -i", Flags{Include: true}, true, "-i"},
	} {
		err := tt.flags.Check("http://host/file", tt.json)
		if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.says)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("looking left %v behind, %v", entries, err)
	}
}
