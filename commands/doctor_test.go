package commands

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"smp/client"
	"smp/commands/cli"
	"smp/commands/config"
	"smp/commands/term"
)

// A CA that is of no use is what fetch tells of, not that it is unknown.
func TestHintsOnTrust(t *testing.T) {
	t.Parallel()
	const year = 365 * 24 * time.Hour
	failed := &client.Error{Op: "TLS", Class: client.Network, Err: x509.UnknownAuthorityError{}}
	for ca, want := range map[string]string{
		testCA(t, time.Now().Add(-2*year), time.Now().Add(-year)): "the CA of SMP_CACERT is of no use: it expired on ",
		testCA(t, time.Now().Add(-year), time.Now().Add(year)):    "as ever",
	} {
		a := newApp(testEnv(t).Env, nil)
		a.config = &config.Settings{CACert: []byte(ca), List: []config.Setting{{Key: "cacert", Value: "ca.pem", Origin: "SMP_CACERT"}}}
		if hints := a.hintsOnTrust(failed, []string{"as ever"}); len(hints) != 1 || !strings.HasPrefix(hints[0], want) {
			t.Errorf("got %q, want %q", hints, want)
		}
	}
}

func TestReadAuthorities(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	year := 365 * 24 * time.Hour
	good, better := testCA(t, now.Add(-year), now.Add(year)), testCA(t, now.Add(-year), now.Add(2*year))
	expired, early := testCA(t, now.Add(-2*year), now.Add(-year)), testCA(t, now.Add(year), now.Add(2*year))
	for name, tt := range map[string]struct {
		text    string
		until   time.Time
		problem string
	}{
		"one":              {good, now.Add(year), ""},
		"the latest":       {good + better + expired, now.Add(2 * year), ""},
		"a key beside":     {string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")})) + good, now.Add(year), ""},
		"expired":          {expired, time.Time{}, "it expired on 2025-06-01"},
		"not yet":          {early, time.Time{}, "it is not valid before 2027-06-01"},
		"none":             {"", time.Time{}, "it holds no PEM certificate"},
		"text":             {"hello", time.Time{}, "it holds no PEM certificate"},
		"a broken one":     {string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")})), time.Time{}, "x509"},
		"broken and good":  {string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")})) + good, now.Add(year), ""},
		"expired and soon": {expired + good, now.Add(year), ""},
	} {
		until, err := readAuthorities([]byte(tt.text), now)
		if !until.Equal(tt.until) || (err == nil) != (tt.problem == "") || err != nil && !strings.Contains(err.Error(), tt.problem) {
			t.Errorf("%s: got %v, %v", name, until, err)
		}
	}
}

func testCA(t *testing.T, from, until time.Time) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: until, IsCA: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func TestCompareClocks(t *testing.T) {
	t.Parallel()
	for ahead, want := range map[time.Duration]string{
		0:                "ok: the endpoint's clock agrees",
		30 * time.Second: "ok: the endpoint's clock agrees",
		-time.Hour:       "warn: this clock is 1h behind the endpoint's",
		time.Hour:        "warn: this clock is 1h ahead of the endpoint's",
	} {
		e := &examination{config: &config.Settings{Scale: 1}}
		e.compareClocks(http.Header{"Date": {time.Now().Add(-ahead).UTC().Format(http.TimeFormat)}})
		got := strings.NewReplacer("1h0m1s", "1h", "59m59s", "1h").Replace(string(e.findings[0].grade) + ": " + e.findings[0].detail)
		if got != want {
			t.Errorf("%v ahead: got %q, want %q", ahead, got, want)
		}
	}
	silent := &examination{config: &config.Settings{Scale: 1}}
	silent.compareClocks(http.Header{"Date": {"yesterday"}})
	silent.config.Scale = 60
	silent.compareClocks(http.Header{"Date": {time.Unix(0, 0).UTC().Format(http.TimeFormat)}})
	if len(silent.findings) > 0 {
		t.Errorf("got %v", silent.findings)
	}
}

// The exit code is that of the first failure; what comes after it is counted.
func TestDoctorFailure(t *testing.T) {
	t.Parallel()
	e := &examination{}
	e.ok("a", "fine")
	e.warn("b", "do", "odd")
	if err := e.failure(); err != nil {
		t.Errorf("got %v", err)
	}
	e.fail("c", cli.Usagef("bad").Hint("do it well"), "")
	if got, want := fmt.Sprint(e.failure()), "c: bad"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	e.fail("d", errors.New("worse"), "despair")
	err := e.failure()
	exit, ok := errors.AsType[*exitError](err)
	if want := "c: bad (the first of 2 failures)"; !ok || exit.code != exitUsage || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
	if e.findings[2].advice != "do it well" || e.findings[3].advice != "despair" {
		t.Errorf("advice: %q, %q", e.findings[2].advice, e.findings[3].advice)
	}
}

// People get lines that fit their terminal.
func TestDoctorForPeople(t *testing.T) {
	t.Parallel()
	for _, width := range []int{40, 80, 200} {
		env := testEnv(t)
		env.Stdout = term.Stream{Writer: new(bytes.Buffer), Terminal: true, Width: func() int { return width }}
		e := &examination{app: newApp(env.Env, nil)}
		e.note(finding{grade: gradeOK, name: "endpoint", detail: "http://127.0.0.1:8011", origin: "SMP_ENDPOINT"})
		e.warn("reachable", strings.Repeat("do this ", 20), "%s", strings.Repeat("it is so ", 20)+"\x1b[31m")
		text := e.forPeople()
		for line := range strings.Lines(text) {
			if term.Width(strings.TrimSuffix(line, "\n")) > width {
				t.Errorf("%d columns: %q is wider", width, line)
			}
		}
		if !strings.Contains(text, "→ do this") || strings.Contains(text, "[31m\n") && !strings.Contains(text, `\x1b[31m`) {
			t.Errorf("%d columns:\n%s", width, text)
		}
	}
}
