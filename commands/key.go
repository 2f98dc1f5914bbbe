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
			if source.origin != "--api-key-file" {
				if source.file, err = c.path(source.file, source.origin); err != nil {
					return err
				}
			}
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

// readKey reads the one line of a file, - for stdin.
func (a *app) readKey(ctx context.Context, name string) (string, error) {
	return term.Await(ctx, func() (string, error) { return a.readKeyLine(name) })
}

func (a *app) readKeyLine(name string) (string, error) {
	if name == "-" {
		stdin, err := a.stdin.Claim("--api-key-file")
		if err != nil {
			return "", err
		}
		return keyLine(bufio.NewReaderSize(io.LimitReader(stdin, maxKeyLine), maxKeyLine), true)
	}
	file, err := os.Open(name)
	if broken, ok := errors.AsType[*fs.PathError](err); ok {
		return "", broken.Err // the key itself may stand where the name of its file belongs
	}
	if err != nil {
		return "", err
	}
	defer file.Close()
	return keyLine(bufio.NewReaderSize(io.LimitReader(file, maxKeyLine), maxKeyLine), false)
}

// maxKeyLine bounds what is read in search of the key's end.
const maxKeyLine = 64 << 10

const byteOrderMark = "\ufeff"

// keyLine is the one line of r that is not blank. prompt says that r may be somebody
// who types: what follows the key is then not waited for.
func keyLine(r *bufio.Reader, prompt bool) (key string, err error) {
	for err == nil && !(prompt && key != "" && r.Buffered() == 0) {
		var line string
		line, err = r.ReadString('\n')
		line = strings.TrimRight(strings.TrimPrefix(line, byteOrderMark), "\r\n")
		switch {
		case strings.TrimSpace(line) == "":
		case key != "":
			return "", errors.New("a second line follows the API key, which is to be alone")
		default:
			key = line
		}
	}
	if err != nil && err != io.EOF {
		return "", err
	}
	if key == "" {
		return "", errors.New("it holds no API key: it is empty")
	}
	return key, nil
}

// checkKey refuses what no key is. Its errors quote one character of the key at most.
func checkKey(key string) error {
	for _, r := range key {
		switch {
		case r <= ' ', r >= 0x7f, r == ':':
			return fmt.Errorf("the API key holds %q, which no key has", r)
		}
	}
	if strings.ContainsAny(key, "\"'`") {
		return errors.New("the API key holds a quote, which no key has: a shell or a file left it there")
	}
	if name, value, found := strings.Cut(key, "="); found && strings.Trim(value, "=") != "" && isVariable(name) {
		return errors.New("the API key has the form NAME=value: give the value alone")
	}
	return nil
}

func isVariable(name string) bool {
	return name != "" && strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz_0123456789") == ""
}

// requireKey ends the run where no key is configured.
func (s *settings) requireKey() error {
	if s.key != "" {
		return nil
	}
	variables := "SMP_API_KEY=…"
	if s.service != nil && s.service.KeyName != "" {
		variables += " or " + s.service.KeyName + "=…"
	}
	return &exitError{code: exitCredentials, err: errors.New("no API key is configured"), hints: []string{
		"export " + variables + ", or keep the key in a file: --api-key-file FILE",
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
