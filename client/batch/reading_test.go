package batch

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"smp/client/mock"
)

// badRecord is what is written down of a list whose only line is bad.
func badRecord(t *testing.T, line string, redact func(string) string) (record *Record, told LineFailed) {
	t.Helper()
	sink := newSink()
	cfg := newWorld(t, mock.Config{}).config(1, delay)
	cfg.Redact = redact
	cfg.Notify = func(e Event) { told, _ = e.(LineFailed) }
	if err := New(cfg).Run(context.Background(), NewReader(strings.NewReader(line)), sink); err != nil {
		t.Fatal(err)
	}
	if len(sink.results[1]) != 1 {
		t.Fatalf("%d results", len(sink.results[1]))
	}
	return sink.results[1][0], told
}

func TestBadLinesAreWrittenWithoutSecrets(t *testing.T) {
	t.Parallel()
	redact := strings.NewReplacer("secret", "[key]", "1234", "[key]").Replace
	for line, want := range map[string]struct{ id, url, message string }{
		`{"url":"a","secret":1}`:           {`null`, ``, `malformed JSON: unknown field "[key]"`},
		`{"url":"","id":"a secret"}`:       {`"a [key]"`, ``, `"url" is missing or empty`},
		`{"url":"","id":"\n\u0073ecret"}`:  {`"\n[key]"`, ``, `"url" is missing or empty`},
		`{"url":"","id":12345}`:            {`"[key]5"`, ``, `"url" is missing or empty`},
		`{"url":"","id":"\u0061"}`:         {`"\u0061"`, ``, `"url" is missing or empty`},
		`{"url":":secret","id":123}`:       {`123`, `:[key]`, `parse ":[key]": missing protocol scheme`},
		`{"url":":secret","id":"\"1\\2"}`:  {`"\"1\\2"`, `:[key]`, `parse ":[key]": missing protocol scheme`},
		`{"url":":x","id":"\"secret\\2 "}`: {`"\"[key]\\2 "`, `:x`, `parse ":x": missing protocol scheme`},
	} {
		record, _ := badRecord(t, line, redact)
		text := encode(record)
		if !json.Valid([]byte(text)) || strings.Contains(text, "secret") {
			t.Errorf("%s: written as %s", line, text)
		}
		id := cmp.Or(string(record.ID), "null")
		if id != want.id || record.URL != want.url || record.Error.Message != want.message {
			t.Errorf("%s: id %s, url %s, %s", line, id, record.URL, record.Error.Message)
		}
	}
}

// What is wrong with a line is told without telling all of the line, and without
// telling a part of a secret.
func TestBadLinesAreToldInShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 1<<20)
	record, told := badRecord(t, `{"url":"a","`+long+`":1}`, nil)
	for _, message := range []string{record.Error.Message, told.Err.Error()} {
		if len(message) > mostTold+10 || !utf8.ValidString(message) ||
			!strings.HasPrefix(message, `malformed JSON: unknown field "éé`) || !strings.HasSuffix(message, `éé"`) {
			t.Errorf("%d bytes: %.400q", len(message), message)
		}
	}
	secret := strings.Repeat("secret", 100)
	record, told = badRecord(t, `{"url":"a","`+secret+`":1}`, strings.NewReplacer(secret, "[key]").Replace)
	for _, message := range []string{record.Error.Message, told.Err.Error()} {
		if message != `malformed JSON: unknown field "[key]"` {
			t.Errorf("with a secret: %s", message)
		}
	}
	if record, _ = badRecord(t, `{"url":":`+long+`"}`, nil); record.URL != ":"+long {
		t.Errorf("the URL is no message, and has %d bytes", len(record.URL))
	}
}
