package commands

import (
	"strings"
	"testing"
)

// What people type who come from elsewhere, or in a hurry, and what they are told.
// The words of others that stand for ours work.
func TestAliases(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"session ls -h": "help session list", "session rm -h": "help session delete", "help session rm": "help session delete",
		"version": "--version", "-v version": "--version",
	} {
		got, meant := testEnv(t), testEnv(t)
		if code := got.run(t, strings.Fields(line)...); code != 0 {
			t.Errorf("%s: exit code %d, %s", line, code, got.err)
		}
		meant.run(t, strings.Fields(want)...)
		if got.out.String() != meant.out.String() {
			t.Errorf("%s is not %s", line, want)
		}
	}
}

func TestHintsForSlips(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"fecth http://a":                        "did you mean smp fetch",
		"sessions list":                         "did you mean smp session",
		"session crate":                         "did you mean smp session create",
		"create":                                "did you mean smp session create",
		"rm 42":                                 "did you mean smp session delete",
		"remove 42":                             "did you mean smp session delete",
		"session remove 42":                     "did you mean smp session delete",
		"session show 42":                       "smp session list ID|@NAME",
		"session info 42":                       "smp session list ID|@NAME",
		"session get 42":                        "smp session list ID|@NAME",
		"session rename a b":                    "smp session forget @NAME, then smp session create --name NAME",
		"session prune":                         "smp session delete --mine",
		"session create @foo":                   "smp session create --name foo",
		"config":                                "smp doctor",
		"status":                                "smp doctor",
		"env":                                   "smp doctor",
		"login":                                 "export SMP_API_KEY",
		"get http://a":                          "did you mean smp fetch",
		"curl http://a":                         "did you mean smp fetch",
		"run -- sh":                             "smp session run -- COMMAND, or smp exec -- COMMAND",
		"http://example.com/":                   "did you mean smp fetch URL",
		"session version":                       "smp help session",
		"help ftech":                            "did you mean smp fetch",
		"":                                      "or one of: session, fetch, batch, exec, relay, mock",
		"--verison":                             "did you mean --version",
		"fetch --heder A: http://a":             "did you mean --header",
		"fetch --retries 3 http://a":            "--retry N",
		"fetch --compresed http://a":            "did you mean --compressed",
		"fetch --api-key k http://a":            "export SMP_API_KEY",
		"fetch --key k http://a":                "export SMP_API_KEY",
		"fetch --cert c http://a":               "no client certificate",
		"fetch --rate 5/m http://a":             "--delay D",
		"fetch --limit-rate 5k http://a":        "leave it out",
		"fetch --bearer t http://a":             "Authorization: Bearer TOKEN",
		"fetch -C - http://a":                   "Range: bytes=N-",
		"fetch -# http://a":                     "leave it out",
		"fetch --json {} http://a":              "smp fetch --json-body '{}' URL",
		"batch --output out list":               "--output-dir DIR",
		"batch -o out list":                     "--output-dir DIR",
		"batch -j 3 list":                       "--sessions N",
		"batch --parallel 3 list":               "--sessions N",
		"mock --port 80":                        "--listen 127.0.0.1:PORT",
		"fetch -x http://p http://a":            "--endpoint http://HOST:PORT",
		"fetch -xhttp://p http://a":             "--endpoint http://HOST:PORT",
		"fetch --proxy=http://p http://a":       "--endpoint http://HOST:PORT",
		"session list --socks5 h:1":             "--endpoint http://HOST:PORT",
		"fetch -U key: http://a":                "--api-key-file FILE",
		"fetch -fsSUkey: http://a":              "--api-key-file FILE",
		"fetch --proxy-user key: http://a":      "--api-key-file FILE",
		"fetch -K conf http://a":                "export SMP_CONFIG=FILE",
		"fetch --config conf http://a":          "export SMP_CONFIG=FILE",
		"fetch -Z http://a http://b":            "smp batch FILE",
		"fetch --parallel http://a":             "smp batch FILE",
		"fetch -T file http://a":                "-X PUT --data-binary @FILE",
		"fetch --upload-file f http://a":        "-X PUT --data-binary @FILE",
		"fetch -r 0-5 http://a":                 "Range: bytes=0-99",
		"fetch --netrc http://a":                "--user NAME:PASS",
		"fetch -N http://a":                     "leave it out",
		"fetch --http2 http://a":                "leave it out",
		"session list -r":                       "smp help session list",
		"session list --url u":                  "smp help session list",
		"fetch --url http://a":                  "smp fetch URL",
		"fetch --proxy-cacert ca.pem https://a": "--cacert FILE",
		"session list --sesion":                 "smp help session list",
	} {
		env := testEnv(t)
		code := env.run(t, strings.Fields(line)...)
		if code != 2 || !strings.Contains(env.err.String(), "\nsmp: hint: ") || !strings.Contains(env.err.String(), want) {
			t.Errorf("%s: exit code %d, told\n%s\tinstead of %q", line, code, env.err, want)
		}
		if strings.Contains(line, "key:") && strings.Contains(env.err.String(), "key:") {
			t.Errorf("%s: repeats the key\n%s", line, env.err)
		}
	}
}
