package commands

import (
	"errors"
	"fmt"
	"io/fs"
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
	"smp/commands/cli"
)

// configKeys are the keys a config file may have, besides the table [delays].
var configKeys = []string{
	"endpoint", "api_key", "api_key_file", "cacert", "insecure", "proxy_insecure",
	"timeout", "connect_timeout", "delay", "state_dir", "service", "rpm",
	"ledger", "ledger_password_file",
}

// configFile is what the config file says. The zero value is no file.
type configFile struct {
	path    string
	mode    fs.FileMode
	values  map[string]string
	delays  map[string]time.Duration // by domain, lower case
	targets map[string]time.Duration // the same
}

// readConfigFile reads SMP_CONFIG, else the user's own file if there is one.
func readConfigFile(env Env) (configFile, error) {
	path, err := environmentPath(env, "SMP_CONFIG", env.lookup("SMP_CONFIG"))
	if err != nil {
		return configFile{}, err
	}
	named := path != ""
	if !named {
		path = defaultConfigPath(env)
	}
	if path == "" {
		return configFile{}, nil
	}
	content, mode, err := readWithMode(path)
	if !named && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)) {
		return configFile{}, nil
	}
	if err != nil {
		return configFile{}, cli.Usagef("config file: %v", err)
	}
	file := configFile{path: path, mode: mode, values: map[string]string{}}
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

func defaultConfigPath(env Env) string {
	if dir := env.lookup("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "smp", "config.toml")
	}
	if home := homeDir(env); home != "" {
		return filepath.Join(home, ".config", "smp", "config.toml")
	}
	return ""
}

// homeDir gives the user's home, or nothing.
func homeDir(env Env) string {
	variable := "HOME"
	if runtime.GOOS == "windows" {
		variable = "USERPROFILE"
	}
	return env.lookup(variable)
}

func (f *configFile) decode(content string) error {
	var tree map[string]any
	_, err := toml.Decode(content, &tree)
	if err != nil {
		return cli.Usagef("%s is no TOML: %s", f.path, tomlPosition(err))
	}
	for key, value := range tree {
		if into := f.table(key); into != nil {
			if *into, err = f.decodeTable(key, value); err != nil {
				return err
			}
			continue
		}
		if !slices.Contains(configKeys, key) {
			return f.unknownKey(key)
		}
		plain, ok := plainText(value)
		if !ok || plain == "" {
			return cli.Usagef("%s in %s: a text, a number, or true or false is wanted", key, f.path)
		}
		f.values[key] = plain
	}
	if f.values["api_key"] != "" {
		return f.private()
	}
	return nil
}

func (f *configFile) unknownKey(key string) error {
	err := cli.Usagef("%s has an unknown key", f.path) // which may be an API key that lacks its name
	if strings.Trim(key, "abcdefghijklmnopqrstuvwxyz_-") == "" {
		err = cli.Usagef("%s has the unknown key %q", f.path, key)
	}
	if near := cli.Nearest(key, append(configKeys, "delays", "targets")); near != "" {
		return err.Hint("did you mean %s", near)
	}
	return err.Hint("keys are %s, and the tables [delays] and [targets]", strings.Join(configKeys, ", "))
}

// table is where a table of the file goes; nil where the key is none of one.
func (f *configFile) table(key string) *map[string]time.Duration {
	switch key {
	case "delays":
		return &f.delays
	case "targets":
		return &f.targets
	}
	return nil
}

// decodeTable reads durations by domain.
func (f *configFile) decodeTable(name string, value any) (map[string]time.Duration, error) {
	table, ok := value.(map[string]any)
	if !ok {
		return nil, cli.Usagef("%s in %s is no table", name, f.path).Hint("write [%s], and below it \"shop.com\" = \"60s\"", name)
	}
	durations := make(map[string]time.Duration, len(table))
	for domain, value := range table {
		plain, _ := plainText(value)
		d, err := cli.ParseDuration(plain)
		if err != nil {
			return nil, cli.Usagef("[%s] %q in %s: %v", name, domain, f.path, err)
		}
		host, err := client.ASCIIHost(strings.Trim(domain, ".。"))
		if err != nil {
			return nil, cli.Usagef("[%s] in %s: %v", name, f.path, err)
		}
		durations[host] = d
	}
	return durations, nil
}

// private refuses a file that holds the API key and that others can read.
func (f *configFile) private() error {
	if runtime.GOOS == "windows" || f.mode.Perm()&0o077 == 0 {
		return nil
	}
	return cli.Usagef("%s holds the API key, and others can read it (mode %04o)", f.path, f.mode.Perm()).
		Hint("chmod 600 %s", f.path)
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

// tomlPosition says where a file breaks. The library's message could quote the
// line, and with it the API key.
func tomlPosition(err error) string {
	if parse := new(toml.ParseError); errors.As(err, parse) {
		return fmt.Sprintf("line %d cannot be read", parse.Position.Line)
	}
	return "it cannot be read"
}
