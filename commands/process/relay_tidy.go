package process

import (
	"os"
	"path/filepath"
	"strings"

	"smp/client/durable"
	"smp/client/ledger"
)

// TidyRelayHomes removes from dir the directories of relays of this user that were
// killed. What cannot be removed stays for the next relay.
func TidyRelayHomes(dir string) {
	for _, home := range DeadRelayHomes(dir) {
		_ = os.RemoveAll(home)
	}
}

// DeadRelayHomes lists the directories in dir of relays of this user that were killed.
func DeadRelayHomes(dir string) (dead []string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if home := filepath.Join(dir, e.Name()); strings.HasPrefix(e.Name(), relayHomePrefix) && isDeadRelayHome(home) {
			dead = append(dead, home)
		}
	}
	return dead
}

// isDeadRelayHome reports whether dir is of a relay that holds its lock no more.
func isDeadRelayHome(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || !ledger.OwnedByUser(info) {
		return false
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return false
	}
	defer root.Close()
	if alive, err := root.Lstat(relayAlive); err != nil || !alive.Mode().IsRegular() {
		return false // of a relay that is just starting, or of something else
	}
	lock, err := durable.Lock(root, relayAlive)
	if err != nil {
		return false
	}
	_ = lock.Close() // or Windows would keep the file
	return true
}
