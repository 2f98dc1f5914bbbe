package answer

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"smp/client/paced"
)

// What curl 7.88 prints for the same formats.
func TestWriteOut(t *testing.T) {
	t.Parallel()
	report := &Report{redirectURL: "http://c/", Report: paced.Report{
		EffectiveURL: "http://b/", Status: 200, Session: "42", IP: "198.18.0.1",
		Bytes: 32, Elapsed: 1.5, Waited: 0.25, Attempts: 2, Headers: http.Header{"Content-Type": {"text/plain"}, "X-A": {"one", "two"}},
	}, redirects: 3, uploaded: 5, answered: 500 * time.Millisecond}
	for _, tt := range []struct{ format, want string }{
		{"", ""},
		{"text", "text"},
		{"%{http_code}", "200"},
		{"%{http_code} %{size_download}\n", "200 32\n"},
		{"%{time_total} %{waited} %{attempts}", "1.500000 0.250000 2"},
		{"%{url_effective} %{redirect_url}", "http://b/ http://c/"},
		{"%{session}|%{ip}", "42|198.18.0.1"},
		{"%{response_code} %{content_type} %header{X-A}|%header{x-none}", "200 text/plain one|"},
		{"%{num_redirects} %{size_upload} %{time_starttransfer}", "3 5 0.500000"},
		{"%header{", "%header{"},
		{
			"%{json}",
			`{"http_code":200,"response_code":200,"content_type":"text/plain","size_download":32,"size_upload":5,"time_total":1.500000,` +
				`"time_starttransfer":0.500000,"num_redirects":3,"url_effective":"http://b/","redirect_url":"http://c/","session":"42",` +
				`"ip":"198.18.0.1","waited":0.250000,"attempts":2}`,
		},
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
		} else if got := w.Format(report, asIs); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.format, got, tt.want)
		}
	}
}

func asIs(s string) string { return s }

func TestWriteOutOfNothing(t *testing.T) {
	t.Parallel()
	w, err := parseWriteOut("%{http_code},%{size_download},%{url_effective},%{redirect_url},%{session},%{ip},%{attempts}")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.Format(&Report{}, asIs), "000,0,,,,,0"; got != want {
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
