//go:build !unix

package ledger

import "errors"

func fullChild(string, []string) error { return errors.New("no limits of file sizes here") }
