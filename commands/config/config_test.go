package config

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"smp/client"
	"smp/commands/cli"
	"smp/commands/term"
)

// testSource is where the settings of a test come from: variables, and flags as they
// are typed.
func testSource(t *testing.T, variables []string, flags ...string) Source {
	t.Helper()
	values := map[string]string{}
	for _, v := range variables {
		name, value, _ := strings.Cut(v, "=")
		values[name] = value
	}
	return Source{
		Flags:  parseFlags(t, flags),
		Lookup: func(name string) string { return values[name] },
		Stdin:  term.NewStdin(strings.NewReader("of-stdin\n")),
	}
}

func parseFlags(t *testing.T, typed []string) *Flags {
	t.Helper()
	flags := new(Flags)
	probe := func() *cli.Command {
		return &cli.Command{Name: "probe", Shared: append(flags.Pace(), flags.Connection()...), Run: func(context.Context, []string) error { return nil }}
	}
	p := &cli.Program{Name: "smp", Commands: []cli.Entry{{Name: "probe", Make: probe}}, Shared: func() []cli.Flag { return nil }}
	inv, err := p.Parse(append([]string{"probe"}, typed...))
	if err == nil {
		err = inv.Execute(t.Context(), func() {})
	}
	if err != nil {
		t.Fatal(err)
	}
	return flags
}

// configure reads the settings of a config file with this content, of variables and of
// flags. An empty content is no file. path is the file's.
func configure(t *testing.T, content string, variables []string, flags ...string) (s *Settings, path string, err error) {
	t.Helper()
	if content != "" {
		path = filepath.Join(t.TempDir(), "config.toml")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		variables = append(slices.Clip(variables), "SMP_CONFIG="+path)
	}
	s, err = Read(testSource(t, variables, flags...))
	return s, path, err
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	file := "endpoint = \"file:1\"\ntimeout = \"3s\"\ninsecure = true\n"
	tests := []struct {
		name, file    string
		env, flags    []string
		key           string
		value, origin string
	}{
		{"default", "", nil, nil, "endpoint", client.SPM.Endpoint, "default"},
		{"file", file, nil, nil, "endpoint", "http://file:1", "CONFIG"},
		{"environment over file", file, []string{"SMP_ENDPOINT=env:1"}, nil, "endpoint", "http://env:1", "SMP_ENDPOINT"},
		{"flag over all", file, []string{"SMP_ENDPOINT=env:1"}, []string{"--endpoint", "flag:1"}, "endpoint", "http://flag:1", "--endpoint"},
		{"empty variable is unset", file, []string{"SMP_ENDPOINT="}, nil, "endpoint", "http://file:1", "CONFIG"},
		{"https keeps its scheme", "", []string{"SMP_ENDPOINT=https://h:8014"}, nil, "endpoint", "https://h:8014", "SMP_ENDPOINT"},
		{"number in file", "timeout = 7\n", nil, nil, "timeout", "7", "CONFIG"},
		{"switch in file", file, nil, nil, "insecure", "true", "CONFIG"},
		{"switch taken back", file, nil, []string{"--insecure=false"}, "insecure", "false", "--insecure"},
		{"regular name", "", []string{"SMP_CONNECT_TIMEOUT=9"}, nil, "connect_timeout", "9", "SMP_CONNECT_TIMEOUT"},
		{"service of the endpoint", "", []string{"SMP_ENDPOINT=api.zyte.com:8011"}, nil, "service", "zyte-api", "default"},
		{"service over the endpoint", "", []string{"SMP_ENDPOINT=api.zyte.com:8011"}, []string{"--service", "spm"}, "service", "spm", "--service"},
		{"endpoint of the service", "", []string{"SMP_SERVICE=zyte-api"}, nil, "endpoint", client.ZyteAPI.Endpoint, "default"},
		{"delay of the service", "service = \"zyte-api\"\n", nil, nil, "delay", "0s", "default"},
		{"delay over the service's", "", []string{"SMP_SERVICE=zyte-api", "SMP_DELAY=5s"}, nil, "delay", "5s", "SMP_DELAY"},
		{"rpm", "rpm = 300\n", nil, nil, "rpm", "300", "CONFIG"},
		{"proxy variables are never read", "", []string{"HTTP_PROXY=http://p:1", "ALL_PROXY=http://p:1"}, nil, "endpoint", client.SPM.Endpoint, "default"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, path, err := configure(t, tt.file, tt.env, tt.flags...)
			if err != nil {
				t.Fatal(err)
			}
			origin := strings.Replace(tt.origin, "CONFIG", path, 1)
			if got := s.Setting(tt.key); got.Value != tt.value || got.Origin != origin {
				t.Errorf("got %s, want %q of %s", got, tt.value, origin)
			}
		})
	}
}

