package mock

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestWire plays the client's part of the transcripts in testdata/wire, whose
// README tells their format.
func TestWire(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/wire/*.http")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		script := readTranscript(t, file)
		if script.flags == "no" {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".http"), func(t *testing.T) {
			t.Parallel()
			script.play(t)
		})
	}
}

// transcript is one file: actions, each a conversation on one connection.
type transcript struct {
	flags   string
	actions [][]turn
}

// turn is a request and its answer.
type turn struct {
	request, answer []string
	secure          bool
}

func readTranscript(t *testing.T, file string) transcript {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var script transcript
	secure := false
	for line := range strings.Lines(string(data)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch key {
		case "mock:":
			script.flags = value
		case "do:":
			script.actions, secure = append(script.actions, nil), false
		case "tls":
			secure = true
		case ">", "<":
			last := &script.actions[len(script.actions)-1]
			*last = addLine(*last, key, value, secure)
		}
	}
	return script
}

func addLine(turns []turn, key, value string, secure bool) []turn {
	if key == ">" && (len(turns) == 0 || turns[len(turns)-1].answer != nil) {
		turns = append(turns, turn{secure: secure})
	}
	now := &turns[len(turns)-1]
	if key == ">" {
		now.request = append(now.request, value)
	} else {
		now.answer = append(now.answer, value)
	}
	return turns
}

// config reads the flags of smp mock that transcripts use.
func (s transcript) config(t *testing.T) Config {
	t.Helper()
	cfg := Config{Origin: hello}
	words := strings.Fields(s.flags)
	for i := 0; i+1 < len(words); i += 2 {
		var err error
		switch value := words[i+1]; words[i] {
		case "--api-key":
			cfg.Key = value
		case "--plan":
			cfg.Plan = value
		case "--session-limit":
			cfg.SessionLimit, err = strconv.Atoi(value)
		case "--time-scale":
			cfg.TimeScale, err = strconv.ParseFloat(value, 64)
		case "--fault":
			var f Fault
			f, err = ParseFault(value)
			cfg.Faults = append(cfg.Faults, f)
		default:
			t.Fatalf("the test does not know %s", words[i])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return cfg
}

func (s transcript) play(t *testing.T) {
	w := onLoopback(t, s.config(t))
	known := variables{"credentials": base64.StdEncoding.EncodeToString([]byte("test:"))}
	for _, turns := range s.actions {
		var c net.Conn = w.open()
		for _, now := range turns {
			if _, plain := c.(*net.TCPConn); plain && now.secure {
				trust := w.trust()
				trust.ServerName = "example.com"
				c = tls.Client(c, trust)
			}
			now.check(t, c, known)
		}
		_ = c.Close()
	}
}

// check sends the request and compares the answer.
func (now turn) check(t *testing.T, c net.Conn, known variables) {
	t.Helper()
	head, body := split(now.request)
	head = append(head, "Host: example.com")
	head = append(head, credentials(head)...)
	if body != "" {
		head = append(head, fmt.Sprintf("Content-Length: %d", len(body)))
	}
	request := known.fill(strings.Join(head, "\r\n")) + "\r\n\r\n" + body
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(now.request[0], " ")
	resp, err := http.ReadResponse(bufio.NewReaderSize(oneByte{c}, 16), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%s: %v", now.request[0], err)
	}
	now.compare(t, resp, method == http.MethodConnect && resp.StatusCode == http.StatusOK, known)
}

// credentials are added where a transcript is silent: inside a tunnel none are
// needed, and none do harm.
func credentials(head []string) []string {
	name := "Proxy-Authorization: "
	if strings.Contains(head[0], " /sessions") {
		name = "Authorization: "
	}
	for _, line := range head {
		if strings.HasPrefix(line, name) {
			return nil
		}
	}
	return []string{name + "Basic ${credentials}"}
}

func (now turn) compare(t *testing.T, resp *http.Response, tunnel bool, known variables) {
	t.Helper()
	head, body := split(now.answer)
	if want := strings.Fields(head[0])[1]; want != strconv.Itoa(resp.StatusCode) {
		t.Errorf("%s: status %d, want %s", now.request[0], resp.StatusCode, want)
	}
	for _, line := range head[1:] {
		name, want, _ := strings.Cut(line, ": ")
		if got := resp.Header.Get(name); !known.match(want, got) {
			t.Errorf("%s: %s is %q, want %q", now.request[0], name, got, want)
		}
	}
	if tunnel {
		return
	}
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Errorf("%s: %v", now.request[0], err)
	}
	if body != "" && !known.match(body, string(got)) {
		t.Errorf("%s: body %q, want %q", now.request[0], got, body)
	}
}

// split parts a head from its body.
func split(lines []string) (head []string, body string) {
	for i, line := range lines {
		if line == "" {
			return lines[:i:i], strings.Join(lines[i+1:], "\n")
		}
	}
	return lines, ""
}

// variables are what the mock answered for ${name=value}.
type variables map[string]string

var placeholder = regexp.MustCompile(`\$\{(\w*)(=[^}]*)?\}`)

func (v variables) fill(s string) string {
	return placeholder.ReplaceAllStringFunc(s, func(p string) string {
		return v[placeholder.FindStringSubmatch(p)[1]]
	})
}

// match compares what the mock answered with a line of the transcript, and
// notes what stands in its placeholders.
func (v variables) match(want, got string) bool {
	if strings.HasPrefix(want, "{") {
		return v.matchObject(want, got)
	}
	pattern, names, at := "^", []string{}, 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(want, -1) {
		pattern += regexp.QuoteMeta(want[at:m[0]])
		name, fresh := want[m[2]:m[3]], m[4] >= 0
		if fresh {
			pattern, names = pattern+`([^"]+)`, append(names, name)
		} else {
			pattern += regexp.QuoteMeta(v[name])
		}
		at = m[1]
	}
	pattern += regexp.QuoteMeta(want[at:]) + "$"
	found := regexp.MustCompile(pattern).FindStringSubmatch(got)
	for i := range found[min(1, len(found)):] {
		v[names[i]] = found[i+1]
	}
	return found != nil
}

// matchObject compares JSON objects of strings, in which a fresh placeholder
// matches any value.
func (v variables) matchObject(want, got string) bool {
	var wanted, found map[string]string
	fresh := regexp.MustCompile(`\$\{\w*=[^}]*\}`)
	if json.Unmarshal([]byte(v.fill(fresh.ReplaceAllString(want, "*"))), &wanted) != nil || json.Unmarshal([]byte(got), &found) != nil {
		return false
	}
	for name, value := range wanted {
		if at, ok := found[name]; ok && value == "*" && at != "" {
			wanted[name] = at
		}
	}
	return reflect.DeepEqual(wanted, found)
}
