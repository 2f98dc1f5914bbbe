package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/BurntSushi/toml"

	"smp/client"
	"smp/client/ledger"
	"smp/commands/cli"
	"smp/commands/term"
)

// Keys are the keys a config file may have, besides the tables [delays] and [targets].
var Keys = []string{
	"endpoint", "api_key", "api_key_file", "cacert", "insecure", "proxy_insecure",
	"timeout", "connect_timeout", "delay", "state_dir", "service", "rpm",
	"ledger", "ledger_password_file",
}

// File is what the config file says. The zero value is no file.
type File struct {
	Path    string
	Mode    fs.FileMode
	Values  map[string]string
	Delays  map[string]time.Duration // by domain, lower case
	targets map[string]time.Duration // the same
}

// ReadFile reads SMP_CONFIG, else the user's own file if there is one.
func ReadFile(lookup func(string) string) (File, error) {
	path, err := environmentPath(lookup, "SMP_CONFIG", lookup("SMP_CONFIG"))
	if err != nil {
		return File{}, err
	}
	named := path != ""
	if !named {
		path = DefaultPath(lookup)
	}
	if path == "" {
		return File{}, nil
	}
	content, mode, err := readWithMode(path)
	if !named && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)) {
		return File{}, nil
	}
	if err != nil {
		return File{}, cli.Usagef("config file: %v", err)
	}
	file := File{Path: path, Mode: mode, Values: map[string]string{}}
	return file, file.decode(string(content))
}

func readWithMode(path string) ([]byte, fs.FileMode, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	content, err := os.ReadFile(path)
	return content, info.Mode(), err
}

// DefaultPath is the user's own config file, whether it is there or not; empty where there
// is no home.
func DefaultPath(lookup func(string) string) string {
	if dir := lookup("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "smp", "config.toml")
	}
	if home := ledger.HomeDir(lookup); home != "" {
		return filepath.Join(home, ".config", "smp", "config.toml")
	}
	return ""
}

func (f *File) decode(content string) error {
	var tree map[string]any
	_, err := toml.Decode(content, &tree)
	if err != nil {
		return cli.Usagef("%s is not TOML: %s", f.Path, tomlPosition(err))
	}
	for key, value := range tree {
		if into := f.table(key); into != nil {
			if *into, err = f.decodeTable(key, value); err != nil {
				return err
			}
			continue
		}
		if !slices.Contains(Keys, key) {
			return f.unknownKey(key)
		}
		plain, ok := plainText(value)
		switch {
		case !ok:
			return cli.Usagef("%s in %s is not a string, a number, true or false", key, f.Path)
		case plain == "":
			return cli.Usagef("%s in %s is empty", key, f.Path)
		}
		f.Values[key] = plain
	}
	if f.Values["api_key"] != "" {
		return f.private()
	}
	return nil
}

func (f *File) unknownKey(key string) error {
	err := cli.Usagef("%s has an unknown key", f.Path) // which may be an API key that lacks its name
	if strings.Trim(key, "abcdefghijklmnopqrstuvwxyz_-") == "" {
		err = cli.Usagef("%s has the unknown key %q", f.Path, key)
	}
	if near := cli.Nearest(key, append(Keys, "delays", "targets")); near != "" {
		return err.Hint("did you mean %s", near)
	}
	return err.Hint("keys are %s, and the tables [delays] and [targets]", strings.Join(Keys, ", "))
}

// table is where a table of the file goes; nil where the key is none of one.
func (f *File) table(key string) *map[string]time.Duration {
	switch key {
	case "delays":
		return &f.Delays
	case "targets":
		return &f.targets
	}
	return nil
}

// decodeTable reads durations by domain.
func (f *File) decodeTable(name string, value any) (map[string]time.Duration, error) {
	table, ok := value.(map[string]any)
	if !ok {
		return nil, cli.Usagef("%s in %s is not a table", name, f.Path).Hint("write [%s], and below it \"shop.com\" = \"60s\"", name)
	}
	durations := make(map[string]time.Duration, len(table))
	for domain, value := range table {
		plain, _ := plainText(value)
		d, err := cli.ParseDuration(plain)
		if err != nil {
			return nil, cli.Usagef("[%s] %q in %s: %v", name, domain, f.Path, err)
		}
		host, err := client.ASCIIHost(strings.Trim(domain, ".。"))
		if err == nil && (host == "" || strings.ContainsAny(host, "/@:*?# ") && net.ParseIP(host) == nil) {
			err = fmt.Errorf("%q is not a domain", domain)
		}
		if err != nil {
			return nil, cli.Usagef("[%s] in %s: %v", name, f.Path, err)
		}
		durations[host] = d
	}
	return durations, nil
}

// private refuses a file that holds the API key and that others can read.
func (f *File) private() error {
	if runtime.GOOS == "windows" || f.Mode.Perm()&0o077 == 0 {
		return nil
	}
	return cli.Usagef("%s holds the API key, and others can read it (mode %04o)", f.Path, f.Mode.Perm()).
		Hint("chmod 600 %s", term.Word(f.Path))
}

// plainText writes a TOML value as it would be typed elsewhere.
func plainText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	}
	return "", false
}

// tomlPosition says where and how a file breaks.
func tomlPosition(err error) string {
	if parse := new(toml.ParseError); errors.As(err, parse) {
		return fmt.Sprintf("line %d: %s", parse.Position.Line, withoutQuotes(parse.Message))
	}
	return "it cannot be read"
}

// withoutQuotes leaves out what a message quotes, which may be the API key.
func withoutQuotes(message string) string {
	first, last := strings.IndexAny(message, "'\"`"), strings.LastIndexAny(message, "'\"`")
	if first < 0 {
		return message
	}
	return strings.TrimSpace(message[:first] + "…" + message[last+1:])
}
