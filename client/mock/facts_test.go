package mock

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestFactsAreWellFormed(t *testing.T) {
	t.Parallel()
	marks := []Mark{Documented, Observed, Guessed, Unknown}
	flag := regexp.MustCompile(`^--[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	var areas []string
	for _, f := range Facts() {
		if f.Fact == "" || f.Mock == "" || f.Source == "" || !slices.Contains(marks, f.Mark) {
			t.Errorf("incomplete: %+v", f)
		}
		if seen[f.Area+f.Fact] {
			t.Errorf("twice: %s", f.Fact)
		}
		seen[f.Area+f.Fact] = true
		if f.Flag != "" && !flag.MatchString(f.Flag) {
			t.Errorf("%s: %q is no flag", f.Fact, f.Flag)
		}
		if len(areas) == 0 || areas[len(areas)-1] != f.Area {
			areas = append(areas, f.Area)
		}
		if strings.ContainsAny(f.Fact+f.Mock+f.Source, "\t\n\x1b") {
			t.Errorf("%s: a control character", f.Fact)
		}
		if f.Source == noSource && f.Mark != Unknown {
			t.Errorf("%s: %s without a source", f.Fact, f.Mark)
		}
	}
	if sorted := slices.Compact(slices.Sorted(slices.Values(areas))); len(sorted) != len(areas) {
		t.Errorf("the areas are mixed: %v", areas)
	}
}

func TestFactsAreTheCallers(t *testing.T) {
	t.Parallel()
	Facts()[0].Fact = "changed"
	if Facts()[0].Fact == "changed" {
		t.Error("a caller changed the table")
	}
}

// The rows that name a number or a code of the mock's name the right one.
func TestFactsTellTheDefaults(t *testing.T) {
	t.Parallel()
	cfg, err := Config{}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	row := func(fact string) Fact {
		for _, f := range Facts() {
			if strings.HasPrefix(f.Fact, fact) {
				return f
			}
		}
		t.Errorf("no row on %q", fact)
		return Fact{}
	}
	for _, tc := range []struct{ fact, holds, is string }{
		{"every answer has X-Crawlera-Version", row("every answer has X-Crawlera-Version").Mock, version},
		{"error code of that 470", row("error code of that 470").Mock, cfg.HeaderAuthCode},
		{"DELETE of an unknown session", row("DELETE of an unknown session").Mock, "400"},
		{"/sessions without valid credentials", row("/sessions without valid credentials").Mock, "401"},
		{"text of the 407", row("text of the 407").Mock, failed("bad_proxy_auth").body},
		{"requests of one outgoing IP", row("requests of one outgoing IP").Fact, cfg.Delay.String()[:2]},
	} {
		if !strings.Contains(tc.holds, tc.is) {
			t.Errorf("%s: the table says %q, the mock %q", tc.fact, tc.holds, tc.is)
		}
	}
	if cfg.DeleteStatus != http.StatusBadRequest || cfg.SessionsAuthStatus != http.StatusUnauthorized || cfg.Attempts != 3 {
		t.Error("a default has changed, and the table has not")
	}
}
