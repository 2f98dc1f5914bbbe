package ledger

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
)

// descriptors is how many files are open. Tests that count them are not parallel, and no
// finalizer closes what they leave.
func descriptors(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	return len(open)
}

// Looking at other processes' files, and losing one's own, leaves no descriptor.
func TestPresenceLeavesNoDescriptor(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	dir := t.TempDir()
	other, d := liveDisk(t, dir), liveDisk(t, dir)
	o, err := other.owner()
	must(t, err)
	_, err = d.owner()
	must(t, err)
	free := owner(900 << genBits)
	must(t, os.WriteFile(filepath.Join(dir, "live", "900"), make([]byte, pageSize), 0o600))
	const times = 40
	for name, f := range map[string]func(){
		"a live process":   func() { d.alive(o) },
		"a dead process":   func() { d.alive(free) },
		"all that live":    func() { _, _ = d.inUse() },
		"a file in use":    func() { _, err := (&presence{dir: d.presence.dir}).tryFile(o.number()); must(t, err) },
		"a file that went": func() { must(t, os.Remove(d.file.Name())); _, err := d.owner(); must(t, err) },
	} {
		before := descriptors(t)
		for range times {
			f()
		}
		if more := descriptors(t) - before; more > times/2 {
			t.Errorf("%s: %d descriptors more after %d looks", name, more, times)
		}
	}
}
