package commands

import (
	"context"
	"io"
	"testing"

	"smp/commands/term"
)

// BenchmarkMain is what a run costs before it does anything: arguments, the
// library, configuration.
func BenchmarkMain(b *testing.B) {
	env := Env{Stdout: term.Stream{Writer: io.Discard}, Stderr: term.Stream{Writer: io.Discard}}
	for name, line := range map[string][]string{
		"version": {"--version"},
		"usage":   {"session", "list", "--bogus"},
		"no key":  {"fetch", "http://example.com/", "-fsSL", "-XPOST", "-H", "A: b", "-H", "C: d", "--session", "42"},
		"help":    {"help", "fetch"},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Main(context.Background(), line, env)
			}
		})
	}
}
