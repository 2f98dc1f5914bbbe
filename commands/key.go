package commands

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"

	"smp/commands/cli"
	"smp/commands/curl"
	"smp/commands/term"
)

// apiKey finds the API key: --api-key-file, then SMP_API_KEY, SMP_API_KEY_FILE and
// the userinfo of SMP_ENDPOINT, then the same of the config file, then the variable of
// the vendor's own tools. The key itself is
// never taken from the command line, which every process can read.
func (c *configReader) apiKey(ctx context.Context) error {
	endpoint := c.into.setting("endpoint")
	userinfo := c.into.key
	c.into.key = ""
	for _, source := range []struct{ origin, key, file string }{
		{origin: "--api-key-file", file: c.app.shared.apiKeyFile},
		{origin: "SMP_API_KEY", key: c.app.env.lookup("SMP_API_KEY")},
		{origin: "SMP_API_KEY_FILE", file: c.app.env.lookup("SMP_API_KEY_FILE")},
		{origin: "SMP_ENDPOINT", key: only(userinfo, endpoint.origin == "SMP_ENDPOINT")},
		{origin: c.file.path, key: c.file.values["api_key"]},
		{origin: c.file.path, file: c.file.values["api_key_file"]},
		{origin: c.file.path, key: only(userinfo, endpoint.origin == c.file.path)},
		{origin: c.into.service.KeyName, key: c.app.env.lookup(c.into.service.KeyName)},
	} {
		key, err := source.key, error(nil)
		if source.file != "" {
			key, err = c.app.readKey(ctx, source.file)
		}
		if err == nil && key != "" {
			err = checkKey(key)
		}
		if err != nil {
			return setting{key: "api_key_file", origin: source.origin}.invalid(err)
		}
		if key != "" {
			c.into.key = key
			c.note(setting{key: "api_key", value: "present", origin: source.origin, secret: true})
			return nil
		}
	}
	c.note(setting{key: "api_key", secret: true})
	return nil
}

func only(s string, wanted bool) string {
	if wanted {
		return s
	}
	return ""
}

// readKey reads the first line of a file, - for stdin.
func (a *app) readKey(ctx context.Context, name string) (string, error) {
	return term.Await(ctx, func() (string, error) { return a.readKeyLine(name) })
}

func (a *app) readKeyLine(name string) (string, error) {
	if name == "-" {
		stdin, err := a.stdin.Claim("--api-key-file")
		if err != nil {
			return "", err
		}
		return firstLine(stdin)
	}
	file, err := os.Open(name)
	if broken, ok := errors.AsType[*fs.PathError](err); ok {
		return "", broken.Err // the key itself may stand where the name of its file belongs
	}
	if err != nil {
		return "", err
	}
	defer file.Close()
	return firstLine(file)
}

// maxKeyLine bounds what is read in search of the key's end.
const maxKeyLine = 64 << 10

func firstLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, maxKeyLine)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", err
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", errors.New("the first line, which is to be the API key, is empty")
	}
	return line, nil
}

// checkKey refuses what Basic credentials cannot carry. It does not quote the key.
func checkKey(key string) error {
	for _, r := range key {
		if r <= ' ' || r == 0x7f || r == ':' {
			return fmt.Errorf("the API key holds %q, which no key has", r)
		}
	}
	return nil
}

// requireKey ends the run where no key is configured.
func (s *settings) requireKey() error {
	if s.key != "" {
		return nil
	}
	return &exitError{code: exitCredentials, err: errors.New("no API key is configured"), hints: []string{
		"export SMP_API_KEY=…, or keep the key in a file: --api-key-file FILE",
		"to try things out without one: smp mock -- COMMAND",
	}}
}

func encodedKey(key string) string { return base64.StdEncoding.EncodeToString([]byte(key + ":")) }

// redactor takes the key out of messages: the last resort, since no error should hold
// the key. It returns nil for a key so short that innocent words hold it. The replacer is
// made for the first message, since most runs have none.
func redactor(key string) func(string) string {
	if len(key) < curl.ShortKey {
		return nil
	}
	forms := sync.OnceValue(func() *strings.Replacer { return writtenForms(key) })
	return func(message string) string { return forms().Replace(message) }
}

// writtenForms finds the key however a message quotes and escapes it.
func writtenForms(key string) *strings.Replacer {
	inJSON, _ := json.Marshal(key)
	var forms []string
	for _, form := range []string{
		encodedKey(key), base64.StdEncoding.EncodeToString([]byte(key)), key, strings.Trim(strconv.Quote(key), `"`), strings.Trim(string(inJSON), `"`),
		url.QueryEscape(key), url.PathEscape(key), url.User(key).String(),
	} {
		forms = append(forms, form, "[API key]")
	}
	return strings.NewReplacer(forms...)
}

// notTyped refuses a command line that holds the key: every process of this machine can
// read it there, and what is typed is sent, kept and printed.
func (a *app) notTyped(key string) error {
	if len(key) < curl.ShortKey {
		return nil
	}
	for _, text := range a.typed {
		if strings.Contains(text, key) || strings.Contains(text, encodedKey(key)) {
			return cli.Usagef("an argument holds the API key, which every process of this machine could read").
				Hint("smp sends the key to the proxy by itself: leave it out")
		}
	}
	if strings.Contains(a.env.lookup("SMP_SESSION"), key) {
		return cli.Usagef("SMP_SESSION holds the API key, which is no session").Hint("unset SMP_SESSION")
	}
	return nil
}
