package commands_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// Commands of scripts that look at something. What each does is told in script_test.go.

func scriptSmp(ts *testscript.TestScript, neg bool, args []string) {
	if err := ts.Exec("smp", args...); (err != nil) != neg {
		ts.Fatalf("smp %s: %v", strings.Join(args, " "), err)
	}
}

func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG…")
	}
	state := new(os.ProcessState) // of a success
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit := new(exec.ExitError)
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		state = exit.ProcessState
	}
	code, signal := howEnded(state)
	if want := args[0]; want != signal && want != strconv.Itoa(code) {
		ts.Fatalf("%s: exit code %d %s, want %s", strings.Join(args[1:], " "), code, signal, want)
	}
}

// howEnded gives the exit code as a shell has it, and the signal's name where
// one killed the process.
func howEnded(state *os.ProcessState) (code int, signal string) {
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return state.ExitCode(), ""
	}
	names := map[syscall.Signal]string{
		syscall.SIGHUP: "SIGHUP", syscall.SIGINT: "SIGINT", syscall.SIGPIPE: "SIGPIPE",
		syscall.SIGTERM: "SIGTERM", syscall.SIGKILL: "SIGKILL",
	}
	return 128 + int(status.Signal()), names[status.Signal()]
}

func scriptTerminate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: terminate")
	}
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	}
}

func scriptHTTP(ts *testscript.TestScript, neg bool, args []string) {
	user := ""
	if len(args) > 1 && args[0] == "-u" {
		user, args = args[1], args[2:]
	}
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: http [-u USER:] METHOD URL [BODY]")
	}
	req, err := http.NewRequest(args[0], args[1], strings.NewReader(strings.Join(args[2:], "")))
	ts.Check(err)
	if user != "" {
		name, password, _ := strings.Cut(user, ":")
		req.SetBasicAuth(name, password)
	}
	direct := &http.Transport{DisableKeepAlives: true} // no Proxy: this is the one that talks to it
	resp, err := direct.RoundTrip(req)
	ts.Check(err)
	defer resp.Body.Close()
	_, err = io.Copy(ts.Stdout(), resp.Body)
	ts.Check(err)
	_, _ = io.WriteString(ts.Stderr(), resp.Proto+" "+resp.Status+"\n")
	ts.Check(resp.Header.Write(ts.Stderr()))
}

func scriptSource(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: source FILE")
	}
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "export "), "=")
		if !ok {
			ts.Fatalf("%s: %q is no variable", args[0], line)
		}
		ts.Setenv(name, strings.Trim(value, "'"))
	}
}

func scriptJSON(ts *testscript.TestScript, neg bool, args []string) {
	selector := ""
	if len(args) > 0 && strings.Contains(args[0], "=") {
		selector, args = args[0], args[1:]
	}
	if neg && len(args) < 2 {
		args = append(args, ".*")
	}
	if len(args) == 2 {
		args = append(args, "stdout")
	}
	if len(args) != 3 {
		ts.Fatalf("usage: json [MEMBER=VALUE] PATH PATTERN [FILE]")
	}
	doc := document(ts, args[2], selector)
	value, found := valueAt(doc, args[0])
	text := jsonText(ts, value)
	re, err := regexp.Compile(args[1])
	ts.Check(err)
	switch match := found && re.MatchString(text); {
	case !neg && !found:
		ts.Fatalf("nothing at %s", args[0])
	case match == neg:
		ts.Fatalf("%s is %s, pattern %q", args[0], text, args[1])
	}
}

// document is the one JSON document of a file, or the line whose member has the value
// that a selector such as "line=5" names.
func document(ts *testscript.TestScript, file, selector string) (doc any) {
	dec := json.NewDecoder(strings.NewReader(ts.ReadFile(file)))
	dec.UseNumber()
	if selector == "" {
		ts.Check(dec.Decode(&doc))
		if _, err := dec.Token(); err != io.EOF {
			ts.Fatalf("%s: more than one JSON document", file)
		}
		return doc
	}
	member, want, _ := strings.Cut(selector, "=")
	for {
		var line any
		err := dec.Decode(&line)
		if err == io.EOF {
			break
		}
		ts.Check(err)
		value, found := valueAt(line, member)
		if !found || jsonText(ts, value) != want {
			continue
		}
		if doc != nil {
			ts.Fatalf("%s: %s on more than one line", file, selector)
		}
		doc = line
	}
	if doc == nil {
		ts.Fatalf("%s: no line has %s", file, selector)
	}
	return doc
}

// valueAt follows a path such as "error.code" or "0.id" into a document.
func valueAt(doc any, path string) (any, bool) {
	if path == "." {
		return doc, true
	}
	for name := range strings.SplitSeq(path, ".") {
		switch v := doc.(type) {
		case map[string]any:
			member, ok := v[name]
			if !ok {
				return nil, false
			}
			doc = member
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(v) {
				return nil, false
			}
			doc = v[i]
		default:
			return nil, false
		}
	}
	return doc, true
}

func jsonText(ts *testscript.TestScript, value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	text, err := json.Marshal(value)
	ts.Check(err)
	return string(text)
}

func scriptKeep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: keep VAR [FILE]")
	}
	ts.Setenv(args[0], strings.TrimSuffix(ts.ReadFile(append(args, "stdout")[1]), "\n"))
}

func scriptLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: lines N [FILE]")
	}
	file := append(args, "stdout")[1]
	text := ts.ReadFile(file)
	if n := strings.Count(text, "\n"); strconv.Itoa(n) != args[0] {
		ts.Fatalf("%s has %d lines, want %s:\n%s", file, n, args[0], text)
	}
}

func scriptAwait(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: await FILE [PATTERN]")
	}
	re := regexp.MustCompile(strings.Join(args[1:], ""))
	limit := time.After(2 * time.Minute)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		content, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && re.Match(content) {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			ts.Fatalf("%s: %v, after 2m it holds:\n%s", args[0], err, content)
		}
	}
}
