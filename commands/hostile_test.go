package commands

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"smp/commands/answer"
	"smp/commands/curl"
	"smp/commands/term"
)

// A server may write anything anywhere. Nothing of it may be obeyed: not by a
// terminal, not by a shell that reads lines and columns, not by the file system.

// evils are what a server may put where a value belongs.
var evils = map[string]string{
	"a terminal's":  "\x1b[2J\x1b]0;owned\x07\x1b[31mevil\u009b2J\u202e\x7f",
	"a line's":      "good\rsmp: error: forged\r",
	"a column's":    "good\tforged\t198.51.100.9",
	"a path's":      "../../../../tmp/evil",
	"no UTF-8":      "\xff\xfe\xc3evil",
	"a shell's":     "$(touch evil)`touch evil`;touch evil",
	"a long one":    strings.Repeat("evil", 40_000),
	"a JSON's":      `","error":null,"x":"`,
	"a format's":    "%s%n%{http_code}%!d",
	"nothing":       "",
	"an HTML's":     "<script>alert(1)</script>",
	"a TOML's":      "\"\n[delays]\n",
	"a cookie's":    "a=b\t\x01c; Path=/\t; Domain=.shop.test",
	"a redirect's":  "http://\x1b[2J\x07evil.test/%0d%0aX: y",
	"a word":        "create",
	"dots":          "..",
	"a very number": strings.Repeat("9", 400),
}

// wicked puts evil into every place of an answer.
func wicked(evil, status string, refuses bool) func(*peer) {
	return func(p *peer) {
		inJSON, _ := json.Marshal(evil)
		body := evil + "\n" + evil
		switch {
		case p.request.Method == "GET" && p.server.site == atAPI:
			body = fmt.Sprintf(`{"1873787": %[1]s, %[1]s: "198.51.100.7", "2": {"x": %[1]s}, "1873787": %[1]s}`, inJSON)
		case refuses:
			body = fmt.Sprintf(`{"type": %[1]s, "title": %[1]s, "detail": %[1]s}`, inJSON)
		}
		oneLine := strings.NewReplacer("\r", "", "\n", "").Replace(evil)
		headers := []string{
			"X-Crawlera-Session: " + oneLine, "X-Crawlera-Slave: " + oneLine, "X-Crawlera-Version: " + oneLine, "X-Crawlera-Next-Request-In: " + oneLine,
			"Retry-After: " + oneLine, "Set-Cookie: " + oneLine + "=" + oneLine + "; Path=" + oneLine, "Set-Cookie: a=" + oneLine, "Location: " + oneLine,
			"Content-Type: " + oneLine, "Content-Disposition: attachment; filename=" + oneLine, "Zyte-Request-ID: " + oneLine, "Date: " + oneLine,
			fmt.Sprintf("Content-Length: %d", len(body)), "Connection: close",
		}
		if refuses {
			headers = append(headers, "X-Crawlera-Error: "+oneLine, "Zyte-Error-Type: "+oneLine, "Zyte-Error-Title: "+oneLine)
		}
		p.answer(status+" "+oneLine, headers, body)
	}
}

func TestNothingOfAServerIsObeyed(t *testing.T) {
	t.Parallel()
	atOnce := make(chan struct{}, 16)
	var cases sync.WaitGroup
	for name, evil := range evils {
		for _, status := range []string{"200", "302", "400"} {
			for _, p := range planes() {
				for _, terminal := range []bool{false, true} {
					atOnce <- struct{}{}
					cases.Go(func() {
						defer func() { <-atOnce }()
						f := &fault{play: wicked(evil, status, status == "400")}
						t.Run(fmt.Sprintf("%s/%s/%s/terminal=%v", name, p.name, status, terminal), func(t *testing.T) {
							f.tryWicked(t, p, terminal)
						})
					})
				}
			}
		}
	}
	cases.Wait()
}

// ours are the sequences that smp itself writes to a terminal.
var ours = regexp.MustCompile("\r(?:[^\r\n\x1b]|\x1b\\[[0-9;]*m)*\x1b\\[K|\x1b\\[[0-9;]*m")

