package durable

import (
	"errors"
	"os"
	"testing"
)

func TestLock(t *testing.T) {
	t.Parallel()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	first, err := Lock(root, "lock")
	if err != nil {
		t.Fatal(err)
	}
	if err := root.Rename("lock", "renamed"); err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(root, "renamed"); !errors.Is(err, ErrLocked) {
		t.Errorf("a lock that is held, by another name since: %v", err)
	}
	first.Close()
	second, err := Lock(root, "renamed")
	if err != nil {
		t.Fatalf("a lock that was given back: %v", err)
	}
	second.Close()
}
