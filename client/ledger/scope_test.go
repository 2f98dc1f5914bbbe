package ledger

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestScopeHidesTheKey(t *testing.T) {
	t.Parallel()
	const key = "0123456789abcdef"
	a := Scope("/state", "one", key)
	for _, other := range []string{Scope("/state", "two", key), Scope("/state", "one", "other"), Scope("/elsewhere", "one", key)} {
		if a == other {
			t.Errorf("two scopes share %s", a)
		}
	}
	if a != Scope("/state", "one", key) || filepath.Dir(a) != filepath.Clean("/state") || strings.Contains(a, key) {
		t.Errorf("scope is %s", a)
	}
}
