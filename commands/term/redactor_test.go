package term

import (
	"encoding/base64"
	"testing"
)

// A key is looked for in messages from the length on from which the client does.
func TestRedactor(t *testing.T) {
	t.Parallel()
	const key = "ab%cd\"ef"
	redact := Redactor(key)
	for _, form := range []string{key, "ab%25cd%22ef", `ab%cd\"ef`, base64.StdEncoding.EncodeToString([]byte(key + ":")), base64.StdEncoding.EncodeToString([]byte(key))} {
		if got := redact("it says " + form + "!"); got != "it says [API key]!" {
			t.Errorf("%s is shown as %q", form, got)
		}
	}
	if Redactor(key[1:]) != nil {
		t.Error("a shorter key is looked for")
	}
}
