package commands

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"smp/client"
	"smp/client/ledger"
	"smp/client/paced"
	"smp/commands/cli"
	"smp/commands/config"
)

func TestSessionRefs(t *testing.T) {
	t.Parallel()
	refs, err := sessionRefs(&config.Settings{Service: client.SPM}, []string{"42", "@shop"})
	want := []paced.Ref{{Kind: paced.RefID, Value: "42"}, {Kind: paced.RefName, Value: "shop"}}
	if err != nil || !slices.Equal(refs, want) {
		t.Errorf("got %v, %v", refs, err)
	}
	for _, bad := range []string{"", "create", "a/b", "..", "@", "@a b", "a\tb", strings.Repeat("x", 129)} {
		_, err := sessionRefs(&config.Settings{Service: client.SPM}, []string{"42", bad})
		if _, ok := err.(*cli.UsageError); !ok {
			t.Errorf("%q: got %v, want a usage error", bad, err)
		}
	}
}

func TestJoin(t *testing.T) {
	t.Parallel()
	remembered := []ledger.Session{
		{ID: "1", IP: "10.0.0.1", Requests: 3, Mine: true},
		{ID: "2", Name: "shop"},
		{ID: "3", Mine: true},
	}
	listed := []client.Session{{ID: "1"}, {ID: "2", IP: "10.0.0.2"}, {ID: "4", IP: "10.0.0.4"}}
	want := []ledger.Session{
		{ID: "1", IP: "10.0.0.1", Requests: 3, Mine: true},
		{ID: "2", IP: "10.0.0.2", Name: "shop"},
		{ID: "4", IP: "10.0.0.4"},
	}
	if diff := cmp.Diff(want, join(listed, remembered)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"2": "10.0.0.2"}, newIPs(listed, remembered)); diff != "" {
		t.Error(diff)
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{-time.Hour: "now", 0: "now", 9 * time.Second: "in 9 s"} {
		if got := readiness(now.Add(d), now); got != want {
			t.Errorf("ready %v: got %q, want %q", d, got, want)
		}
	}
	if readiness(time.Time{}, now) != "" || stamp(time.Time{}) != "" {
		t.Error("an unknown time is something")
	}
}

func TestTerminalGetsAnEstimate(t *testing.T) {
	t.Parallel()
	env := testEnv(t, "NO_COLOR=1")
	env.Stdout.Terminal = true
	o := &sessionListOptions{app: newApp(env.Env, nil)}
	if err := o.print(t.Context(), []ledger.Session{{ID: "7", Mine: true, ExpiresAt: time.Now().Add(30*time.Minute + 100*time.Millisecond)}}, nil); err != nil {
		t.Fatal(err)
	}
	want := "ID  IP  NAME  REQUESTS  LAST USED  READY  EXPIRES\n" +
		"7   -   -     0         -          -      in 30 min\n" +
		"1 session. All but ID and IP is an estimate from this machine's ledger.\n"
	if env.out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", env.out, want)
	}
}

func TestLinger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("stopped")
		ctx, stop := context.WithCancelCause(t.Context())
		late, cancel := linger(ctx, time.Second)
		defer cancel()
		stop(cause)
		time.Sleep(999 * time.Millisecond)
		synctest.Wait()
		if late.Err() != nil {
			t.Error("ended too early")
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if context.Cause(late) != cause {
			t.Errorf("a second later its cause is %v", context.Cause(late))
		}
	})
}

func TestSessionDeleteChecks(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		o    sessionDeleteOptions
		args []string
		ok   bool
	}{
		"ids":              {sessionDeleteOptions{}, []string{"1"}, true},
		"mine":             {sessionDeleteOptions{mine: true}, nil, true},
		"mine by force":    {sessionDeleteOptions{mine: true, force: true}, nil, true},
		"all":              {sessionDeleteOptions{all: true, yes: true}, nil, true},
		"nothing":          {sessionDeleteOptions{}, nil, false},
		"all without yes":  {sessionDeleteOptions{all: true}, nil, false},
		"yes without all":  {sessionDeleteOptions{yes: true}, []string{"1"}, false},
		"both":             {sessionDeleteOptions{all: true, yes: true, mine: true}, nil, false},
		"all and ids":      {sessionDeleteOptions{all: true, yes: true}, []string{"1"}, false},
		"force with ids":   {sessionDeleteOptions{force: true}, []string{"1"}, false},
		"mine and a stdin": {sessionDeleteOptions{mine: true}, []string{"-"}, false},
	} {
		if err := tt.o.check(tt.args); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Only root can give a directory to another user.
func TestAForeignStateDirIsTold(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		return
	}
	for _, foreign := range []string{".local/state/smp", ""} {
		home := t.TempDir()
		dir := filepath.Join(home, foreign)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(dir, 12345, 12345); err != nil {
			t.Fatal(err)
		}
		env := testEnv(t, "HOME="+home, "TMPDIR="+t.TempDir(), "SMP_API_KEY=key")
		env.run(t, "session", "list", "--local", "--endpoint", "http://h:1")
		if want := dir + ": it belongs to another user"; !strings.Contains(env.err.String(), want) {
			t.Errorf("%q is not told: %s", want, env.err)
		}
		if _, err := os.Stat(filepath.Join(home, ".local")); (err == nil) != (foreign != "") {
			t.Errorf("%q: something was made in another user's home (%v)", foreign, err)
		}
	}
}
