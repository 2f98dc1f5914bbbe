package authority

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestOpenKeepsTheCA(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ca.pem")
	var spki [8]string
	var all sync.WaitGroup
	for i := range spki {
		all.Go(func() {
			a, err := Open(path, "smp relay")
			if err != nil {
				t.Error(err)
				return
			}
			spki[i] = a.SPKI()
		})
	}
	all.Wait()
	for _, s := range spki {
		if s != spki[0] {
			t.Fatalf("eight at once have several CAs: %q", spki)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("%d files are left", len(entries))
	}
	a, err := Open(path, "another name")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.certificate("shop.com", false); err != nil {
		t.Error(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ca.pem")
	if _, err := Open(path, "smp relay"); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parse(good, time.Now().Add(lifetime+time.Hour)); err == nil || !strings.Contains(err.Error(), "expired") {
		t.Errorf("a year later: %v", err)
	}
	other, err := New("other")
	if err != nil {
		t.Fatal(err)
	}
	_, key, _ := strings.Cut(string(good), "-----END CERTIFICATE-----")
	for name, text := range map[string]string{
		"nothing":             "",
		"no key":              string(other.CertPEM()),
		"another's key":       string(other.CertPEM()) + key,
		"a broken key":        strings.Replace(string(good), "MI", "XX", 2),
		"half of the file":    string(good[:len(good)/2]),
		"something different": "hello",
	} {
		if _, err := parse([]byte(text), time.Now()); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, "smp relay"); err == nil || !strings.HasSuffix(err.Error(), ": chmod 600 '"+path+"'") {
		t.Errorf("a file that others can read: %v", err)
	}
	if _, err := Open(filepath.Dir(path), "smp relay"); err == nil {
		t.Error("a folder was accepted")
	}
}
