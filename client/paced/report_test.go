package paced

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func encoded(t interface{ Fatal(...any) }, r *Report) string {
	document, err := r.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(document)
}

// What is not known is null, and what is counted is never.
func TestTheReportOfNothing(t *testing.T) {
	t.Parallel()
	got := encoded(t, &Report{URL: "x", Error: &Failure{Message: "no"}})
	want := `{"url":"x","effective_url":null,"status":null,` +
		`"session":null,"session_created":false,"session_replaced":null,"ip":null,"next_request_in_s":null,"waited_s":0,` +
		`"elapsed_s":0,"attempts":0,"bytes":0,"sha256":null,"request_id":null,"session_ends_at":null,"headers":null,` +
		`"error":{"code":null,"status":null,"message":"no","session":null,"retry_after_s":null}}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := encoded(t, &Report{}); !strings.HasSuffix(got, `"error":null}`) {
		t.Errorf("a success is %s", got)
	}
}

// A report is one line of JSON that the standard library reads back as it was,
// whatever servers and callers put into it.
func TestAReportIsReadBackAsItWas(t *testing.T) {
	t.Parallel()
	text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	span := rapid.Map(rapid.Int64(), func(d int64) float64 { return Seconds(time.Duration(d)) })
	rapid.Check(t, func(t *rapid.T) {
		r := Report{
			URL: text.Draw(t, "url"), EffectiveURL: text.Draw(t, "effective"), Status: rapid.Int().Draw(t, "status"),
			Session: text.Draw(t, "session"), SessionCreated: rapid.Bool().Draw(t, "created"), SessionReplaced: text.Draw(t, "replaced"),
			IP: text.Draw(t, "ip"), NextRequestIn: span.Draw(t, "next"), Waited: span.Draw(t, "waited"), Elapsed: span.Draw(t, "elapsed"),
			Attempts: rapid.Int().Draw(t, "attempts"), Bytes: rapid.Int64().Draw(t, "bytes"), SHA256: text.Draw(t, "sha"),
			Headers: rapid.MapOfN(rapid.StringMatching(`[A-Za-z-]+`), rapid.SliceOfN(text, 1, 3), 1, 5).Draw(t, "headers"),
		}
		if rapid.Bool().Draw(t, "failed") {
			r.Error = &Failure{Code: text.Draw(t, "code"), Status: 1, Message: text.Draw(t, "message"), Session: "7", RetryAfter: span.Draw(t, "retry")}
		}
		line := encoded(t, &r)
		if strings.ContainsAny(line, "\n\r") {
			t.Fatalf("more than one line: %q", line)
		}
		var got Report
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if diff := cmp.Diff(legible(r), got); diff != "" {
			t.Fatalf("%s\n%s", diff, line)
		}
	})
}

// legible is the report as JSON can hold it: bytes that are no UTF-8 are replaced.
func legible(r Report) Report {
	valid := func(s string) string { return string([]rune(s)) }
	r.URL, r.EffectiveURL, r.Session, r.SessionReplaced = valid(r.URL), valid(r.EffectiveURL), valid(r.Session), valid(r.SessionReplaced)
	r.IP, r.SHA256 = valid(r.IP), valid(r.SHA256)
	headers := http.Header{}
	for name, values := range r.Headers {
		for _, value := range values {
			headers[name] = append(headers[name], valid(value))
		}
	}
	r.Headers = headers
	if r.Error != nil {
		f := *r.Error
		f.Code, f.Message = valid(f.Code), valid(f.Message)
		r.Error = &f
	}
	return r
}

func TestSecondsAreRoundedToTheMicrosecond(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]float64{
		0: 0, 499: 0, 500: 1e-6, 1500 * time.Microsecond: 0.0015, 133500 * time.Millisecond: 133.5,
	} {
		if got := Seconds(d); got != want {
			t.Errorf("%v is %v s, want %v", d, got, want)
		}
	}
}

// Eight bytes are looked at together, so every byte stands at every place among them.
func TestAStringIsReadBackAsItWas(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		for at := range 17 {
			s := strings.Repeat("a", at) + string([]byte{byte(c)}) + strings.Repeat("~", 16-at)
			var got string
			if err := json.Unmarshal(AppendString(nil, s), &got); err != nil || got != strings.ToValidUTF8(s, "\ufffd") {
				t.Fatalf("%q is read back as %q, %v", s, got, err)
			}
		}
	}
}
