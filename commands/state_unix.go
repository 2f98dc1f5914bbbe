//go:build unix

package commands

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

func ownedByUser(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(stat.Uid) == os.Getuid()
}

// checkPrivate refuses a directory that others may write to, which could be laid
// out to lead our files elsewhere.
func checkPrivate(dir string, info fs.FileInfo) error {
	if info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("others may write to %s (mode %04o)", dir, info.Mode().Perm())
	}
	return nil
}
