package commands

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/paced"
	"smp/commands/cli"
	"smp/commands/term"
)

func TestDiagnose(t *testing.T) {
	t.Parallel()
	answer := func(class client.Class, code string, status int) error {
		return &client.Error{Op: "GET http://h/", Class: class, Code: code, Status: status}
	}
	tests := []struct {
		name string
		err  error
		code int
		hint string
	}{
		{"anything", errors.New("odd"), 1, ""},
		{"usage", cli.Usagef("bad").Hint("do better"), 2, "do better"},
		{"state", &ledger.StateError{Op: "open", Path: "/x", Err: syscall.EACCES}, 2, "SMP_STATE_DIR"},
		{"a ledger out of reach", &ledger.StateError{Op: "reach", Path: "redis://h/0", Err: syscall.ECONNREFUSED}, 2, "lets you in"},
		{"a ledger of another CA", &ledger.StateError{Op: "reach", Path: "rediss://h/0", Err: &tls.CertificateVerificationError{Err: errors.New("unknown")}}, 2, "SSL_CERT_FILE"},
		{"credentials", answer(client.Credentials, "bad_proxy_auth", 407), 3, "smp doctor"},
		{"restart", answer(client.Credentials, "", 407), 3, "--retry-auth"},
		{"plan", answer(client.Credentials, "header_auth", 470), 3, "plan"},
		{"dead session", answer(client.SessionDead, "bad_session_id", 400), 4, "smp session create"},
		{"dead while waiting", fmt.Errorf("fetch: %w", ledger.ErrSessionDead), 4, "smp session create"},
		{"unknown name", &unknownNameError{name: "shop"}, 4, "--name shop"},
		{"limit", answer(client.Later, "user_session_limit", 400), 5, "smp session delete --mine"},
		{"later", answer(client.Later, "serverbusy", 503), 5, "--retry 5"},
		{"too late", &ledger.TooLate{Session: "42", Wait: 11500 * time.Millisecond}, 5, "--max-wait 12"},
		{"too late after a wait", &ledger.TooLate{Session: "42", Waited: 30 * time.Second, Wait: 12 * time.Second}, 5, "--max-wait 42"},
		{"behind a stopped process", &ledger.TooLate{Session: "42", Wait: 12 * time.Second, Unanswered: true}, 5, "--unpaced"},
		{"a busy neighbour", &ledger.BusyError{Kind: "name", Name: "shop", Waited: time.Second}, 5, "--max-wait 60"},
		{"a busy neighbour for long", &ledger.BusyError{Kind: "name", Name: "shop", Waited: 90 * time.Second}, 5, "--max-wait 180"},
		{"banned", answer(client.Upstream, "banned", 503), 6, "another session"},
		{"unknown code", answer(client.Upstream, "brand_new", 599), 6, "--retry 3"},
		{"network", &client.Error{Class: client.Network, Err: syscall.ECONNREFUSED}, 7, "smp doctor"},
		{"deadline", &paced.TimeoutError{After: time.Minute}, 7, "--timeout 2m"},
		{"too slow", &client.Error{Class: client.Network, Err: &paced.TimeoutError{After: 30 * time.Minute}}, 7, "--timeout 1h"},
		{"hard limit", &client.Error{Class: client.Later, Status: 503, Service: client.ServiceHeaders{RetryAfter: 1500 * time.Millisecond}}, 5, "in 2s"},
		{"plan without a code", answer(client.Credentials, "", 470), 3, "plan"},
		{"refused tunnel", answer(client.Unforeseen, "", 403), 1, "smp doctor"},
		{"hopeless", answer(client.Hopeless, "bad_header", 400), 10, "-v"},
		{"too many redirects", &paced.RedirectError{From: &url.URL{}, TooMany: true}, 1, "--max-redirs"},
		{"output", &fs.PathError{Op: "write", Path: "page", Err: syscall.ENOSPC}, 2, ""},
		{"own code", &exitError{code: 22, err: errors.New("404")}, 22, ""},
		{"own code decides", &exitError{code: 125, err: cli.Usagef("x")}, 125, ""},
		{"stdout full", &term.WriteError{Err: syscall.ENOSPC}, 1, ""},
		{"first of many", joinParts([]error{nil, answer(client.Later, "", 429), cli.Usagef("x")}), 5, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := diagnose(t.Context(), tt.err)
			if d.code != tt.code || d.silent {
				t.Errorf("code %d, silent %v; want %d", d.code, d.silent, tt.code)
			}
			if hints := strings.Join(d.hints, "\n"); !strings.Contains(hints, tt.hint) {
				t.Errorf("hints %q lack %q", hints, tt.hint)
			}
		})
	}
}

