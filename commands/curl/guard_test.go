package curl

import (
	"encoding/base64"
	"strings"
	"testing"

	"smp/commands/term"
)

// read makes a template as commands do.
func read(o *Options, guard Guard, stdin *term.Stdin) (*Template, error) {
	t, err := Parse(o, guard, stdin)
	if err != nil {
		return nil, err
	}
	return t, t.Read(stdin)
}

func TestKeyGuard(t *testing.T) {
	t.Parallel()
	const key = "0123456789abcdef"
	basic := base64.StdEncoding.EncodeToString([]byte(key + ":"))
	withPassword := base64.StdEncoding.EncodeToString([]byte(key + ":secret"))
	for _, tt := range []struct {
		name  string
		flags Options
		url   string
	}{
		{"-u", Options{User: key + ":"}, ""},
		{"-u, as the password", Options{User: "x:" + key}, ""},
		{"a header", Options{Headers: []string{"X-Key: " + key}}, ""},
		{"a header's name", Options{Headers: []string{key + ": x"}}, ""},
		{"a header, encoded", Options{Headers: []string{"Authorization: Basic " + basic}}, ""},
		{"a header, encoded with a password", Options{Headers: []string{"Authorization: Basic " + withPassword}}, ""},
		{"the method", Options{Method: key}, ""},
		{"a body", Options{Data: []Datum{{"--data-raw", "a=" + key}}}, ""},
		{"a body, escaped", Options{Data: []Datum{{"-d", "a=%30123456789abcdef"}}}, ""},
		{"a body, escaped beside a stray percent", Options{Data: []Datum{{"--data-raw", "100%&a=0123456789abcd%65f"}}}, ""},
		{"a document", Options{Data: []Datum{{"--json-body", `{"a":"` + key + `"}`}}}, ""},
		{"a document, escaped", Options{Data: []Datum{{"--json-body", `{"a":"\u0030123456789abcdef"}`}}}, ""},
		{"the query of -G, escaped", Options{Get: true, Data: []Datum{{"-d", "@" + file(t, "a=%30123456789abcdef")}}}, ""},
		{"the query of -G", Options{Get: true, Data: []Datum{{"-d", "@" + file(t, key)}}}, ""},
		{"a form", Options{Form: []FormArg{{"a=" + key, false}}}, ""},
		{"a service flag", Options{Extra: map[string]string{"X-Crawlera-JobId": key}}, ""},
		{"a cookie", Options{Cookies: []string{"a=" + key}}, ""},
		{"the agent", Options{UserAgent: new(key)}, ""},
		{"the referer", Options{Referer: new("http://" + key + "@host/")}, ""},
		{"the URL's user", Options{}, "http://" + key + ":@host/"},
		{"the URL's query", Options{}, "http://host/?k=" + key},
		{"the URL's path, escaped", Options{}, "http://host/%30123456789abcdef"},
		{"the URL's query, escaped", Options{}, "http://host/?a=%30123456789abcdef"},
		{"the URL's query, escaped beside a stray percent", Options{}, "http://host/?b=100%&a=%30123456789abcdef"},
		{"a cookie file", Options{Cookies: []string{file(t, "a.com\tTRUE\t/\tFALSE\t0\tn\t"+key+"\n")}}, ""},
	} {
		template, err := read(&tt.flags, NewGuard(key), stdinOf(""))
		if err == nil {
			url := tt.url
			if url == "" {
				url = "http://host/"
			}
			_, err = template.Request(url)
		}
		if err == nil {
			t.Errorf("%s: it would reach the target", tt.name)
			continue
		}
		if strings.Contains(err.Error(), key) || strings.Contains(err.Error(), basic) {
			t.Errorf("%s: the error tells the key: %v", tt.name, err)
		}
		if !strings.Contains(err.Error(), "API key") {
			t.Errorf("%s: got %v, want it to name the API key", tt.name, err)
		}
	}
}

// The base64 of the bare key differs from that of a user name in its last letters.
func TestKeyGuardKnowsTheBareKeyInBase64(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"0123456789abcdef", "0123456789abcdef0", "0123456789abcdef01"} {
		for _, text := range []string{key, key + ":", key + "\n"} {
			encoded := base64.StdEncoding.EncodeToString([]byte(text))
			if NewGuard(key).Check("the body", "a="+encoded) == nil {
				t.Errorf("%s would reach the target as %s", key, encoded)
			}
		}
	}
}

// A key as short as that of a mock is no reason to refuse honest words.
func TestKeyGuardOfAShortKey(t *testing.T) {
	t.Parallel()
	guard := NewGuard("test")
	good := Options{Headers: []string{"X-Test: test"}, Cookies: []string{"a=test"}, User: "tester:latest"}
	template, err := read(&good, guard, stdinOf(""))
	if err == nil {
		_, err = template.Request("http://test.example/test?q=test")
	}
	if err != nil {
		t.Errorf("refused: %v", err)
	}
	for name, bad := range map[string]Options{
		"-u":            {User: "test:"},
		"encoded":       {Headers: []string{"X: dGVzdDo="}},
		"authorization": {Headers: []string{"authorization: Bearer test"}},
	} {
		if _, err := read(&bad, guard, stdinOf("")); err == nil {
			t.Errorf("%s: it would reach the target", name)
		}
	}
	if _, _, err := guard.Target("http://test:@host/"); err == nil {
		t.Error("the URL's user would reach the target")
	}
}

func TestKeyGuardWithoutKey(t *testing.T) {
	t.Parallel()
	flags := Options{User: ":", Headers: []string{"X: y"}}
	if _, err := read(&flags, NewGuard(""), stdinOf("")); err != nil {
		t.Error(err)
	}
}

// What is no escape of the key passes, and so does a file: it is sent as it is read.
func TestKeyGuardLetsOtherTextPass(t *testing.T) {
	t.Parallel()
	const key = "0123456789abcdef"
	for _, text := range []string{"a=%3", "%", "100%", "%zz", `\u00`, `\u0`, "a=%30%31", "@" + file(t, key)} {
		if _, err := read(&Options{Data: []Datum{{"-d", text}}}, NewGuard(key), stdinOf("")); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}
