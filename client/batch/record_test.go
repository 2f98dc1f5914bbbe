package batch

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"smp/client/paced"
)

func encode(r *Record) string { return string(r.appendJSON(nil)) }

func TestRecordOfALineThatWasNotFetched(t *testing.T) {
	t.Parallel()
	got := encode(&Record{Line: 7, Digest: 255, Report: paced.Report{URL: "x", Error: &paced.Failure{Message: "no"}}})
	want := `{"line":7,"digest":"00000000000000ff","id":null,"file":null,"url":"x","effective_url":null,"status":null,` +
		`"session":null,"session_created":false,"session_replaced":null,"ip":null,"next_request_in_s":null,"waited_s":0,` +
		`"elapsed_s":0,"attempts":0,"bytes":0,"sha256":null,"request_id":null,"session_ends_at":null,"headers":null,` +
		`"error":{"code":null,"status":null,"message":"no","session":null,"retry_after_s":null}}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The members of the line, of its report and of its body are read back as they were.
func TestRecordIsReadBackAsItWas(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "text \u2028 of\na \"page\"", "\xff\x00"} {
		r := Record{
			Line: 3, Digest: 1 << 63, ID: json.RawMessage(`"a\u0001"`), File: "00003-x.html",
			Report: paced.Report{URL: "http://shop.test/\"", Status: 200, Session: "7", Headers: map[string][]string{"A": {"b", "c"}}},
		}
		r.inline(body)
		var got Record
		if err := json.Unmarshal([]byte(encode(&r)), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, got); diff != "" {
			t.Error(diff)
		}
	}
}

func BenchmarkRecord(b *testing.B) {
	body := strings.Repeat("text of a small page\n", 50)
	r := &Record{
		Line: 17, Body: &body, Report: paced.Report{
			URL: "http://shop.test/p?i=17", EffectiveURL: "http://shop.test/p?i=17", Status: 200, Session: "1836172",
			IP: "196.16.27.20", Attempts: 1, Bytes: 1000, SHA256: strings.Repeat("0", 64),
			Headers: map[string][]string{"Content-Length": {"1000"}, "Content-Type": {"text/plain"}, "X-Crawlera-Session": {"1836172"}, "X-Crawlera-Slave": {"196.16.27.20:8800"}},
		},
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = r.encoded(func([]byte) error { return nil })
	}
}
