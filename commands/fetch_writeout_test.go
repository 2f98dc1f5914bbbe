package commands

import (
	"strings"
	"testing"

	"smp/client/paced"
)

// What curl 7.88 prints for the same formats.
func TestWriteOut(t *testing.T) {
	t.Parallel()
	report := &fetchReport{redirectURL: "http://c/", Report: paced.Report{
		EffectiveURL: "http://b/", Status: 200, Session: "42", IP: "198.18.0.1",
		Bytes: 32, Elapsed: 1.5, Waited: 0.25, Attempts: 2,
	}}
	for _, tt := range []struct{ format, want string }{
		{"", ""},
		{"text", "text"},
		{"%{http_code}", "200"},
		{"%{http_code} %{size_download}\n", "200 32\n"},
		{"%{time_total} %{waited} %{attempts}", "1.500000 0.250000 2"},
		{"%{url_effective} %{redirect_url}", "http://b/ http://c/"},
		{"%{session}|%{ip}", "42|198.18.0.1"},
		{`a\tb\nc\rd`, "a\tb\nc\rd"},
		{`\x \\`, `\x \\`},
		{"100%% %", "100% %"},
		{"%%{http_code}", "%{http_code}"},
		{"%{http_code", "%{http_code"},
		{"%x %h", "%x %h"},
	} {
		w, err := parseWriteOut(tt.format)
		if err != nil {
			t.Errorf("%q: %v", tt.format, err)
		} else if got := w.format(report); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.format, got, tt.want)
		}
	}
}

func TestWriteOutOfNothing(t *testing.T) {
	t.Parallel()
	w, err := parseWriteOut("%{http_code},%{size_download},%{url_effective},%{redirect_url},%{session},%{ip},%{attempts}")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.format(&fetchReport{}), "000,0,,,,,0"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWriteOutRefusesUnknownVariables(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"%{}", "%{nope}", "a %{http_code} %{HTTP_CODE}"} {
		if _, err := parseWriteOut(format); err == nil || !strings.Contains(err.Error(), "http_code") {
			t.Errorf("%q: got %v, want an error that lists the variables", format, err)
		}
	}
}
