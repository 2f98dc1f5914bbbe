package ledger

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What one program writes down, another that asks for the user's ledger finds: in the
// directory that is named, else in the user's own.
func TestOpenUser(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	for _, env := range []map[string]string{
		{"HOME": home, "USERPROFILE": home},
		{"SMP_STATE_DIR": filepath.Join(home, "named")},
		{"SMP_STATE_DIR": "~/below", "HOME": home, "USERPROFILE": home},
	} {
		lookup := func(name string) string { return env[name] }
		l, err := OpenUser(lookup, "service", "key", Options{})
		if err != nil {
			t.Fatal(err)
		}
		ticket, err := l.Reserve("42", Pace{Delay: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if err := ticket.Start(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		ticket.FirstByte()
		if err := ticket.Done(Feedback{}); err != nil {
			t.Fatal(err)
		}
		l.Close()

		dir := strings.Replace(env["SMP_STATE_DIR"], "~", home, 1)
		if dir == "" {
			dir = filepath.Join(home, ".local", "state", "smp")
		}
		again, err := Open(Scope(dir, "service", "key"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		if _, err := again.Reserve("42", Pace{Delay: time.Hour}); err == nil {
			t.Errorf("%v: another program has found nothing of what was written down", env)
		}
	}
}

// A relative directory would be another ledger in every folder, as for the command line.
func TestOpenUserRefusesARelativeDirectory(t *testing.T) {
	t.Parallel()
	lookup := func(string) string { return "state" }
	if _, err := OpenUser(lookup, "service", "key", Options{}); !errors.Is(err, errRelative) {
		t.Errorf("%v", err)
	}
}
