package commands

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"smp/client"

	"github.com/google/go-cmp/cmp"

	"smp/client/batch"
	"smp/commands/config"
	"smp/commands/curl"
	"smp/commands/term"
)

func progressed(lines, total, failed int) batch.Progress {
	return batch.Progress{
		Counts: batch.Counts{
			Lines: total, Succeeded: lines - failed, Failed: failed, Retried: 4, Sessions: 20, Resting: 14,
			Failures: map[string]int{"network": failed - failed/3, "upstream": failed / 3},
		},
		Total: total, Rate: 1.7, Left: 3*time.Minute + 200*time.Millisecond,
	}
}

func TestProgressText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		p    batch.Progress
		want string
	}{
		{"in the middle", progressed(500, 1000, 6), "500 of 1000 lines (50%), 6 failed (4 network, 2 upstream), 3m1s left, 1.7/s, 20 sessions (14 waiting), 4 repeated"},
		{"of unknown length", batch.Progress{Counts: batch.Counts{Succeeded: 7, Sessions: 1}, Rate: 0.05, Left: -1}, "7 lines, 3.0/min, 1 session"},
		{"fast", batch.Progress{Counts: batch.Counts{Succeeded: 7}, Rate: 5000.4, Left: -1}, "7 lines, 5000/s, 0 sessions"},
		{"resumed", batch.Progress{Counts: batch.Counts{Skipped: 90, Succeeded: 5}, Total: 100, Rate: 10, Left: 0}, "95 of 100 lines (95%), 0s left, 10/s, 0 sessions"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := progressText(test.p); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// A line fits the terminal, has a bar where there is room, and begins with what matters.
func TestProgressLineAtAnyWidth(t *testing.T) {
	t.Parallel()
	p := progressed(500, 1000, 6)
	for width := range 300 {
		line := progressLine(p, width)
		bar := strings.Index(line, "] ") + 2
		if bar == 1 {
			bar = 0
		}
		if !strings.HasPrefix(line[bar:], "500 of 1000 lines (50%)") || !strings.HasPrefix(progressText(p), line[bar:]) {
			t.Fatalf("width %d: %q", width, line)
		}
		if (bar > 0) != (width >= barFrom) || width >= barFrom && (len(line) > width || bar < leastBar+barAround || bar > mostBar+barAround) {
			t.Errorf("width %d: a line of %d, bar of %d: %q", width, len(line), bar, line)
		}
		if full := strings.Count(line[:bar], "="); bar > 0 && full != (bar-barAround)/2 {
			t.Errorf("width %d: half is %q", width, line)
		}
	}
	if line, want := progressLine(p, 79), "[=========          ] 500 of 1000 lines (50%), 6 failed (4 network, 2 upstream)"; line != want {
		t.Errorf("at 80 columns: %q", line)
	}
}

func TestSummaryForPeople(t *testing.T) {
	t.Parallel()
	p := progressed(990, 1000, 9)
	p.Skipped, p.Bytes, p.Elapsed, p.Bound = 5, 3<<20, 588*time.Second, 585*time.Second
	p.Made, p.Lost, p.Kept, p.IPs, p.Adopted = 23, 3, 1, 22, 2
	want := []string{
		"1000 lines: 981 succeeded, 5 before, 9 failed (6 network, 3 upstream), 5 open, 3.0 MiB in 9m48s",
		"23 sessions made, 2 adopted, 3 lost, 1 left behind, 22 outgoing IPs, the delay alone takes 9m45s",
	}
	if diff := cmp.Diff(want, newBatchSummary(p).tell()); diff != "" {
		t.Error(diff)
	}
}

// sentFor makes the request of a line of JSON or text.
func sentFor(t *testing.T, flags *curl.Options, line string) (method, url, body string, header http.Header, err error) {
	t.Helper()
	template, err := curl.Parse(flags, curl.NewGuard("secretkey"), term.NewStdin(nil))
	if err == nil {
		err = template.Read(term.NewStdin(nil))
	}
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := batch.NewReader(strings.NewReader(line)).Next()
	if err != nil || parsed.Err != nil {
		t.Fatal(err, parsed.Err)
	}
	req, err := lineRequest(template, &config.Settings{Service: client.SPM}, parsed)
	if err != nil {
		return "", "", "", nil, err
	}
	if req.Body != nil {
		r, err := req.Body()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil || int64(len(text)) != req.Length {
			t.Errorf("a body of %d bytes, said to be %d, %v", len(text), req.Length, err)
		}
		body = string(text)
	}
	return req.Method, req.URL.String(), body, req.Header, nil
}

func TestLineWinsOverFlags(t *testing.T) {
	t.Parallel()
	flags := &curl.Options{Headers: []string{"X-A: flag", "X-B: flag"}, Data: []curl.Datum{{Flag: "-d", Value: "flag=1"}}}
	method, url, body, header, err := sentFor(t, flags, `{"url":"a.com","method":"PUT","headers":{"x-a":"line","X-B":null,"X-C":["1","2"]},"body":"line"}`)
	if err != nil || method != "PUT" || url != "http://a.com/" || body != "line" {
		t.Errorf("%s %s %q, %v", method, url, body, err)
	}
	if diff := cmp.Diff(http.Header{
		"X-A": {"line"}, "X-B": nil, "X-C": {"1", "2"}, "Content-Type": {"application/x-www-form-urlencoded"},
	}, header); diff != "" {
		t.Error(diff)
	}
	method, _, body, header, err = sentFor(t, flags, "http://a.com/")
	if err != nil || method != "POST" || body != "flag=1" || header.Get("X-A") != "flag" {
		t.Errorf("without a say: %s %q %v, %v", method, body, header, err)
	}
	if method, _, _, _, err = sentFor(t, &curl.Options{}, `{"url":"a.com","body":""}`); err != nil || method != "POST" {
		t.Errorf("a body without a method: %s, %v", method, err)
	}
}

func TestLinesThatCannotBeFetched(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"http://a b/":          "space",
		"ftp://a/":             "scheme",
		"http://secretkey:@a/": "API key",
		`{"url":"a","headers":{"X-K":"secretkey"}}`:         "API key",
		`{"url":"a","method":"secretkey"}`:                  "the method holds the API key",
		`{"url":"a","id":"a secretkey"}`:                    `the "id" holds the API key`,
		`{"url":"a","id":"\u0073ecretkey"}`:                 `the "id" holds the API key`,
		`{"url":"a","headers":{"X-Crawlera-Session":"1"}}`:  "pool's",
		`{"url":"a","headers":{"x-crawlera-region":"US"}}`:  "pool's",
		`{"url":"a","headers":{"Proxy-Authorization":"x"}}`: "made from the API key",
		`{"url":"a","headers":{"Content-Length":"3"}}`:      "follows from the body",
		`{"url":"a","headers":{"a b":"1"}}`:                 "no name of a header",
		`{"url":"a","headers":{"a b":null}}`:                "no name of a header",
		`{"url":"a","headers":{"A":"1\r\nB: 2"}}`:           "line end",
		`{"url":"a","method":"CONNECT"}`:                    "CONNECT",
		`{"url":"a","method":"GET "}`:                       "no method",
	} {
		_, _, _, _, err := sentFor(t, &curl.Options{}, line)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", line, err, want)
		}
	}
}
