//go:build !linux

package ledger

func systemClock() clock { return clock{now: wallClock} }