func TestKeySources(t *testing.T) {
	t.Parallel()
	keyFile := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(keyFile, []byte("of-file\r\n\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, file   string
		env, flags   []string
		want, origin string
	}{
		{"none", "", nil, nil, "", ""},
		{"variable", "", []string{"SMP_API_KEY=of-env"}, nil, "of-env", "SMP_API_KEY"},
		{"file flag over variable", "", []string{"SMP_API_KEY=of-env"}, []string{"--api-key-file", keyFile}, "of-file", "--api-key-file"},
		{"variable over its file", "", []string{"SMP_API_KEY=of-env", "SMP_API_KEY_FILE=" + keyFile}, nil, "of-env", "SMP_API_KEY"},
		{"file variable", "", []string{"SMP_API_KEY_FILE=" + keyFile}, nil, "of-file", "SMP_API_KEY_FILE"},
		{"stdin", "", nil, []string{"--api-key-file", "-"}, "of-stdin", "--api-key-file"},
		{"userinfo", "", []string{"SMP_ENDPOINT=http://of-user:@h:1"}, nil, "of-user", "SMP_ENDPOINT"},
		{"variable over userinfo", "", []string{"SMP_ENDPOINT=http://of-user:@h:1", "SMP_API_KEY=of-env"}, nil, "of-env", "SMP_API_KEY"},
		{"userinfo of an endpoint not used", "", []string{"SMP_ENDPOINT=http://of-user:@h:1"}, []string{"--endpoint", "other:1"}, "", ""},
		{"config", "api_key = \"of-config\"\n", nil, nil, "of-config", "CONFIG"},
		{"config's userinfo", "endpoint = \"http://of-user:@h:1\"\n", nil, nil, "of-user", "CONFIG"},
		{"config's file", fmt.Sprintf("api_key_file = %q\n", keyFile), nil, nil, "of-file", "CONFIG"},
		{"the vendor's variable", "", []string{"SMP_SERVICE=zyte-api", "ZYTE_API_KEY=of-vendor"}, nil, "of-vendor", "ZYTE_API_KEY"},
		{"ours over the vendor's", "", []string{"SMP_SERVICE=zyte-api", "ZYTE_API_KEY=of-vendor", "SMP_API_KEY=of-env"}, nil, "of-env", "SMP_API_KEY"},
		{"the vendor's variable is of its service", "", []string{"ZYTE_API_KEY=of-vendor"}, nil, "", ""},
		{"environment over config", "api_key = \"of-config\"\n", []string{"SMP_API_KEY_FILE=" + keyFile}, nil, "of-file", "SMP_API_KEY_FILE"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, path, err := configure(t, tt.file, tt.env, tt.flags...)
			if err != nil {
				t.Fatal(err)
			}
			origin := strings.Replace(tt.origin, "CONFIG", path, 1)
			if s.Key != tt.want || s.Setting("api_key").Origin != origin {
				t.Errorf("got %q of %q, want %q of %q", s.Key, s.Setting("api_key").Origin, tt.want, origin)
			}
			for _, shown := range s.List {
				if tt.want != "" && strings.Contains(fmt.Sprint(shown, shown.Value), tt.want) {
					t.Errorf("%s shows the key", shown.Key)
				}
			}
		})
	}
}

func TestConfigurationRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty, two, wide := filepath.Join(dir, "empty"), filepath.Join(dir, "two"), filepath.Join(dir, "wide")
	for name, content := range map[string]string{empty: "\n \r\n", two: "SECRETKEY\n\nSECRETKEY2", wide: "\xff\xfeS\x00E\x00"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name, file string
		env, flags []string
		want       string
	}{
		{"key in argv", "", nil, []string{"--endpoint", "http://SECRETKEY:@h:1"}, "--endpoint holds an API key"},
		{"malformed endpoint", "", []string{"SMP_ENDPOINT=http://SECRETKEY:@h:port"}, nil, "SMP_ENDPOINT: "},
		{"endpoint with path", "", nil, []string{"--endpoint", "http://h:1/sessions"}, "--endpoint: "},
		{"unknown key", "endpiont = \"h\"\n", nil, nil, `unknown key "endpiont"`},
		{"broken file", "api_key = \"SECRETKEY\n", nil, nil, "line 1: "},
		{"list in file", "endpoint = [\"h\"]\n", nil, nil, "endpoint in "},
		{"empty in file", "endpoint = \"\"\n", nil, nil, "endpoint in "},
		{"delays no table", "delays = 5\n", nil, nil, "delays in "},
		{"bad delay of a domain", "[delays]\n\"shop.com\" = \"soon\"\n", nil, nil, `[delays] "shop.com"`},
		{"no domain", "[delays]\n\"\" = 5\n", nil, nil, `"" is not a domain`},
		{"URL for a domain", "[targets]\n\"http://shop.com/\" = 5\n", nil, nil, `"http://shop.com/" is not a domain`},
		{"port behind a domain", "[targets]\n\"shop.com:80\" = 5\n", nil, nil, `"shop.com:80" is not a domain`},
		{"pattern for a domain", "[delays]\n\"*.shop.com\" = 5\n", nil, nil, `"*.shop.com" is not a domain`},
		{"rate that is no pace", "", nil, []string{"--rpm", "1e-12"}, "--rpm: "},
		{"named file is missing", "", []string{"SMP_CONFIG=/nonexistent/config.toml"}, nil, "config file: "},
		{"bad duration", "", []string{"SMP_DELAY=soon"}, nil, "SMP_DELAY: "},
		{"negative duration", "", nil, []string{"--timeout", "-5"}, "--timeout: "},
		{"bad switch", "", []string{"SMP_INSECURE=perhaps"}, nil, "SMP_INSECURE: "},
		{"bad scale", "", []string{"SMP_TIME_SCALE=0"}, nil, "SMP_TIME_SCALE: "},
		{"missing CA", "", nil, []string{"--cacert", "/nonexistent/ca.pem"}, "--cacert: "},
		{"missing key file", "", nil, []string{"--api-key-file", "/nonexistent/key"}, "--api-key-file: "},
		{"empty key file", "", nil, []string{"--api-key-file", empty}, "--api-key-file: it holds no API key"},
		{"key with colon", "", []string{"SMP_API_KEY=SECRETKEY:"}, nil, "SMP_API_KEY: "},
		{"key in quotes", "", []string{"SMP_API_KEY=\"SECRETKEY\""}, nil, "a quote"},
		{"key in apostrophes", "", []string{"SMP_API_KEY='SECRETKEY'"}, nil, "a quote"},
		{"key with its name", "", []string{"SMP_API_KEY=SMP_API_KEY=SECRETKEY"}, nil, "NAME=value"},
		{"key in other letters", "", []string{"SMP_API_KEY=SECRETKEYé"}, nil, "SMP_API_KEY: "},
		{"two keys in a file", "", nil, []string{"--api-key-file", two}, "a second line"},
		{"UTF-16 key file", "", nil, []string{"--api-key-file", wide}, "--api-key-file: "},
		{"key with an apostrophe", "", []string{"SMP_API_KEY=SECRET'KEY"}, nil, "SMP_API_KEY: the API key holds a quote"},
		{"key with a quote", "", []string{"SMP_API_KEY=SECRET\"KEY"}, nil, "SMP_API_KEY: the API key holds a quote"},
		{"relative state", "", []string{"SMP_STATE_DIR=state"}, nil, "SMP_STATE_DIR: the path is relative"},
		{"relative CA", "", []string{"SMP_CACERT=ca.pem"}, nil, "SMP_CACERT: the path is relative"},
		{"relative config file", "", []string{"SMP_CONFIG=config.toml"}, nil, "SMP_CONFIG: the path is relative"},
		{"relative password file", "", []string{"SMP_LEDGER=redis://h", "SMP_LEDGER_PASSWORD_FILE=pw"}, nil, "SMP_LEDGER_PASSWORD_FILE: the path is relative"},
		{"the key in the place of its file", "", []string{"SMP_API_KEY_FILE=SECRETKEY"}, nil, "SMP_API_KEY_FILE: the path is relative"},
		{"tiny scale", "", []string{"SMP_TIME_SCALE=1e-12"}, nil, "SMP_TIME_SCALE: "},
		{"huge scale", "", []string{"SMP_TIME_SCALE=1e300"}, nil, "SMP_TIME_SCALE: "},
		{"timeout of nothing", "", nil, []string{"--timeout", "1e-300"}, "--timeout: "},
		{"key with newline", "", []string{"SMP_API_KEY=SECRETKEY\nX: y"}, nil, "SMP_API_KEY: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := configure(t, tt.file, tt.env, tt.flags...)
			usage, ok := err.(*cli.UsageError)
			if !ok {
				t.Fatalf("got %v, want a usage error", err)
			}
			if !strings.Contains(usage.Message, tt.want) {
				t.Errorf("%q lacks %q", usage.Message, tt.want)
			}
			if strings.Contains(usage.Message, "SECRETKEY") {
				t.Errorf("%q quotes the key", usage.Message)
			}
		})
	}
}

