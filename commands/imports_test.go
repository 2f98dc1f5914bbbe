package commands_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport is the import law of CONTRIBUTING: each package, by its folder, and the
// packages of ours that it may import. Arrows run one way. The mock imports nothing
// that a client does: it spells the headers itself, so that a slip in one of them
// shows.
var mayImport = map[string][]string{
	".":                 {"commands"},
	"commands":          {"client", "client/batch", "client/durable", "client/ledger", "client/mock", "client/paced", "client/relay", "client/spell", "commands/answer", "commands/cli", "commands/config", "commands/curl", "commands/process", "commands/progress", "commands/request", "commands/term"},
	"commands/answer":   {"client", "client/durable", "client/paced", "commands/cli", "commands/curl", "commands/term"},
	"commands/cli":      {"commands/term"},
	"commands/config":   {"client", "client/ledger", "client/spell", "commands/cli", "commands/term"},
	"commands/curl":     {"client", "commands/term"},
	"commands/process":  {"client/durable", "client/ledger", "client/spell", "commands/cli", "commands/term"},
	"commands/progress": {"client", "client/batch", "client/paced", "client/relay", "client/spell", "commands/term"},
	"commands/request":  {"client", "client/paced", "client/spell", "commands/cli", "commands/config", "commands/curl"},
	"commands/term":     {},

	"client":                      {},
	"client/authority":            {},
	"client/batch":                {"client", "client/durable", "client/ledger", "client/paced"},
	"client/durable":              {},
	"client/internal/servicetest": {"client", "client/authority", "client/ledger", "client/mock"},
	"client/ledger":               {"client/spell"},
	"client/mock":                 {"client/authority"},
	"client/paced":                {"client", "client/ledger", "client/spell"},
	"client/relay":                {"client", "client/authority", "client/ledger", "client/paced"},
	"client/spell":                {},
}

// home is where a library may be imported, so that no other package depends on it.
var home = map[string][]string{
	"github.com/BurntSushi/toml":        {"commands/config"},
	"github.com/charmbracelet/lipgloss": {"commands/term"},
	"github.com/go-resty/resty":         {"client"},
	"github.com/gomodule/redigo":        {"client/ledger"},
	"github.com/mccutchen/go-httpbin":   {"client/mock"},
	"github.com/muesli/termenv":         {"commands/term"},
	"github.com/redis/go-redis":         {"client/ledger"},
	"github.com/urfave/cli":             {"commands/cli"},
	"go.yaml.in/yaml":                   {"commands"},
	"golang.org/x/net/idna":             {"client"},
	"golang.org/x/net/publicsuffix":     {"commands/curl"},
	"golang.org/x/term":                 {"commands/term"},
}

func TestImportLaw(t *testing.T) {
	t.Parallel()
	imports := importsBelow(t, "..")
	for _, violation := range violations(imports) {
		t.Error(violation)
	}
	for dir := range mayImport {
		if _, there := imports[dir]; !there {
			t.Errorf("the law speaks of %s, which is not there", dir)
		}
	}
}

func TestImportLawFindsViolations(t *testing.T) {
	t.Parallel()
	for want, imports := range map[string]map[string][]string{
		"client imports smp/commands":                   {"client": {"fmt", "smp/commands"}},
		"client/mock imports smp/client":                {"client/mock": {"smp/client"}},
		"commands/curl imports smp/commands/cli":        {"commands/curl": {"smp/commands/cli"}},
		"client/batch imports smp/commands/term":        {"client/batch": {"smp/commands/term"}},
		"commands imports github.com/urfave/cli/v2":     {"commands": {"github.com/urfave/cli/v2"}},
		"client/paced imports github.com/go-resty":      {"client/paced": {"github.com/go-resty/resty/v2"}},
		"commands imports example.com/new, a library":   {"commands": {"example.com/new"}},
		"client/new is a package that the law does not": {"client/new": {"fmt"}},
	} {
		if found := strings.Join(violations(imports), "\n"); !strings.HasPrefix(found, want) {
			t.Errorf("want %q, got %q", want, found)
		}
	}
}

// violations lists what breaks the law. Standard packages and golang.org/x/sys and
// x/net, which have no home, are free.
func violations(imports map[string][]string) (found []string) {
	for _, dir := range slices.Sorted(maps.Keys(imports)) {
		ours, known := mayImport[dir]
		if !known {
			found = append(found, fmt.Sprintf("%s is a package that the law does not speak of", dir))
			continue
		}
		for _, imported := range imports[dir] {
			if below, is := strings.CutPrefix(imported, "smp/"); is {
				if !slices.Contains(ours, below) {
					found = append(found, fmt.Sprintf("%s imports %s", dir, imported))
				}
				continue
			}
			if homes, is := homeOf(imported); is && !slices.Contains(homes, dir) {
				found = append(found, fmt.Sprintf("%s imports %s, which belongs in %s", dir, imported, strings.Join(homes, " and ")))
			} else if !is && !free(imported) {
				found = append(found, fmt.Sprintf("%s imports %s, a library that the law gives no home", dir, imported))
			}
		}
	}
	return found
}

func homeOf(imported string) ([]string, bool) {
	for library, homes := range home {
		if imported == library || strings.HasPrefix(imported, library+"/") {
			return homes, true
		}
	}
	return nil, false
}

func free(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".") || strings.HasPrefix(imported, "golang.org/x/sys/") || strings.HasPrefix(imported, "golang.org/x/net/")
}

// importsBelow reads the imports of all packages below root, by folder, on whatever
// system they are built, tests aside.
func importsBelow(t *testing.T, root string) map[string][]string {
	t.Helper()
	imports := map[string][]string{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := entry.Name()
		if entry.IsDir() && name != root && (strings.HasPrefix(base, ".") || base == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		below, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			return err
		}
		dir := path.Clean(filepath.ToSlash(below))
		imports[dir] = slices.Concat(imports[dir], []string{}) // there, whatever it imports
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			imports[dir] = append(imports[dir], imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return imports
}
