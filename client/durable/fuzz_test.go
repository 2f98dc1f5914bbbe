package durable

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// Whatever a killed process left, the whole lines stay, the torn one goes, and the
// next line stands by itself.
func FuzzOpenLogIn(f *testing.F) {
	for _, s := range []string{"", "\n", "a", "a\n", "a\nb", "\n\n\nc", "\x00\r\n\xff", string(bytes.Repeat([]byte("x"), 70_000)) + "\ny"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		whole := content[:bytes.LastIndexByte(content, '\n')+1]
		l, err := openLogFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Append([]byte("next")); err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if want := append(bytes.Clone(whole), "next\n"...); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%q became %q, %v", content, got, err)
		}
	})
}
