package commands

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"smp/client/mock"
	"smp/commands/term"
)

// The API key is for the proxy alone. These tests run everything, loudly and into
// every failure, and look for the key in all that comes out.

// secretKeys are long enough not to be found by chance. The second one looks
// different wherever it is escaped.
var secretKeys = []string{"5ecre7f00dba5eba11c0ffee0ddba11s", `K;e<y>&%41\+/=e|$~unusual~`}

// disguises are all the ways to write the key that somebody could read it from.
func disguises(key string) map[string]string {
	inJSON, _ := json.Marshal(key)
	encoded := base64.StdEncoding.EncodeToString([]byte(key + ":"))
	return map[string]string{
		"plain":        key,
		"base64":       encoded,
		"base64 start": encoded[:len(key)/3*4],
		"base64 URL":   base64.URLEncoding.EncodeToString([]byte(key + ":"))[:len(key)/3*4],
		"query":        url.QueryEscape(key),
		"path":         url.PathEscape(key),
		"userinfo":     strings.TrimSuffix(url.UserPassword(key, "").String(), ":"),
		"JSON":         strings.Trim(string(inJSON), `"`),
		"quoted":       strings.Trim(strconv.Quote(key), `"`),
		"hexadecimal":  fmt.Sprintf("%x", key),
		"shown":        term.EscapeControls(key),
	}
}

func wantNoKey(t *testing.T, key, where string, text []byte) {
	t.Helper()
	for name, form := range disguises(key) {
		if i := bytes.Index(text, []byte(form)); i >= 0 {
			t.Errorf("%s holds the API key (%s): %q", where, name, text[max(0, i-80):min(len(text), i+len(form)+20)])
			return
		}
	}
}

// vault is a home in which a command with a key is run.
type vault struct {
	key       string
	dir       string
	variables []string
}

