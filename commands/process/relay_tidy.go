package process

import (
	"os"
	"path/filepath"
	"strings"

	"smp/client/durable"
	"smp/commands/config"
)

// TidyRelayHomes removes from dir the directories of relays of this user that were
// killed. What cannot be removed stays for the next relay.
func TidyRelayHomes(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), relayHomePrefix) {
			tidyRelayHome(filepath.Join(dir, e.Name()))
		}
	}
}

// tidyRelayHome removes a directory whose relay holds its lock no more.
func tidyRelayHome(dir string) {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || !config.OwnedByUser(info) {
		return
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return
	}
	defer root.Close()
	if alive, err := root.Lstat(relayAlive); err != nil || !alive.Mode().IsRegular() {
		return // of a relay that is just starting, or of something else
	}
	lock, err := durable.Lock(root, relayAlive)
	if err != nil {
		return
	}
	_ = lock.Close() // or Windows would keep the file
	_ = os.RemoveAll(dir)
}
