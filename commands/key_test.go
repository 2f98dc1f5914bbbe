package commands

import (
	"encoding/base64"
	"testing"
)

// A key is looked for in messages from the length on from which the client does.
func TestRedactor(t *testing.T) {
	t.Parallel()
	const key = "ab%cd\"ef"
	redact := redactor(key)
	for _, form := range []string{key, "ab%25cd%22ef", `ab%cd\"ef`, encodedKey(key), base64.StdEncoding.EncodeToString([]byte(key))} {
		if got := redact("it says " + form + "!"); got != "it says [API key]!" {
			t.Errorf("%s is shown as %q", form, got)
		}
	}
	if redactor(key[1:]) != nil {
		t.Error("a shorter key is looked for")
	}
}