func (f *fault) tryWicked(t *testing.T, p plane, terminal bool) {
	t.Helper()
	s := startHostile(t, p.site, f)
	v := newVault(t, matrixKey, "http://"+s.ln.Addr().String(), certificates().pem)
	for name, text := range map[string]string{"http": "http://shop.test/\n", "https": "https://shop.test/\n"} {
		if err := os.WriteFile(filepath.Join(v.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := append([]string{}, p.args...)
	if strings.HasPrefix(p.name, "fetch") {
		args = append(args, "-L", "--max-redirs", "2", "--delay", "0", "-w", "%{session}|%{ip}|%{redirect_url}|%{url_effective}|%{http_code}")
	}
	args = append(args, "-v")
	for i := range args {
		args[i] = strings.Replace(args[i], "DIR", v.dir, 1)
	}
	env := testEnv(t, append(v.variables, "TERM=xterm-256color")...)
	env.Stdout.Terminal, env.Stderr.Terminal = terminal, terminal
	code := env.run(t, args...)
	for stream, text := range map[string]string{"stdout": env.out.String(), "stderr": env.err.String()} {
		if terminal {
			text = ours.ReplaceAllString(text, "")
		}
		if i := strings.IndexFunc(text, obeyed); i >= 0 || !utf8.ValidString(text) {
			t.Errorf("%s holds a control character: %q", stream, clipped(text[max(0, i-100):]))
		}
		if strings.Contains(text, "\nsmp: error: forged") || strings.Contains(text, "\x1b[31mevil") {
			t.Errorf("%s is forged: %q", stream, clipped(text))
		}
		if len(text) > 2<<20 {
			t.Errorf("%s is %d bytes long", stream, len(text))
		}
	}
	if code < 0 || code > exitHopeless {
		t.Errorf("exit code %d", code)
	}
	f.checkKept(t, p, v)
}

// A JSON document may hold what a terminal would obey, but not where a terminal gets
// it.
func TestNoJSONIsObeyed(t *testing.T) {
	t.Parallel()
	evil := evils["a terminal's"]
	large := func(p *peer) {
		body := strings.Repeat("größe \u009b2J\u202e\x7f ✓", answer.MaxInline/10)
		p.answer("200 OK", []string{"X-Evil: \u009b2J", fmt.Sprintf("Content-Length: %d", len(body)), "Connection: close"}, body)
	}
	var cases sync.WaitGroup
	for name, play := range map[string]func(*peer){"200": wicked(evil, "200", false), "400": wicked(evil, "400", true), "large": large} {
		for _, p := range planes() {
			args := append(slices.Clone(p.args), "--json")
			if i := slices.Index(args, "-o"); i >= 0 {
				args = slices.Delete(args, i, i+2) // so that the document holds the body
			}
			if p.batch {
				args = []string{"batch", "--session", "42", "--retry", "0", "DIR/list"}
			}
			if p.site == inTunnel || name == "large" && !p.target() {
				continue
			}
			cases.Go(func() {
				t.Run(name+"/"+p.name, func(t *testing.T) {
					s := startHostile(t, p.site, &fault{play: play})
					v := newVault(t, matrixKey, "http://"+s.ln.Addr().String(), certificates().pem)
					if err := os.WriteFile(filepath.Join(v.dir, "list"), []byte("http://shop.test/\n"), 0o600); err != nil {
						t.Fatal(err)
					}
					for i := range args {
						args[i] = strings.Replace(args[i], "DIR", v.dir, 1)
					}
					env := testEnv(t, v.variables...)
					env.Stdout.Terminal = true
					env.run(t, args...)
					out := env.out.String()
					if i := strings.IndexFunc(out, obeyed); i >= 0 {
						t.Errorf("stdout holds a control character: %q", clipped(out[max(0, i-100):]))
					}
					if !json.Valid([]byte(out)) || name == "large" && !strings.Contains(out, `größe \u009b2J\u202e\u007f ✓`) {
						t.Errorf("stdout is %q", clipped(out))
					}
				})
			})
		}
	}
	cases.Wait()
}

func obeyed(r rune) bool {
	return term.Unprintable(r) && r != '\n' && r != '\t' && r != utf8.RuneError
}

// checkKept wants files where they were asked for alone, and sessions in the
// ledger that can be ones.
func (f *fault) checkKept(t *testing.T, p plane, v *vault) {
	t.Helper()
	for name := range filesBelow(t, v.dir) {
		if strings.Contains(name, "evil") || strings.ContainsFunc(name, term.Unprintable) {
			t.Errorf("there is a file %q", name)
		}
	}
	if _, err := os.Stat("evil"); err == nil {
		t.Error("there is a file evil")
	}
	_, out := v.run(t, nil, "session", "list", "--local")
	for line := range strings.Lines(out) {
		if id, _, _ := strings.Cut(line, "\t"); strings.Count(line, "\t") != 6 || len(id) > 128 {
			t.Errorf("the ledger has %q", clipped(line))
		}
	}
	for _, name := range []string{"meta", "pages/results.jsonl"} {
		content, err := os.ReadFile(filepath.Join(v.dir, name))
		if err == nil && !json.Valid(content) {
			t.Errorf("%s is no JSON: %q", name, clipped(string(content)))
		}
	}
	if content, err := os.ReadFile(filepath.Join(v.dir, "jar")); err == nil {
		if err := new(curl.Jar).Load(strings.NewReader(string(content))); err != nil {
			t.Errorf("the cookie jar cannot be read: %v: %q", err, clipped(string(content)))
		}
	}
}
