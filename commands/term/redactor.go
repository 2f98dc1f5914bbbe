package term

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"sync"
)

// ShortKey is the length in bytes below which a key may be part of an honest word. A
// shorter key is looked for only where credentials stand.
const ShortKey = 8

// Redactor takes the API key out of messages: the last resort, since no error should hold
// the key. It returns nil for a key so short that innocent words hold it. The replacer is
// made for the first message, since most runs have none.
func Redactor(key string) func(string) string {
	if len(key) < ShortKey {
		return nil
	}
	forms := sync.OnceValue(func() *strings.Replacer { return writtenForms(key) })
	return func(message string) string { return forms().Replace(message) }
}

// writtenForms finds the key however a message quotes and escapes it.
func writtenForms(key string) *strings.Replacer {
	inJSON, _ := json.Marshal(key)
	var forms []string
	for _, form := range []string{
		base64.StdEncoding.EncodeToString([]byte(key + ":")), base64.StdEncoding.EncodeToString([]byte(key)), key, strings.Trim(strconv.Quote(key), `"`), strings.Trim(string(inJSON), `"`),
		url.QueryEscape(key), url.PathEscape(key), url.User(key).String(),
	} {
		forms = append(forms, form, "[API key]")
	}
	return strings.NewReplacer(forms...)
}
