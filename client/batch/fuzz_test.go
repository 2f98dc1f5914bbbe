package batch

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"smp/client"
)

// Whatever a killed run left of its log, every session in whole lines is
// known, nothing else is, and what is added is read back.
func FuzzRoster(f *testing.F) {
	for _, s := range []string{"", "+1\n+2\n-1\n", "+1\n+2", "+\n-\n*3\n", "+1\r\n", "+../x\n+a b\n", "\x00\xff\n+7\n", "+1\n+1\n-1\n", "+1\n=a\n+1\n", "=a\n+1\n=\n-1\n", "=a b\n+1\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, sessionsName), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		r, err := openSessionLog(root)
		if err != nil {
			return // a line too long
		}
		found, _ := r.leftover()
		for _, id := range found {
			if !client.ValidSessionID(id) {
				t.Errorf("%q: session %q", content, id)
			}
		}
		if err := r.made("fresh-one"); err != nil {
			t.Fatal(err)
		}
		left, others := r.leftover()
		if err := r.log.Close(); err != nil {
			t.Fatal(err)
		}
		again, err := openSessionLog(root)
		if err != nil {
			t.Fatal(err)
		}
		defer again.log.Close()
		if got, more := again.leftover(); !slices.Equal(got, left) || more != others {
			t.Errorf("%q: %q and %d others are read back as %q and %d", content, left, others, got, more)
		}
	})
}
