package commands

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
		o := outputFlags{remoteName: true}
		err := o.nameAfter(tt.url)
		if o.file != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: got %q, %v, want %q", tt.url, o.file, err, tt.want)
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
		flags outputFlags
		json  bool
		says  string // empty: fine
	}{
		{"nothing", outputFlags{}, false, ""},
		{"all of them", outputFlags{file: in("o"), heads: in("d"), jar: in("c"), meta: in("m")}, false, ""},
		{"stdout for all", outputFlags{file: "-", heads: "-", jar: "-", meta: "-"}, false, ""},
		{"a device for all", outputFlags{file: os.DevNull, heads: os.DevNull, meta: os.DevNull}, false, ""},
		{"no such folder", outputFlags{file: in("no/o")}, false, "-o"},
		{"a folder", outputFlags{meta: dir}, false, "--meta"},
		{"one file twice", outputFlags{file: in("x"), heads: filepath.Join(dir, ".", "y", "..", "x")}, false, "-o and -D name the same file"},
		{"-o and -O", outputFlags{file: in("x"), remoteName: true}, false, "-o and -O"},
		{"--json with a file", outputFlags{file: in("x"), include: true}, true, ""},
		{"--json and -D -", outputFlags{heads: "-"}, true, "-D needs a file"},
		{"--json and -o -", outputFlags{file: "-"}, true, "-o needs a file"},
		{"--json and -w", outputFlags{writeOut: "x"}, true, "-w"},
		{"--json and -i", outputFlags{include: true}, true, "-i"},
	} {
		err := tt.flags.check("http://host/file", tt.json)
		if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.says)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("looking left %v behind, %v", entries, err)
	}
}
