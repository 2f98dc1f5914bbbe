package commands

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"smp/client/paced"
	"smp/commands/answer"
	"smp/commands/term"
)

// What has to hold of a case, whatever its fault.

// checkFailure holds what a failed run said and left to the contract.
func (f *fault) checkFailure(t *testing.T, r run) {
	t.Helper()
	if r.out != "" {
		t.Errorf("stdout: %q", clipped(r.out))
	}
	errors := 0
	for line := range strings.Lines(r.err) {
		if !strings.HasPrefix(line, "smp: ") || len(line) > 1000 || strings.ContainsFunc(strings.TrimSuffix(line, "\n"), term.Unprintable) {
			t.Errorf("stderr: %q", clipped(line))
		}
		if strings.HasPrefix(line, "smp: error: ") {
			errors++
		}
	}
	if errors != 1 {
		t.Errorf("%d errors on stderr, want one:\n%s", errors, clipped(r.err))
	}
	if !r.batch && !tells(r.err, f.says) { // a batch tells it in the result
		t.Errorf("stderr does not tell %q:\n%s", f.says, clipped(r.err))
	}
	if strings.Contains(r.err, matrixKey) || strings.Contains(r.err, base64.StdEncoding.EncodeToString([]byte(matrixKey+":"))) {
		t.Error("stderr holds the API key")
	}
	r.checkFiles(t, f.says)
}

// checkFiles wants the files as they were, and no other.
func (r run) checkFiles(t *testing.T, says string) {
	t.Helper()
	names := []string{}
	for name := range filesBelow(t, r.dir) {
		names = append(names, name)
	}
	slices.Sort(names)
	want := []string{"ca.pem", "heads", "http", "https", "jar", "out"}
	switch {
	case r.batch:
		r.checkResults(t, says)
		names = slices.DeleteFunc(names, func(name string) bool {
			return name == "pages/.lock" || name == "pages/.sessions" || name == "pages/results.jsonl"
		})
	case strings.HasPrefix(r.name, "fetch"):
		want = append(want, "meta")
	}
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("files %q, want %q", names, want)
	}
	for _, name := range []string{"out", "heads", "jar"} {
		if content, err := os.ReadFile(filepath.Join(r.dir, name)); err != nil || string(content) != before {
			t.Errorf("%s: %v, %q", name, err, clipped(string(content)))
		}
	}
	if strings.HasPrefix(r.name, "fetch") {
		checkMeta(t, filepath.Join(r.dir, "meta"))
	}
}

// checkResults wants one result, a failure; a line that a refused key stopped has
// none.
func (r run) checkResults(t *testing.T, says string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(r.dir, "pages/results.jsonl"))
	lines := slices.Collect(strings.Lines(string(content)))
	if r.code == exitCredentials {
		if len(lines) > 0 {
			t.Errorf("results %q", lines)
		}
		return
	}
	if err != nil || len(lines) != 1 {
		t.Fatalf("%d results, %v", len(lines), err)
	}
	for _, line := range lines {
		var result struct{ Error *paced.Failure }
		if err := json.Unmarshal([]byte(line), &result); err != nil || result.Error == nil || !tells(result.Error.Message, says) {
			t.Errorf("result %v: %s", err, clipped(line))
		}
	}
}

func checkMeta(t *testing.T, name string) {
	t.Helper()
	var meta answer.Report
	content, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(content, &meta)
	}
	if err != nil || meta.Error == nil || meta.Error.Message == "" || len(content) > 256<<10 {
		t.Errorf("--meta: %v: %s", err, clipped(string(content)))
	}
	if bytes.Contains(content, []byte(matrixKey)) {
		t.Error("--meta holds the API key")
	}
}

func filesBelow(t *testing.T, dir string) map[string]os.FileInfo {
	t.Helper()
	files := map[string]os.FileInfo{}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			name, _ := filepath.Rel(dir, path)
			files[filepath.ToSlash(name)] = info
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// checkRequests wants what the command asks to be asked once.
func (f *fault) checkRequests(t *testing.T, requests []string) {
	t.Helper()
	want := max(f.sent, 0)
	if f.sent == 0 {
		want = 1
	}
	if len(requests) != want && !(f.sent == maybeSent && len(requests) <= 1) {
		t.Errorf("requests %q, want %d", requests, want)
	}
}

// checkSessions wants each session that was given out deleted, or in the ledger.
func checkSessions(t *testing.T, r run, s *hostile) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(s.alive)) {
		if !slices.Contains(r.ledger, id) {
			t.Errorf("session %s exists, and the ledger has only %q", id, r.ledger)
		}
	}
}

func tells(text, says string) bool {
	return slices.ContainsFunc(strings.Split(says, "|"), func(s string) bool { return strings.Contains(text, s) })
}

func clipped(s string) string {
	if len(s) > 2000 {
		return fmt.Sprintf("%s… (%d bytes)", s[:2000], len(s))
	}
	return s
}
