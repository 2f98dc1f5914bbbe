package request

import (
	"net/http"
	"strings"
	"testing"

	"smp/client"
	"smp/commands/cli"
	"smp/commands/config"
	"smp/commands/curl"
)

// set gives flags as they are typed: a name, then its value.
func set(t *testing.T, flags []cli.Flag, typed ...string) {
	t.Helper()
	for ; len(typed) > 1; typed = typed[2:] {
		if err := cli.FindFlag(flags, typed[0]).Set(typed[1]); err != nil {
			t.Fatalf("--%s %s: %v", typed[0], typed[1], err)
		}
	}
}

// A session is that of the flags, else of a header, else of the environment; flag and
// header must agree.
func TestRef(t *testing.T) {
	t.Parallel()
	none, header := new(""), new("8")
	for name, tt := range map[string]struct {
		typed       []string
		header      *string
		environment string
		want, fails string
	}{
		"nothing":               {nil, nil, "", "", ""},
		"the environment":       {nil, nil, "@shop", "@shop", ""},
		"the flag":              {[]string{"session", "7"}, nil, "@shop", "7", ""},
		"the header":            {nil, header, "@shop", "8", ""},
		"both, alike":           {[]string{"session", "8"}, header, "", "8", ""},
		"both":                  {[]string{"session", "7"}, header, "", "", `--session says "7" and the header X-Crawlera-Session "8"`},
		"no session":            {[]string{"no-session", "true"}, nil, "@shop", "", ""},
		"the header is removed": {nil, none, "@shop", "", ""},
		"no session and one":    {[]string{"no-session", "true", "session", "7"}, nil, "", "", "do not go together"},
		"no session, a header":  {[]string{"no-session", "true"}, header, "", "", "do not go together"},
		"a bad one":             {nil, nil, "a b", "", "SMP_SESSION: "},
	} {
		var o SessionFlags
		set(t, o.Declare(), tt.typed...)
		ref, err := o.Ref(&config.Settings{Service: client.SPM}, tt.header, tt.environment)
		switch {
		case tt.fails != "":
			if err == nil || !strings.Contains(err.Error(), tt.fails) {
				t.Errorf("%s: got %v, want %q", name, err, tt.fails)
			}
		case err != nil || ref.String() != tt.want:
			t.Errorf("%s: got %v, %v, want %s", name, ref, err, tt.want)
		}
	}
}

// What a service has nothing like is refused under the name of its flag.
func TestAskNamesTheFlag(t *testing.T) {
	t.Parallel()
	for service, typed := range map[*client.Service][2]string{client.SPM: {"ip-type", "residential"}, client.ZyteAPI: {"cookies", "enable"}} {
		var o curl.Options
		set(t, DeclareService(&o), typed[0], typed[1])
		err := Ask(service, &o)
		if err == nil || !strings.Contains(err.Error(), "has nothing like --"+typed[0]) {
			t.Errorf("%s: got %v, want it to name --%s", service.Title, err, typed[0])
		}
	}
	if err := CheckHeaders(client.SPM, http.Header{"X-Mine": {"1"}}); err != nil {
		t.Errorf("a header of no service: %v", err)
	}
}

func TestRulesInCurlsWords(t *testing.T) {
	t.Parallel()
	o := RuleFlags{MaxRedirects: DefaultMaxRedirects}
	set(t, o.Declare(), "location", "true", "retry", "3", "retry-delay", "1.2s", "retry-auth", "true", "on-dead", "replace")
	if err := o.Check(); err != nil {
		t.Fatal(err)
	}
	var line curl.CommandLine
	o.Curl(&line)
	if got, want := strings.Join(line.Words, " "), "-L --retry 3 --retry-delay 2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := strings.Join(line.Lost, " "), "--retry-auth --on-dead"; got != want {
		t.Errorf("lost %s, want %s", got, want)
	}
	var alone RuleFlags
	set(t, alone.Declare(), "retry-delay", "1")
	if alone.Check() == nil {
		t.Error("--retry-delay goes without --retry")
	}
}
