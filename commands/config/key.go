package config

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"smp/client/ledger"
)

// apiKey finds the API key: --api-key-file, then SMP_API_KEY, SMP_API_KEY_FILE and
// the userinfo of SMP_ENDPOINT. The same of the config file come next, and the
// variable of the vendor's own tools last. The key itself is never taken from the
// command line, which every process can read.
func (r *Reader) apiKey() error {
	endpoint := r.Settings.Setting("endpoint")
	userinfo := r.Settings.Key
	r.Settings.Key = ""
	for _, source := range []struct{ origin, key, file string }{
		{origin: "--api-key-file", file: r.Flags.APIKeyFile},
		{origin: "SMP_API_KEY", key: r.Lookup("SMP_API_KEY")},
		{origin: "SMP_API_KEY_FILE", file: r.Lookup("SMP_API_KEY_FILE")},
		{origin: "SMP_ENDPOINT", key: only(userinfo, endpoint.Origin == "SMP_ENDPOINT")},
		{origin: r.file.Path, key: r.file.Values["api_key"]},
		{origin: r.file.Path, file: r.file.Values["api_key_file"]},
		{origin: r.file.Path, key: only(userinfo, endpoint.Origin == r.file.Path)},
		{origin: r.Settings.Service.KeyName, key: r.Lookup(r.Settings.Service.KeyName)},
	} {
		key, err := source.key, error(nil)
		if source.file != "" {
			if source.origin != "--api-key-file" {
				if source.file, err = r.path(source.file, source.origin); err != nil {
					return err
				}
			}
			key, err = r.readKey(source.file)
		}
		if err == nil && key != "" {
			err = CheckKey(key)
		}
		if err != nil {
			return Setting{Key: "api_key_file", Origin: source.origin}.Invalid(err)
		}
		if key != "" {
			r.Settings.Key = key
			r.note(Setting{Key: "api_key", Value: "present", Origin: source.origin})
			return nil
		}
	}
	r.note(Setting{Key: "api_key"})
	return nil
}

func only(s string, wanted bool) string {
	if wanted {
		return s
	}
	return ""
}

// readKey reads the one line of a file, - for stdin.
func (r *Reader) readKey(name string) (string, error) {
	if name == "-" {
		stdin, err := r.Stdin.Claim("--api-key-file")
		if err != nil {
			return "", err
		}
		return keyLine(stdin, true)
	}
	file, err := os.Open(name)
	if broken, ok := errors.AsType[*fs.PathError](err); ok {
		return "", broken.Err // the key itself may stand where the name of its file belongs
	}
	if err != nil {
		return "", err
	}
	defer file.Close()
	return keyLine(file, false)
}

// maxKeyLine bounds what is read in search of the key's end.
const maxKeyLine = 64 << 10

const byteOrderMark = "\ufeff"

// keyLine is the one line of source that is not blank. prompt says that source may be
// somebody who types: what follows the key is then not waited for.
func keyLine(source io.Reader, prompt bool) (key string, err error) {
	r := bufio.NewReaderSize(io.LimitReader(source, maxKeyLine), maxKeyLine)
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

// CheckKey refuses what no key is. Its errors quote one character of the key at most.
func CheckKey(key string) error {
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

// KeyFile is the file that flags and environment say the API key is in; empty where they
// say none, "-" for stdin.
func (s Source) KeyFile() string {
	if s.Flags.APIKeyFile != "" || s.Lookup("SMP_API_KEY") != "" {
		return s.Flags.APIKeyFile
	}
	return ledger.ExpandHome(s.Lookup, s.Lookup("SMP_API_KEY_FILE"))
}
