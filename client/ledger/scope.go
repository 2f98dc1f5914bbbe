package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
)

// Scope names the directory for one service and API key below stateDir. service is
// any name for it that does not depend on how its endpoint is spelt. The key itself
// does not appear in the directory's name, only a digest of both.
func Scope(stateDir, service, key string) string {
	sum := sha256.Sum256([]byte(service + "\x00" + key))
	return filepath.Join(stateDir, "v1-"+hex.EncodeToString(sum[:16]))
}
