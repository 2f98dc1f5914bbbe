//go:build unix

package commands

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smp/commands/cli"
)

func TestStateDir(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	tmp := filepath.Join(home, "tmp")
	fallback := filepath.Join(tmp, fmt.Sprintf("smp-%d", os.Getuid()))
	blocked := filepath.Join(home, "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		env  []string
		want string
	}{
		"named":         {[]string{"SMP_STATE_DIR=" + home + "/named", "HOME=" + home}, home + "/named"},
		"XDG":           {[]string{"XDG_STATE_HOME=" + home + "/xdg", "HOME=" + home}, home + "/xdg/smp"},
		"home":          {[]string{"HOME=" + home}, home + "/.local/state/smp"},
		"relative XDG":  {[]string{"XDG_STATE_HOME=xdg", "HOME=" + home}, home + "/.local/state/smp"},
		"no home":       {[]string{"TMPDIR=" + tmp}, fallback},
		"unusable home": {[]string{"HOME=" + blocked, "TMPDIR=" + tmp}, fallback},
	} {
		got, err := stateDirIn(t, tt.env...)
		if err != nil || got != tt.want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, tt.want)
			continue
		}
		if info, err := os.Stat(got); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
	}
}

// stateDirIn finds the state directory of an environment.
func stateDirIn(t *testing.T, variables ...string) (string, error) {
	t.Helper()
	a := newApp(testEnv(t, variables...).Env, nil)
	s, err := a.settings(t.Context())
	if err != nil {
		return "", err
	}
	return a.stateDir(s)
}

func TestStateDirRefused(t *testing.T) {
	t.Parallel()
	open := filepath.Join(t.TempDir(), "open")
	if err := os.Mkdir(open, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, env := range [][]string{
		{"SMP_STATE_DIR=" + open},
		{"SMP_STATE_DIR=" + file},
		{"SMP_STATE_DIR=" + file + "/below"},
		{"TMPDIR=" + file},
	} {
		_, err := stateDirIn(t, env...)
		if _, ok := err.(*cli.UsageError); !ok {
			t.Errorf("%v: got %v, want a usage error", env, err)
		}
	}
}

func TestATemporaryStateDirIsNoLink(t *testing.T) {
	t.Parallel()
	tmp, own := t.TempDir(), t.TempDir()
	if err := os.Symlink(own, temporaryStateDir(testEnv(t, "TMPDIR="+tmp).Env)); err != nil {
		t.Fatal(err)
	}
	_, err := stateDirIn(t, "TMPDIR="+tmp)
	if _, ok := err.(*cli.UsageError); !ok {
		t.Errorf("got %v, want a usage error", err)
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
		if want := dir + " belongs to another user"; !strings.Contains(env.err.String(), want) {
			t.Errorf("%q is not told: %s", want, env.err)
		}
		if _, err := os.Stat(filepath.Join(home, ".local")); (err == nil) != (foreign != "") {
			t.Errorf("%q: something was made in another user's home (%v)", foreign, err)
		}
	}
}
