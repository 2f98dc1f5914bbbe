//go:build unix

package config

import (
	"fmt"
	"os"
	"path/filepath"
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
	source := testSource(t, variables)
	s, err := Read(source)
	if err != nil {
		return "", err
	}
	return s.MakeStateDir(source.Lookup, func(string, ...any) {})
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
	if err := os.Symlink(own, filepath.Join(tmp, fmt.Sprintf("smp-%d", os.Getuid()))); err != nil {
		t.Fatal(err)
	}
	_, err := stateDirIn(t, "TMPDIR="+tmp)
	if _, ok := err.(*cli.UsageError); !ok {
		t.Errorf("got %v, want a usage error", err)
	}
}