// A key file is written by people and their editors.
func TestKeyFileOfEditors(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"k1=", "k1=\n", "k1=\r\n", "\ufeffk1=\r\n", "\n\r\n\nk1=\n\n \n"} {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		s, _, err := configure(t, "", nil, "--api-key-file", path)
		if err != nil || s.Key != "k1=" {
			t.Errorf("%q: %v, %v", content, s, err)
		}
	}
}

// "~/" is the home for the config file's own path, too.
func TestTheConfigFileAtHome(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "smp.toml"), []byte("delay = 7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _, err := configure(t, "", []string{"HOME=" + home, "SMP_CONFIG=~/smp.toml"})
	if err != nil || s.delay != 7*time.Second {
		t.Errorf("%v, %v", s, err)
	}
}

// "~/" is the home, and what the config file names lies beside it.
func TestConfiguredPaths(t *testing.T) {
	t.Parallel()
	home, dir := t.TempDir(), t.TempDir()
	for _, name := range []string{filepath.Join(home, "key"), filepath.Join(dir, "key")} {
		if err := os.WriteFile(name, []byte(filepath.Base(filepath.Dir(name))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name, file string
		env        []string
		key, state string
	}{
		{"of the environment", "", []string{"SMP_API_KEY_FILE=~/key", "SMP_STATE_DIR=~/st"}, home, filepath.Join(home, "st")},
		{"of the file, at home", "api_key_file = \"~/key\"\nstate_dir = \"~/st\"\n", nil, home, filepath.Join(home, "st")},
		{"of the file, beside it", "api_key_file = \"key\"\nstate_dir = \"st\"\n", nil, dir, filepath.Join(dir, "st")},
		{"of the file, written out", "api_key_file = \"" + dir + "/key\"\nstate_dir = \"/st\"\n", nil, dir, "/st"},
	} {
		config := filepath.Join(dir, "config.toml")
		if err := os.WriteFile(config, []byte(tt.file), 0o600); err != nil {
			t.Fatal(err)
		}
		s, _, err := configure(t, "", append(tt.env, "HOME="+home, "SMP_CONFIG="+config))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if s.Key != filepath.Base(tt.key) || s.Setting("state_dir").Value != tt.state {
			t.Errorf("%s: key %q and state %q, want %q and %q", tt.name, s.Key, s.Setting("state_dir").Value, filepath.Base(tt.key), tt.state)
		}
	}
}

func TestConfigFileIsPrivate(t *testing.T) {
	t.Parallel()
	for content, refused := range map[string]bool{
		"api_key = \"k\"\n":                true,
		"endpoint = \"http://k:@h:1\"\n":   true,
		"endpoint = \"http://h:1\"\n":      false,
		"api_key_file = \"/dev/stdin\"\n#": false,
	} {
		path := filepath.Join(t.TempDir(), "config.toml")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o640); err != nil {
			t.Fatal(err)
		}
		_, _, err := configure(t, "", []string{"SMP_CONFIG=" + path, "SMP_API_KEY=k"})
		usage, isUsage := err.(*cli.UsageError)
		if isUsage != refused {
			t.Errorf("%q: got %v", content, err)
		}
		if refused && !strings.Contains(strings.Join(usage.Hints, ""), "chmod 600 "+path) {
			t.Errorf("hints %q", usage.Hints)
		}
	}
}

func TestConfigPath(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		env  []string
		want string
	}{
		{[]string{"HOME=/home/u"}, "/home/u/.config/smp/config.toml"},
		{[]string{"HOME=/home/u", "XDG_CONFIG_HOME=/x"}, "/x/smp/config.toml"},
		{[]string{"HOME=/home/u", "XDG_CONFIG_HOME=relative"}, "/home/u/.config/smp/config.toml"},
		{nil, ""},
	} {
		if got := DefaultPath(testSource(t, tt.env).Lookup); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.env, got, tt.want)
		}
	}
}

