package commands

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestKeyGuard(t *testing.T) {
	t.Parallel()
	const key = "0123456789abcdef"
	basic := base64.StdEncoding.EncodeToString([]byte(key + ":"))
	withPassword := base64.StdEncoding.EncodeToString([]byte(key + ":secret"))
	for _, tt := range []struct {
		name  string
		flags requestFlags
		url   string
	}{
		{"-u", requestFlags{user: key + ":"}, ""},
		{"-u, as the password", requestFlags{user: "x:" + key}, ""},
		{"a header", requestFlags{headers: []string{"X-Key: " + key}}, ""},
		{"a header's name", requestFlags{headers: []string{key + ": x"}}, ""},
		{"a header, encoded", requestFlags{headers: []string{"Authorization: Basic " + basic}}, ""},
		{"a header, encoded with a password", requestFlags{headers: []string{"Authorization: Basic " + withPassword}}, ""},
		{"the method", requestFlags{method: key}, ""},
		{"a body", requestFlags{data: []datum{{"--data-raw", "a=" + key}}}, ""},
		{"the query of -G", requestFlags{get: true, data: []datum{{"-d", "@" + file(t, key)}}}, ""},
		{"a form", requestFlags{form: []formArg{{"a=" + key, false}}}, ""},
		{"a service flag", requestFlags{service: map[string]string{"X-Crawlera-JobId": key}}, ""},
		{"a cookie", requestFlags{cookies: []string{"a=" + key}}, ""},
		{"the agent", requestFlags{agent: known(key)}, ""},
		{"the referer", requestFlags{referer: known("http://" + key + "@host/")}, ""},
		{"the URL's user", requestFlags{}, "http://" + key + ":@host/"},
		{"the URL's query", requestFlags{}, "http://host/?k=" + key},
		{"the URL's path, escaped", requestFlags{}, "http://host/%30123456789abcdef"},
		{"the URL's query, escaped", requestFlags{}, "http://host/?a=%30123456789abcdef"},
		{"a cookie file", requestFlags{cookies: []string{file(t, "a.com\tTRUE\t/\tFALSE\t0\tn\t"+key+"\n")}}, ""},
	} {
		template, err := tt.flags.template(newKeyGuard(key), stdinOf(""))
		if err == nil {
			url := tt.url
			if url == "" {
				url = "http://host/"
			}
			_, err = template.request(url)
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
			if newKeyGuard(key).check("the body", "a="+encoded) == nil {
				t.Errorf("%s would reach the target as %s", key, encoded)
			}
		}
	}
}

// A key is looked for in messages from the length on from which the client does.
func TestRedactor(t *testing.T) {
	t.Parallel()
	const key = "ab%cd\"ef"
	redact := redactor(key)
	for _, form := range []string{key, "ab%25cd%22ef", `ab%cd\"ef`, encodedKey(key), base64.StdEncoding.EncodeToString([]byte(key))} {
		if got := redact("it says " + form + "!"); got != "it says [API key]!" {
			t.Errorf("%s is shown as %q", form, got)
		}
	}
	if redactor(key[1:]) != nil {
		t.Error("a shorter key is looked for")
	}
}

// A key as short as that of a mock is no reason to refuse honest words.
func TestKeyGuardOfAShortKey(t *testing.T) {
	t.Parallel()
	guard := newKeyGuard("test")
	good := requestFlags{headers: []string{"X-Test: test"}, cookies: []string{"a=test"}, user: "tester:latest"}
	template, err := good.template(guard, stdinOf(""))
	if err == nil {
		_, err = template.request("http://test.example/test?q=test")
	}
	if err != nil {
		t.Errorf("refused: %v", err)
	}
	for name, bad := range map[string]requestFlags{
		"-u":            {user: "test:"},
		"encoded":       {headers: []string{"X: dGVzdDo="}},
		"authorization": {headers: []string{"authorization: Bearer test"}},
	} {
		if _, err := bad.template(guard, stdinOf("")); err == nil {
			t.Errorf("%s: it would reach the target", name)
		}
	}
	if _, _, err := guard.target("http://test:@host/"); err == nil {
		t.Error("the URL's user would reach the target")
	}
}

func TestKeyGuardWithoutKey(t *testing.T) {
	t.Parallel()
	flags := requestFlags{user: ":", headers: []string{"X: y"}}
	if _, err := flags.template(newKeyGuard(""), stdinOf("")); err != nil {
		t.Error(err)
	}
}
