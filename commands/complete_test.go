package commands

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"smp/client/ledger"
)

// completed gives the words that are offered for the last word of a line.
func completed(t *testing.T, env *fakeEnv, line string) []string {
	t.Helper()
	words := strings.Split(line, " ")
	if code := env.run(t, append([]string{"__complete", strconv.Itoa(len(words))}, words...)...); code != 0 || env.err.Len() > 0 {
		t.Errorf("%q: exit code %d, stderr %q", line, code, env.err)
	}
	var found []string
	for candidate := range strings.Lines(env.out.String()) {
		word, meaning, _ := strings.Cut(strings.TrimSuffix(candidate, "\n"), "\t")
		if strings.HasPrefix(word, ":") {
			word = strings.TrimSpace(word + " " + meaning)
		}
		found = append(found, word)
	}
	return found
}

func TestComplete(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"se":                           "session",
		"session ":                     "create list delete forget run",
		"session cr":                   "create",
		"session create ":              "",
		"help session fo":              "forget",
		"help session forget ":         "",
		"--vers":                       "--version",
		"fetch --cooki":                "--cookie --cookies --cookie-jar",
		"fetch --profile ":             "desktop mobile pass",
		"fetch --profile=m":            "--profile=mobile",
		"fetch --on-dead ":             "fail replace",
		"fetch --debug u":              "ua",
		"--profile m":                  "",
		"fetch URL --cookies d":        "disable discard",
		"fetch -sSo ":                  ":files",
		"fetch -fX ":                   "",
		"fetch --cacert=x":             ":files --cacert=",
		"fetch -b ":                    ":files",
		"fetch -d ":                    "",
		"fetch -d @x":                  ":files @",
		"fetch --data=@x":              ":files --data=@",
		"fetch --data-urlencode n@x":   ":files n@",
		"fetch -F a=<x":                ":files a=<",
		"fetch -F a=b":                 "",
		"fetch -H @x":                  ":files @",
		"fetch -H mail:a@b":            "",
		"fetch --session c":            "create",
		"fetch -- -":                   "",
		"fetch --no-such-flag x --coo": "",
		"nothing ":                     "",
		"-- fe":                        "",
		"--version fe":                 "",
		"fetch --help --cookie-":       "--cookie-jar",
		"batch ":                       ":files",
		"batch --output-dir ":          ":directories",
		"completion z":                 "zsh",
		"completion zsh ":              "",
		"mock --plan b":                "basic",
		"mock --origin ":               "httpbin passthrough :directories",
		"mock --fault res":             "reset",
		"mock --fault user":            "user_session_limit user_suspended",
		"mock -- x":                    ":command 3",
		"mock --seed 3 ls -":           ":command 4",
		"session run -- sh -c x":       ":command 4",
		"session run --name x sh ":     ":command 5",
	} {
		if got := completed(t, testEnv(t), line); !slices.Equal(got, strings.Fields(want)) && strings.Join(got, " ") != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}

// A script in the middle of a version change, or a person, may ask for anything.
func TestCompleteNonsense(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"x"}, {"0", "x"}, {"-1"}, {"2"}, {"1"}, {"9", "fetch"}, {"2", "fetch", "\x00"}, {"1", "\xff"}} {
		env := testEnv(t)
		if code := env.run(t, append([]string{"__complete"}, args...)...); code != 0 || env.err.Len() > 0 {
			t.Errorf("%q: exit code %d, stderr %q", args, code, env.err)
		}
	}
}

func TestCompleteSessions(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	l, err := ledger.Open(ledger.Scope(state, "h:1", "key"), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []ledger.Session{{ID: "7", IP: "192.0.2.7"}, {ID: "12", IP: "192.0.2.1", Name: "shop"}, {ID: "30"}} {
		if err := l.Add(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.MarkDead("30"); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	known := func(variables ...string) *fakeEnv {
		return testEnv(t, append([]string{"SMP_STATE_DIR=" + state, "SMP_ENDPOINT=http://h:1", "SMP_API_KEY=key"}, variables...)...)
	}
	for line, want := range map[string]string{
		"session list ":                           "@shop 7 12",
		"session delete 7 @":                      "@shop",
		"session forget 1":                        "12",
		"session list --bad-flag ":                "",
		"fetch --session ":                        "create @shop 7 12",
		"fetch --session=@":                       "--session=@shop",
		"batch --session @":                       "@shop",
		"session list --endpoint http://h:2 ":     "",
		"session list --api-key-file - ":          "",
		"session list --api-key-file /no/such ":   "",
		"session list --endpoint http://key:@h ":  "",
		"fetch -H X-Crawlera-Session:12 --sessio": "--session",
	} {
		if got := completed(t, known(), line); strings.Join(got, " ") != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
	for _, variable := range []string{"SMP_API_KEY=", "SMP_API_KEY=other", "SMP_ENDPOINT=://", "SMP_STATE_DIR=/no/such", "SMP_CONFIG=/no/such"} {
		if got := completed(t, known(variable), "session list "); len(got) > 0 {
			t.Errorf("%s: got %q", variable, got)
		}
	}
	env := known()
	completed(t, env, "session list @")
	if want := "@shop\tsession 12 192.0.2.1\n"; env.out.String() != want {
		t.Errorf("got %q, want %q", env.out, want)
	}
}

// What has a placeholder that names files or sessions is completed, whatever
// commands come to be.
func TestCompleteEveryFlag(t *testing.T) {
	t.Parallel()
	for _, e := range all() {
		a := newApp(testEnv(t).Env, all())
		c := e.make(a)
		for _, f := range c.AllFlags() {
			got := completed(t, testEnv(t), e.name+" --"+f.Name)
			if !slices.Contains(got, "--"+f.Name) {
				t.Errorf("%s --%s is not offered: %q", e.name, f.Name, got)
			}
			if files := completed(t, testEnv(t), e.name+" --"+f.Name+" "); f.Value == "FILE" && !slices.Equal(files, []string{":files"}) {
				t.Errorf("%s --%s FILE offers %q", e.name, f.Name, files)
			}
		}
	}
}
