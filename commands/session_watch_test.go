package commands

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smp/client/ledger"
)

// --watch lists again until a signal comes: in place on a terminal, as further lines in
// a pipe.
func TestWatch(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		terminal bool
		want     string
	}{
		"pipe":     {false, "list\n\nlist\n\nlist\n"},
		"terminal": {true, "\x1b[2J\x1b[Hlist\n\x1b[H\x1b[Jlist\n\x1b[H\x1b[Jlist\n"},
	} {
		synctest.Test(t, func(t *testing.T) {
			env := testEnv(t, "NO_COLOR=1")
			env.Stdout.Terminal = tt.terminal
			o := &sessionListOptions{app: newApp(env.Env, nil)}
			if err := o.setWatch("2s"); err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancelCause(t.Context())
			ended := errors.New("ended")
			time.AfterFunc(5*time.Second, func() { stop(ended) })
			err := o.again(ctx, func() error { return o.app.out.Text(ctx, "list\n") })
			if err != ended || env.out.String() != tt.want {
				t.Errorf("%s: %v, %q", name, err, env.out)
			}
		})
	}
}

// A list that takes long is made less often.
func TestWatchTakesLittleTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &sessionListOptions{app: newApp(testEnv(t).Env, nil), watch: time.Second}
		ctx, stop := context.WithCancelCause(t.Context())
		time.AfterFunc(101*time.Second, func() { stop(errors.New("ended")) })
		lists := 0
		_ = o.again(ctx, func() error { lists++; <-time.After(time.Second); return nil })
		if lists != 2 {
			t.Errorf("%d lists of a second each in 101 s", lists)
		}
	})
}

func TestWatchTakesADurationOrNone(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{"true": 2 * time.Second, "5s": 5 * time.Second, "1": time.Second, "false": 0} {
		o := &sessionListOptions{}
		if err := o.setWatch(value); err != nil || o.watch != want {
			t.Errorf("%s: %v, %v", value, o.watch, err)
		}
	}
	for _, value := range []string{"0", "-1", "soon", ""} {
		if err := (&sessionListOptions{}).setWatch(value); err == nil {
			t.Errorf("%q is taken", value)
		}
	}
}

// People see sessions with names first, how many there are, and the heads again after
// each screenful. The IP is whole where a long name is cut.
func TestListForPeople(t *testing.T) {
	t.Parallel()
	env := testEnv(t, "NO_COLOR=1")
	env.Stdout.Terminal = true
	columns := 80
	env.Stdout.Width, env.Stdout.Height = func() int { return columns }, func() int { return 12 }
	o := &sessionListOptions{app: newApp(env.Env, nil)}
	sessions := make([]ledger.Session, 25)
	for i := range sessions {
		sessions[i] = ledger.Session{ID: strings.Repeat("1", 7) + string(rune('a'+i)), IP: "198.18.100.101"}
	}
	sessions[24].Name = "a-name-that-is-rather-long"
	if err := o.print(t.Context(), sessions, nil); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(env.out.String(), "\n")
	if !strings.Contains(lines[1], "a-name") || strings.Count(env.out.String(), "LAST USED") != 3 || !strings.Contains(env.out.String(), "\n25 sessions. ") {
		t.Errorf("got\n%s", env.out)
	}
	columns = 40
	env.out.Reset()
	if err := o.print(t.Context(), sessions, nil); err != nil || strings.Count(env.out.String(), "198.18.100.101") != 25 {
		t.Errorf("40 columns: %v\n%s", err, env.out)
	}
}