func newVault(t *testing.T, key, endpoint string, ca []byte) *vault {
	t.Helper()
	v := &vault{key: key, dir: memoryDir(t)}
	for name, text := range map[string]string{
		"ca.pem": string(ca), "list": "http://shop.test/anything/1\nhttps://shop.test/status/404\n", "body": "a=b", "jar": "",
	} {
		if err := os.WriteFile(filepath.Join(v.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	v.variables = []string{
		"SMP_ENDPOINT=" + endpoint, "SMP_API_KEY=" + key, "SMP_CONFIG=" + os.DevNull, "SMP_DELAY=0",
		"SMP_STATE_DIR=" + filepath.Join(v.dir, "state"), "SMP_CACERT=" + filepath.Join(v.dir, "ca.pem"),
	}
	return v
}

// run runs a command line, "DIR" in it being the vault, and looks for the key in
// what it prints.
func (v *vault) run(t *testing.T, variables []string, args ...string) (code int, out string) {
	t.Helper()
	args = slices.Clone(args)
	for i := range args {
		args[i] = strings.ReplaceAll(strings.ReplaceAll(args[i], "DIR", v.dir), "KEY", v.key)
	}
	env := testEnv(t, append(slices.Clone(v.variables), variables...)...)
	code = env.run(t, args...)
	line := strings.Join(args, " ")
	wantNoKey(t, v.key, "stdout of "+line, env.out.Bytes())
	wantNoKey(t, v.key, "stderr of "+line, env.err.Bytes())
	return code, env.out.String()
}

// wantNothingKept looks for the key in all files and their names, but those that
// were made to hold it.
func (v *vault) wantNothingKept(t *testing.T, but ...string) {
	t.Helper()
	for name := range filesBelow(t, v.dir) {
		if slices.Contains(but, name) {
			continue
		}
		content, err := os.ReadFile(filepath.Join(v.dir, name))
		if err != nil {
			t.Error(err)
		}
		wantNoKey(t, v.key, "the name of a file", []byte(name))
		wantNoKey(t, v.key, "file "+name, content)
	}
}

// loud are ways to have more said.
func loud() [][]string {
	return [][]string{nil, {"-v"}, {"--json"}, {"-v", "--json"}, {"-q"}}
}

// everything is a command line or more of each command, good and bad.
func everything() [][]string {
	return [][]string{
		{"session", "create"},
		{"session", "create", "--count", "3"},
		{"session", "create", "--name", "shop"},
		{"session", "create", "--via", "https://shop.test/"},
		{"session", "list"},
		{"session", "list", "--local"},
		{"session", "list", "no-such"},
		{"session", "delete", "no-such"},
		{"session", "forget", "no-such"},
		{"session", "delete", "--mine"},
		{"session", "delete", "--all", "--yes"},
		{"fetch", "http://shop.test/anything"},
		{"fetch", "--session", "create", "https://shop.test/headers"},
		{"fetch", "--session", "@shop", "-i", "-L", "http://shop.test/redirect-to?url=https%3A%2F%2Fother.test%2Fheaders"},
		{"fetch", "--session", "999", "https://shop.test/"},
		{"fetch", "--curl", "--session", "@shop", "-L", "-d", "@DIR/body", "https://shop.test/"},
		{"fetch", "--fail", "https://shop.test/status/500"},
		{"fetch", "-o", "DIR/out", "-D", "DIR/heads", "-c", "DIR/jar", "--meta", "DIR/meta", "-w", "%{http_code} %{session}", "https://shop.test/cookies/set?a=b"},
		{"fetch", "-d", "@DIR/body", "-u", "me:pass", "https://shop.test/anything"},
		{"batch", "--sessions", "2", "--output-dir", "DIR/pages", "DIR/list"},
		{"batch", "--output-dir", "DIR/pages", "--resume", "DIR/list"},
		{"batch", "--dry-run", "DIR/list"},
		{"doctor"},
		{"completion", "bash"},
		{"help"},
		{"--version"},
		// Mistakes, mostly of putting the key where it does not belong.
		{"fetch", "KEY"},
		{"fetch", "http://KEY@shop.test/"},
		{"fetch", "http://shop.test/?key=KEY"},
		{"fetch", "http://KEY:8011/"},
		{"fetch", "-u", "KEY:", "http://shop.test/"},
		{"fetch", "-H", "X-Key: KEY", "http://shop.test/"},
		{"fetch", "-b", "key=KEY", "http://shop.test/"},
		{"fetch", "-H", "Proxy-Authorization: Basic KEY", "http://shop.test/"},
		{"fetch", "-e", "KEY", "http://shop.test/"},
		{"fetch", "--session", "KEY", "http://shop.test/"},
		{"fetch", "--session", "@KEY", "http://shop.test/"},
		{"fetch", "--job-id", "KEY", "http://shop.test/"},
		{"fetch", "-H", "X-Crawlera-Session: KEY", "http://shop.test/"},
		{"fetch", "-X", "KEY", "http://shop.test/"},
		{"fetch", "-d", "KEY", "http://shop.test/status/500", "--fail"},
		{"fetch", "-o", "DIR/KEY/x", "http://shop.test/"},
		{"fetch", "-w", "%{KEY}", "http://shop.test/"},
		{"fetch", "--endpoint", "http://KEY:@127.0.0.1:9/", "http://shop.test/"},
		{"fetch", "--endpoint", "http://KEY:pass word@h/", "http://shop.test/"},
		{"fetch", "--endpoint", "KEY", "http://shop.test/"},
		{"fetch", "-x", "http://KEY:@proxy:8011", "http://shop.test/"},
		{"fetch", "-U", "KEY:", "http://shop.test/"},
		{"fetch", "--api-key-file", "DIR/KEY", "http://shop.test/"},
		{"fetch", "--api-key", "KEY", "http://shop.test/"},
		{"fetch", "--timeout", "KEY", "http://shop.test/"},
		{"session", "create", "--name", "KEY"},
		{"session", "delete", "KEY"},
		{"session", "forget", "KEY"},
		{"session", "list", "KEY"},
		{"session", "delete", "@KEY"},
		{"session", "create", "--via", "http://shop.test/?KEY"},
		{"batch", "--session", "KEY", "DIR/list"},
		{"exec", "--session", "KEY", "--", "true"},
		{"exec", "--keep", "KEY", "--", "true"},
		{"exec", "--log", "DIR/KEY/x", "--", "true"},
		{"exec", "--ca", "DIR/KEY/x", "--", "true"},
		{"exec", "--", "echo", "done"},
		{"exec", "--", "KEY"},
		{"relay", "KEY"},
		{"relay", "--listen", "127.0.0.1:0=KEY"},
		{"relay", "--listen", "127.0.0.1:0", "--token-file", "DIR/KEY"},
		{"relay", "--listen", "KEY"},
		{"relay", "--listen", "127.0.0.1:0", "--ready-file", "DIR/KEY/x"},
		{"batch", "DIR/KEY"},
		{"fetch", "--KEY", "http://shop.test/"},
		{"KEY"},
		{"help", "KEY"},
		{"completion", "KEY"},
		{"doctor", "KEY"},
		{"session", "KEY"},
		{"mock", "KEY"},
	}
}

func TestNothingTellsTheKey(t *testing.T) {
	t.Parallel()
	for _, key := range secretKeys {
		var journal bytes.Buffer
		m, err := mock.Start(mock.Config{Key: key, Delay: -1, Journal: &journal})
		if err != nil {
			t.Fatal(err)
		}
		v := newVault(t, key, m.URL(), m.CACert())
		for _, more := range loud() {
			for _, args := range everything() {
				v.run(t, nil, slices.Concat(args, more)...)
			}
			os.RemoveAll(filepath.Join(v.dir, "pages"))
		}
		v.wantNothingKept(t)
		if err := m.Close(); err != nil {
			t.Error(err)
		}
		wantNoKey(t, key, "the mock's journal", journal.Bytes())
	}
}

// The configuration is where keys are, and where errors quote.
func TestNoConfigurationTellsTheKey(t *testing.T) {
	t.Parallel()
	for _, key := range secretKeys {
		inTOML := strconv.Quote(key)
		for name, text := range map[string]string{
			"good": "api_key = " + inTOML, "open": "api_key = " + inTOML, "no TOML": "api_key = " + strings.Trim(inTOML, `"`), "half a text": `api_key = "` + key,
			"unknown key": "apikey = " + inTOML, "key as a key": inTOML + " = 1", "endpoint": `endpoint = "http://` + url.QueryEscape(key) + `:@127.0.0.1:9"`,
			"bad endpoint": `endpoint = "http://` + url.QueryEscape(key) + `:@:::"`, "key as a table": "[" + inTOML + "]", "key in a list": "api_key = [" + inTOML + "]",
		} {
			v := newVault(t, key, "http://127.0.0.1:1", certificates().pem)
			path := filepath.Join(v.dir, "config.toml")
			mode := os.FileMode(0o600)
			if name == "open" {
				mode = 0o644
			}
			if err := os.WriteFile(path, []byte(text+"\n"), mode); err != nil {
				t.Fatal(err)
			}
			for _, more := range loud() {
				for _, args := range [][]string{{"fetch", "http://shop.test/"}, {"session", "list"}, {"doctor"}, {"batch", "--retry", "0", "DIR/list"}} {
					variables := []string{"SMP_CONFIG=" + path, "SMP_API_KEY="}
					if strings.Contains(name, "endpoint") {
						variables = append(variables, "SMP_ENDPOINT=") // the file's
					}
					code, _ := v.run(t, variables, slices.Concat(args, more)...)
					if name == "open" && code != exitUsage {
						t.Errorf("%s with a config file that others read: exit code %d", args, code)
					}
				}
			}
		}
		for _, variables := range [][]string{
			{"SMP_ENDPOINT=http://" + key + ":@127.0.0.1:1", "SMP_API_KEY="},
			{"SMP_ENDPOINT=" + key + "..no-host"},
			{"SMP_API_KEY=" + key + " x"},
			{"SMP_API_KEY=" + key + ":x"},
			{"SMP_API_KEY=", "SMP_API_KEY_FILE=" + key},
			{"SMP_SESSION=" + key},
			{"SMP_DELAY=" + key},
			{"SMP_CACERT=/" + key},
			{"SMP_STATE_DIR=/dev/null/" + key},
			{"SMP_TIME_SCALE=" + key},
			{"SMP_CONFIG=/" + key},
			{"SMP_INSECURE=" + key},
		} {
			v := newVault(t, key, "http://127.0.0.1:1", certificates().pem)
			for _, more := range loud() {
				for _, args := range [][]string{{"fetch", "http://shop.test/"}, {"session", "list"}, {"doctor"}} {
					v.run(t, variables, slices.Concat(args, more)...)
				}
			}
			v.wantNothingKept(t)
		}
	}
}

// echoing answers with all that it was sent, wherever an answer has a place for it.
func echoing(status string) func(*peer) {
	return func(p *peer) {
		key, secret := p.credentials()
		body := fmt.Sprintf(`{"type":"%[1]s","title":"%[2]s","detail":"%[1]s", "%[2]s":"%[1]s"} %[1]s`, key, secret)
		p.answer(status+" "+key+" "+secret, []string{
			"X-Crawlera-Error: " + key, "X-Crawlera-Session: " + key, "X-Crawlera-Slave: " + key, "Zyte-Error-Type: " + secret, "Zyte-Error-Title: " + key,
			"Set-Cookie: key=" + key, "Location: http://" + key + "/" + secret, "WWW-Authenticate: " + key, "X-Crawlera-Version: " + key,
			"X-" + strings.Map(onlyLetters, key) + ": " + key, "Content-Length: " + strconv.Itoa(len(body)), "Connection: close",
		}, body)
	}
}

func (p *peer) credentials() (key, encoded string) {
	encoded = strings.TrimPrefix(p.request.Header.Get("Authorization")+p.request.Header.Get("Proxy-Authorization"), "Basic ")
	plain, _ := base64.StdEncoding.DecodeString(encoded)
	return strings.TrimSuffix(string(plain), ":"), encoded
}

// accepting echoes in an answer without an error code, which is a target's. It may
// also be a good one of the sessions API, as far as its status goes. A target's body
// is its own affair.
func accepting(status string) func(*peer) {
	return func(p *peer) {
		key, secret := p.credentials()
		body := "hello"
		switch {
		case p.server.site == atAPI && p.request.Method == http.MethodGet:
			names, _ := json.Marshal(map[string]string{key: key, secret: "198.51.100.1", "7": key, "8": secret})
			body = string(names)
		case p.server.site == atAPI:
			body = key
		}
		p.answer(status+" "+key+" "+secret, []string{
			"X-Crawlera-Session: " + key, "X-Crawlera-Slave: " + key, "Set-Cookie: key=" + key + "; Path=/", "Location: http://" + key + "/" + secret + "?" + url.QueryEscape(key),
			"X-Crawlera-Version: " + key, "X-Basic: Basic " + secret, "X-" + strings.Map(onlyLetters, key) + ": " + key,
			"Content-Length: " + strconv.Itoa(len(body)), "Connection: close",
		}, body)
	}
}

func onlyLetters(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
		return r
	}
	return -1
}

// The service has the key, and may put it anywhere in what it answers.
func TestAServiceThatEchoesTellsNobody(t *testing.T) {
	t.Parallel()
	var cases sync.WaitGroup
	for _, key := range secretKeys {
		for _, status := range []string{"200", "302", "400", "401", "407", "503"} {
			for _, p := range planes() {
				if p.site == inTunnel {
					continue // there the credentials do not come
				}
				cases.Go(func() {
					f := &fault{play: echoing(status)}
					s := startHostile(t, p.site, f)
					for _, more := range loud() {
						if p.batch && slices.Contains(more, "--json") {
							continue
						}
						v := newVault(t, key, "http://"+s.ln.Addr().String(), certificates().pem)
						args := slices.Concat(p.args, more)
						for i := range args {
							args[i] = strings.NewReplacer("DIR/https", "DIR/list", "DIR/http", "DIR/list").Replace(args[i])
						}
						v.run(t, nil, args...)
						v.wantNothingKept(t)
					}
				})
			}
		}
	}
	cases.Wait()
}

// So it may where nothing failed: what is printed, kept, written to files and sent on
// is free of the key all the same.
func TestAServiceThatEchoesInGoodAnswersTellsNobody(t *testing.T) {
	t.Parallel()
	showing := map[bool][][]string{ // by whether a target is fetched by smp fetch
		false: {nil, {"-v"}},
		true:  {nil, {"-v"}, {"--json"}, {"-i", "-w", "%{redirect_url} %{url_effective} %{session} %{ip}"}, {"-L", "--max-redirs", "2", "-w", "%{url_effective}"}},
	}
	var cases sync.WaitGroup
	for _, key := range secretKeys {
		for _, status := range []string{"200", "201", "302", "404", "503"} {
			for _, p := range planes() {
				if p.site == inTunnel {
					continue // there the credentials do not come
				}
				cases.Go(func() {
					var sent bytes.Buffer
					var mu sync.Mutex
					s := startHostile(t, p.site, &fault{play: func(p *peer) {
						mu.Lock()
						sent.WriteString(p.request.URL.String() + " " + p.request.Header.Get("Cookie") + "\n")
						mu.Unlock()
						accepting(status)(p)
					}})
					for _, more := range showing[p.target() && !p.batch] {
						v := newVault(t, key, "http://"+s.ln.Addr().String(), certificates().pem)
						args := slices.Concat(p.args, more)
						for i := range args {
							args[i] = strings.NewReplacer("DIR/https", "DIR/list", "DIR/http", "DIR/list").Replace(args[i])
						}
						v.run(t, nil, args...)
						v.wantNothingKept(t)
					}
					mu.Lock()
					defer mu.Unlock()
					wantNoKey(t, key, "what was sent on", sent.Bytes())
				})
			}
		}
	}
	cases.Wait()
}

// wireTap keeps the raw bytes of what a target is sent, in the clear or in a tunnel.
func TestTheKeyStaysOutsideTheTunnel(t *testing.T) {
	t.Parallel()
	for _, key := range secretKeys {
		var mu sync.Mutex
		var seen bytes.Buffer
		hosts := 0
		f := &fault{play: func(p *peer) {
			mu.Lock()
			defer mu.Unlock()
			hosts++
			_ = p.request.Write(&seen)
			if p.request.URL.Path == "/" {
				p.answer("302 Found", []string{"Location: https://other.test/there", "Content-Length: 0", "Connection: close"}, "")
				return
			}
			p.answer("200 OK", []string{"Content-Length: 0", "Connection: close"}, "")
		}}
		s := startHostile(t, inTunnel, f)
		v := newVault(t, key, "http://"+s.ln.Addr().String(), certificates().pem)
		if code, _ := v.run(t, nil, "fetch", "-k", "-L", "--session", "42", "-u", "me:target's", "-H", "Cookie: mine=1", "https://shop.test/"); code != 0 {
			t.Errorf("exit code %d", code)
		}
		if hosts != 2 {
			t.Errorf("%d requests, want the first and where it leads", hosts)
		}
		sent := seen.String()
		wantNoKey(t, key, "what the target was sent", seen.Bytes())
		if strings.Contains(sent, "Proxy-Authorization") {
			t.Errorf("the target was sent the proxy's credentials:\n%s", sent)
		}
		_, second, _ := strings.Cut(sent, "other.test")
		if strings.Contains(second, http.CanonicalHeaderKey("authorization")) || strings.Contains(second, "mine=1") {
			t.Errorf("another host was sent the first one's credentials:\n%s", second)
		}
	}
}
