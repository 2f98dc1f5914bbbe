package client

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestWire replays the transcripts of testdata/wire, whose README tells their
// format, with the client on one side and the file on the other.
func TestWire(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../testdata/wire/*.http")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".http"), func(t *testing.T) {
			t.Parallel()
			for _, a := range readTranscript(t, file) {
				a.replay(t)
			}
		})
	}
}

// action is one "do:" with the exchanges it causes.
type action struct {
	do, gives, says string
	exchanges       []exchange
}

type exchange struct {
	request, answer []string
	absent          []string
	tls             bool // the request comes inside the tunnel
}

func readTranscript(t testing.TB, file string) []action {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var actions []action
	var source, mark, secure bool
	expand := newVariables()
	for n, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		line = expand(line)
		key, value, _ := strings.Cut(line, " ")
		last := len(actions) - 1
		switch key {
		case "", "#", "mock:":
		case "source:":
			source = true
		case "mark:":
			mark = strings.Contains("DOC OBS INF UNK", value)
		case "do:":
			actions, secure = append(actions, action{do: value}), false
		case "gives:":
			actions[last].gives = value
		case "says:":
			actions[last].says = value
		case "tls":
			secure = true
		default:
			if !actions[last].wire(key, value, secure) {
				t.Fatalf("%s:%d: cannot read %q", file, n+1, line)
			}
		}
	}
	if !source || !mark {
		t.Fatalf("%s names no source or no mark", file)
	}
	return actions
}

// wire adds a line of a request or an answer.
func (a *action) wire(key, value string, secure bool) bool {
	last := len(a.exchanges) - 1
	switch key {
	case ">":
		if last < 0 || a.exchanges[last].answer != nil {
			a.exchanges = append(a.exchanges, exchange{tls: secure})
			last++
		}
		a.exchanges[last].request = append(a.exchanges[last].request, value)
	case ">!":
		a.exchanges[last].absent = append(a.exchanges[last].absent, value)
	case "<", "<~":
		a.exchanges[last].answer = append(a.exchanges[last].answer, value)
	default:
		return false
	}
	return true
}

var variable = regexp.MustCompile(`\$\{(\w*)(=[^}]*)?\}`)

// newVariables expands ${name=value}, and ${name} thereafter.
func newVariables() func(string) string {
	values := map[string]string{"credentials": basic(testKey, "")}
	return func(line string) string {
		return variable.ReplaceAllStringFunc(line, func(s string) string {
			m := variable.FindStringSubmatch(s)
			if m[2] != "" {
				values[m[1]] = m[2][1:]
			}
			return values[m[1]]
		})
	}
}

// replay plays the service's part of an action and compares what the client makes
// of it.
func (a action) replay(t *testing.T) {
	t.Helper()
	s := serve(t, func(t testing.TB, conn net.Conn) {
		r := bufio.NewReader(conn)
		for i, x := range a.exchanges {
			if x.tls && !a.exchanges[i-1].tls {
				conn = tls.Server(conn, trusted().config(t, "example.com"))
				r = bufio.NewReader(conn)
			}
			x.serve(t, conn, r)
		}
		io.Copy(io.Discard, r)
	})
	got, says := a.perform(t, s.client(t))
	if got != a.gives || says != a.says {
		t.Errorf("%s\n gives %q, says %q\nwanted %q, says %q", a.do, got, says, a.gives, a.says)
	}
	if n := s.n.Load(); n != 1 {
		t.Errorf("%s: %d connections", a.do, n)
	}
}

// serve reads one request, holds it against the transcript, and answers.
func (x exchange) serve(t testing.TB, conn net.Conn, r *bufio.Reader) {
	req, body := readRequest(r)
	if req == nil {
		t.Errorf("no request where one was due: %s", x.request[0])
		return
	}
	line := fmt.Sprintf("%s %s %s", req.Method, req.RequestURI, req.Proto)
	if line != x.request[0] {
		t.Errorf("request line %q, wanted %q", line, x.request[0])
	}
	header, wanted := split(x.request)
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		if req.Header.Get(name) != value {
			t.Errorf("%s: header %s is %q, wanted %q", line, name, req.Header.Get(name), value)
		}
	}
	for _, name := range x.absent {
		if req.Header.Get(name) != "" {
			t.Errorf("%s: header %s is there", line, name)
		}
	}
	if string(body) != wanted {
		t.Errorf("%s: body %q, wanted %q", line, body, wanted)
	}
	io.WriteString(conn, x.text(req.Method))
}

// text is the answer with its framing.
func (x exchange) text(method string) string {
	header, body := split(x.answer)
	lines := append(x.answer[:1:1], header...)
	all := strings.Join(lines, "\r\n") + "\r\n"
	status := strings.Fields(x.answer[0])[1]
	framed := strings.Contains(all, "Content-Length:") || status == "204" || method == http.MethodConnect && status == "200"
	if !framed {
		all += fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	return all + "\r\n" + body
}

// split takes a message's lines apart behind its first: headers and body.
func split(lines []string) (header []string, body string) {
	for i, line := range lines[1:] {
		if line == "" {
			return lines[1 : i+1], strings.Join(lines[i+2:], "\n")
		}
	}
	return lines[1:], ""
}

// perform does what "do:" says and puts the outcome into the words of "gives:".
func (a action) perform(t *testing.T, c *Client) (gives, says string) {
	t.Helper()
	words := strings.Fields(a.do)
	var err error
	switch words[0] {
	case "create":
		var s Session
		if s, err = c.CreateSession(t.Context()); err == nil {
			return "session " + s.ID, ""
		}
	case "list":
		var list []Session
		if list, err = c.ListSessions(t.Context()); err == nil {
			gives = "sessions"
			for _, s := range list {
				gives += " " + s.ID + "=" + s.IP
			}
			return gives, ""
		}
	case "delete":
		if err = c.DeleteSession(t.Context(), words[1]); err == nil {
			return "nothing", ""
		}
	case "fetch":
		var r *Response
		if r, err = get(t, c, words[1], headersOf(words[2:])); err == nil {
			text(t, r)
			return fmt.Sprintf("answer %d%s", r.Status, facts(r.Service, "")), ""
		}
	default:
		t.Fatalf("cannot do %q", a.do)
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%s: an error of its own kind: %v", a.do, err)
	}
	return fmt.Sprintf("error %s %d%s", e.Class, e.Status, facts(e.Service, e.Code)), e.Message
}

func headersOf(words []string) func(*Request) {
	return func(r *Request) {
		for _, word := range words {
			name, value, _ := strings.Cut(word, "=")
			if name == "session" {
				r.Session = value
			} else {
				r.Header.Set(name, value)
			}
		}
	}
}

func facts(s ServiceHeaders, code string) string {
	var b strings.Builder
	if code != "" {
		b.WriteString(" code=" + code)
	}
	if s.Session != "" {
		b.WriteString(" session=" + s.Session)
	}
	if s.IP != "" {
		b.WriteString(" ip=" + s.IP)
	}
	if s.NextRequestIn != 0 {
		b.WriteString(" next=" + s.NextRequestIn.String())
	}
	if s.RetryAfter != 0 {
		b.WriteString(" retry=" + s.RetryAfter.String())
	}
	return b.String()
}
