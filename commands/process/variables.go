package process

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"smp/commands/term"
)

// Variable is an environment variable.
type Variable struct{ Name, Value string }

func (v Variable) String() string { return v.Name + "=" + v.Value }

// Names are those of the variables, in their order.
func Names(variables []Variable) []string {
	list := make([]string, len(variables))
	for i, v := range variables {
		list[i] = v.Name
	}
	return list
}

// Exports are lines that a POSIX shell can source.
func Exports(variables []Variable) string {
	var b strings.Builder
	for _, v := range variables {
		fmt.Fprintf(&b, "export %s=%s\n", v.Name, term.Quote(v.Value))
	}
	return b.String()
}

// Absolute makes the files that vars name independent of the directory that
// COMMAND runs in.
func Absolute(vars []Variable, names ...string) error {
	for i, v := range vars {
		if v.Value == "" || !slices.Contains(names, v.Name) {
			continue
		}
		path, err := filepath.Abs(v.Value)
		if err != nil {
			return err
		}
		vars[i].Value = path
	}
	return nil
}

// SetVariables is environ with vars; an empty one is left out.
func SetVariables(environ []string, vars []Variable) []string {
	kept := slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.ContainsFunc(vars, func(v Variable) bool { return v.Name == name })
	})
	for _, v := range vars {
		if v.Value != "" {
			kept = append(kept, v.String())
		}
	}
	return kept
}