func TestEveryClassHasAnExitCode(t *testing.T) {
	t.Parallel()
	want := map[client.Class]int{
		client.Unforeseen: 1, client.Credentials: 3, client.SessionDead: 4, client.Later: 5,
		client.Upstream: 6, client.Network: 7, client.Hopeless: 10,
	}
	for class := client.Unforeseen; class <= client.Hopeless; class++ {
		if got := diagnose(t.Context(), &client.Error{Class: class}).code; got != want[class] {
			t.Errorf("class %d: exit code %d, want %d", class, got, want[class])
		}
	}
}

func TestSilentEnds(t *testing.T) {
	t.Parallel()
	interrupted, stop := context.WithCancelCause(t.Context())
	stop(&SignalError{Signal: syscall.SIGINT})
	for name, tt := range map[string]struct {
		ctx  context.Context
		err  error
		code int
	}{
		"closed pipe":              {t.Context(), &term.WriteError{Err: syscall.EPIPE}, 141},
		"signal":                   {interrupted, context.Canceled, 130},
		"error caused by a signal": {interrupted, &client.Error{Class: client.Network}, 130},
		"own code, nothing to say": {t.Context(), &exitError{code: 3}, 3},
		"COMMAND's code wins":      {interrupted, &exitError{code: 5}, 5},
	} {
		d := diagnose(tt.ctx, tt.err)
		if d.code != tt.code || !d.silent {
			t.Errorf("%s: code %d, silent %v; want %d", name, d.code, d.silent, tt.code)
		}
	}
}

func TestErrorJSON(t *testing.T) {
	t.Parallel()
	a := newApp(testEnv(t).Env, nil)
	failed := &client.Error{
		Op: "GET http://h/", Class: client.Later, Code: "serverbusy", Status: 503,
		Service: client.ServiceHeaders{Session: "42", RetryAfter: 1500 * time.Millisecond},
	}
	got, err := json.Marshal(a.errorJSON(t.Context(), failed))
	if err != nil {
		t.Fatal(err)
	}
	message, err := json.Marshal(failed.Error())
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`{"code":"serverbusy","status":503,"message":%s,"session":"42","retry_after_s":1.5}`, message)
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if a.errorJSON(t.Context(), nil) != nil {
		t.Error("no error is not null")
	}
}

func TestOneDocumentOnFailure(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"--json", "--json nothing", "session --json", "session list --json --bogus", "--json session list surplus",
		"session list --json", "session create --json --count 0", "session delete --json", "session delete --json a/b",
	} {
		env := testEnv(t)
		code := env.run(t, strings.Fields(line)...)
		var document struct{ Error *paced.Failure }
		if err := json.Unmarshal(env.out.Bytes(), &document); err != nil || document.Error == nil || document.Error.Message == "" {
			t.Errorf("%s: stdout %q: %v", line, env.out, err)
		}
		if code != 2 && code != 3 {
			t.Errorf("%s: exit code %d", line, code)
		}
		if !strings.HasPrefix(env.err.String(), "smp: error: ") {
			t.Errorf("%s: stderr %q", line, env.err)
		}
	}
}

func TestPartsError(t *testing.T) {
	t.Parallel()
	if joinParts([]error{nil, nil}) != nil {
		t.Error("no failure is a failure")
	}
	errs := make([]error, 15)
	for i := range errs {
		errs[i] = fmt.Errorf("part %d", i)
	}
	err := joinParts(errs)
	if !errors.Is(err, errs[0]) || errors.Is(err, errs[1]) {
		t.Error("not the first failure decides")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != maxToldFailures+1 || lines[maxToldFailures] != "and 5 more failed" {
		t.Errorf("got %q", lines)
	}
}
