package batch

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func encode(r *Record) string { return string(r.appendJSON(nil)) }

func TestRecordOfALineThatWasNotFetched(t *testing.T) {
	t.Parallel()
	got := encode(&Record{Line: 7, Digest: 255, URL: "x", Error: &Failure{Message: "no"}})
	want := `{"line":7,"digest":"00000000000000ff","id":null,"file":null,"url":"x","effective_url":null,"status":null,` +
		`"session":null,"session_created":false,"session_replaced":null,"ip":null,"next_request_in_s":null,"waited_s":0,` +
		`"elapsed_s":0,"attempts":0,"bytes":0,"sha256":null,"headers":null,` +
		`"error":{"code":null,"status":null,"message":"no","session":null,"retry_after_s":null}}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A record is one line of JSON that holds what the standard library would have
// written, whatever servers and lists put into it.
func TestRecordIsTheJSONOfItsFields(t *testing.T) {
	t.Parallel()
	text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	rapid.Check(t, func(t *rapid.T) {
		r := &Record{
			Line: rapid.Int().Draw(t, "line"), Digest: Digest(rapid.Uint64().Draw(t, "digest")),
			URL: text.Draw(t, "url"), File: known(text.Draw(t, "file")), Session: known(text.Draw(t, "session")),
			EffectiveURL: known(text.Draw(t, "effective")), SessionReplaced: known(text.Draw(t, "replaced")),
			IP: known(text.Draw(t, "ip")), SHA256: known(text.Draw(t, "sha")), Status: known(rapid.Int().Draw(t, "status")),
			NextRequestIn: knownSeconds(time.Duration(rapid.Int64().Draw(t, "next"))),
			Waited:        seconds(time.Duration(rapid.Int64().Draw(t, "waited"))), Elapsed: seconds(time.Duration(rapid.Int64().Draw(t, "elapsed"))),
			SessionCreated: rapid.Bool().Draw(t, "created"), Attempts: rapid.Int().Draw(t, "attempts"), Bytes: rapid.Int64().Draw(t, "bytes"),
			Headers: rapid.MapOfN(text, rapid.SliceOf(text), 0, 5).Draw(t, "headers"),
		}
		if rapid.Bool().Draw(t, "failed") {
			r.Error = &Failure{Message: text.Draw(t, "message"), Code: known(text.Draw(t, "code")), Status: known(1), RetryAfter: knownSeconds(time.Second)}
		}
		if rapid.Bool().Draw(t, "inline") {
			r.inline([]byte(text.Draw(t, "body")))
		}
		if rapid.Bool().Draw(t, "id") {
			r.ID = json.RawMessage(`"a\u0001"`)
		}
		line := encode(r)
		if strings.ContainsAny(line, "\n\r") {
			t.Fatalf("more than one line: %q", line)
		}
		want, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var got, standard any
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if err := json.Unmarshal(want, &standard); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(standard, got); diff != "" {
			t.Fatalf("%s\n%s", diff, line)
		}
	})
}

func BenchmarkRecord(b *testing.B) {
	body := strings.Repeat("text of a small page\n", 50)
	r := &Record{
		Line: 17, URL: "http://shop.test/p?i=17", EffectiveURL: known("http://shop.test/p?i=17"), Status: known(200), Session: known("1836172"),
		IP: known("196.16.27.20"), Attempts: 1, Bytes: 1000, SHA256: known(strings.Repeat("0", 64)), Body: &body,
		Headers: map[string][]string{"Content-Length": {"1000"}, "Content-Type": {"text/plain"}, "X-Crawlera-Session": {"1836172"}, "X-Crawlera-Slave": {"196.16.27.20:8800"}},
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = r.encoded(func([]byte) error { return nil })
	}
}