func TestTimeScale(t *testing.T) {
	t.Parallel()
	s, _, err := configure(t, "", []string{"SMP_TIME_SCALE=100", "SMP_DELAY=12s"})
	if err != nil {
		t.Fatal(err)
	}
	if s.delay != 12*time.Second {
		t.Errorf("a given delay was scaled to %v", s.delay)
	}
	if s.Timeout != defaultTimeout/100 {
		t.Errorf("the built-in timeout is %v", s.Timeout)
	}
	if s.ConnectTimeout != leastNetworkTimeout || s.SessionTimeout != leastNetworkTimeout {
		t.Errorf("limits of the network were scaled to %v and %v", s.ConnectTimeout, s.SessionTimeout)
	}
}

func TestConnectingIsPartOfARequest(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		env  string
		args []string
		want time.Duration
	}{
		{"", nil, defaultConnectTimeout},
		{"", []string{"-m", "5"}, 5 * time.Second},
		{"", []string{"-m", "5", "--connect-timeout", "0"}, 5 * time.Second},
		{"", []string{"-m", "5", "--connect-timeout", "2"}, 2 * time.Second},
		{"", []string{"-m", "0"}, defaultConnectTimeout},
		{"SMP_TIME_SCALE=1000000", nil, leastNetworkTimeout},
	} {
		s, _, err := configure(t, "", []string{tt.env}, tt.args...)
		if err != nil || s.Connecting() != tt.want {
			t.Errorf("%v %v: %v, %v; want %v", tt.env, tt.args, s.Connecting(), err, tt.want)
		}
	}
}

func TestTimeouts(t *testing.T) {
	t.Parallel()
	s, _, err := configure(t, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.Timeout != 20*time.Minute || s.SessionTimeout != time.Minute || s.ConnectTimeout != 30*time.Second || s.delay != 12*time.Second {
		t.Errorf("defaults are %v %v %v %v", s.Timeout, s.SessionTimeout, s.ConnectTimeout, s.delay)
	}
	if s, _, err = configure(t, "", nil, "-m", "5"); err != nil || s.Timeout != 5*time.Second || s.SessionTimeout != s.Timeout {
		t.Errorf("-m 5: %v %v", s, err)
	}
}

func TestDelayFor(t *testing.T) {
	t.Parallel()
	file := "delay = 3\n[delays]\n\"shop.com\" = \"60s\"\n\"fast.shop.com\" = 1\n\"127.0.0.1\" = 2\n"
	hosts := map[string]time.Duration{
		"shop.com": time.Minute, "SHOP.com.": time.Minute, "www.shop.com:443": time.Minute,
		"fast.shop.com": time.Second, "a.b.fast.shop.com": time.Second,
		"noshop.com": 3 * time.Second, "com": 3 * time.Second, "127.0.0.1:80": 2 * time.Second,
	}
	s, _, err := configure(t, file, nil)
	if err != nil {
		t.Fatal(err)
	}
	typed, _, err := configure(t, file, nil, "--delay", "5")
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range hosts {
		if got := s.DelayFor(host); got != want {
			t.Errorf("%s: got %v, want %v", host, got, want)
		}
		if got := typed.DelayFor(host); got != 5*time.Second {
			t.Errorf("%s with --delay 5: got %v", host, got)
		}
	}
}

func TestStdinIsReadOnce(t *testing.T) {
	t.Parallel()
	source := testSource(t, nil, "--api-key-file", "-")
	if _, err := Read(source); err != nil {
		t.Fatal(err)
	}
	if _, err := source.Stdin.Claim("-"); err == nil {
		t.Error("a second reader of stdin got it")
	}
}

// Whatever a config file holds, it is read, or refused without quoting a value.
func FuzzConfigFile(f *testing.F) {
	for _, s := range []string{
		`endpoint = "http://h:1"`, "api_key = \"k\"\n[delays]\n\"a.b\" = \"3s\"", "delay = 5.5", "timeout = \"\"", "[delays]\nx = -1", "a.b = 1", "delays = 3",
		"api_key = 'SECRET", "SECRET = 1", "insecure = [true]", "delay = nan", "state_dir = 1979-05-27", "\"\" = 1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) {
		file := File{Path: "config.toml", Mode: 0o600, Values: map[string]string{}, Delays: map[string]time.Duration{}}
		if err := file.decode(content); err != nil {
			if strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%q: %v", content, err)
			}
			return
		}
		for _, d := range file.Delays {
			if d < 0 {
				t.Errorf("%q: a delay of %s", content, d)
			}
		}
	})
}
