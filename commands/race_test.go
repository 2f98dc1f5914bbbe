//go:build race

package commands

const RaceEnabled = true
