package process

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMockHome(t *testing.T) {
	t.Parallel()
	home, err := NewMockHome([]byte("certificate"))
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(string(home))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v, %v, want 0700", info.Mode(), err)
	}
	bin, err := home.BinDir()
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if !sameFile(t, self, filepath.Join(bin, ProgramName())) {
		t.Error("smp on PATH is another program")
	}
	if err := home.Remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(string(home)); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
	if _, err := os.Stat(self); err != nil {
		t.Errorf("the program went with its link: %v", err)
	}
}

func TestCopyProgram(t *testing.T) {
	t.Parallel()
	to := filepath.Join(t.TempDir(), "smp")
	if err := copyProgram("mock_home_test.go", to); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("mock_home_test.go")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if info, err := os.Stat(to); err != nil || info.Mode().Perm()&0o100 == 0 {
		t.Errorf("not executable: %v, %v", info.Mode(), err)
	}
}

func sameFile(t *testing.T, a, b string) bool {
	t.Helper()
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	return os.SameFile(infoA, infoB)
}
