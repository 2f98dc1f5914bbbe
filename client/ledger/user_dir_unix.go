//go:build unix

package ledger

import (
	"io/fs"
	"os"
	"syscall"
)

// OwnedByUser reports whether a file is this user's own.
func OwnedByUser(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(stat.Uid) == os.Getuid()
}
