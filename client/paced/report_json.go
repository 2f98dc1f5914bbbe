package paced

import (
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"
)

// MarshalJSON is what [json.Marshal] calls.
func (r *Report) MarshalJSON() ([]byte, error) {
	return append(r.AppendMembers([]byte{'{'}), '}'), nil
}

// MarshalJSON is what [json.Marshal] calls.
func (f *Failure) MarshalJSON() ([]byte, error) { return appendFailure(nil, f), nil }

// AppendMembers appends the members of the report's JSON object, for callers with
// members of their own beside them. It is written by hand, since a batch has a report
// for every line and reflection is a tenth of what a small line costs.
func (r *Report) AppendMembers(b []byte) []byte {
	b = AppendString(append(b, `"url":`...), r.URL)
	b = appendKnown(append(b, `,"effective_url":`...), r.EffectiveURL)
	b = appendStatus(append(b, `,"status":`...), r.Status)
	b = appendKnown(append(b, `,"session":`...), r.Session)
	b = strconv.AppendBool(append(b, `,"session_created":`...), r.SessionCreated)
	b = appendKnown(append(b, `,"session_replaced":`...), r.SessionReplaced)
	b = appendKnown(append(b, `,"ip":`...), r.IP)
	b = appendKnownFloat(append(b, `,"next_request_in_s":`...), r.NextRequestIn)
	b = appendFloat(append(b, `,"waited_s":`...), r.Waited)
	b = appendFloat(append(b, `,"elapsed_s":`...), r.Elapsed)
	b = strconv.AppendInt(append(b, `,"attempts":`...), int64(r.Attempts), 10)
	b = strconv.AppendInt(append(b, `,"bytes":`...), r.Bytes, 10)
	b = appendKnown(append(b, `,"sha256":`...), r.SHA256)
	b = appendKnown(append(b, `,"request_id":`...), r.RequestID)
	b = appendKnown(append(b, `,"session_ends_at":`...), r.SessionEndsAt)
	b = appendHeader(append(b, `,"headers":`...), r.Headers)
	return appendFailure(append(b, `,"error":`...), r.Error)
}

func appendFailure(b []byte, f *Failure) []byte {
	if f == nil {
		return append(b, "null"...)
	}
	b = appendKnown(append(b, `{"code":`...), f.Code)
	b = appendStatus(append(b, `,"status":`...), f.Status)
	b = AppendString(append(b, `,"message":`...), f.Message)
	b = appendKnown(append(b, `,"session":`...), f.Session)
	b = appendKnownFloat(append(b, `,"retry_after_s":`...), f.RetryAfter)
	return append(b, '}')
}

func appendHeader(b []byte, header http.Header) []byte {
	if header == nil {
		return append(b, "null"...)
	}
	names := make([]string, 0, 16)
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(AppendString(b, name), ':')
		b = appendStrings(b, header[name])
	}
	return append(b, '}')
}

func appendStrings(b []byte, values []string) []byte {
	if values == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i, value := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendString(b, value)
	}
	return append(b, ']')
}

func appendKnown(b []byte, s string) []byte {
	if s == "" {
		return append(b, "null"...)
	}
	return AppendString(b, s)
}

func appendStatus(b []byte, status int) []byte {
	if status == 0 {
		return append(b, "null"...)
	}
	return strconv.AppendInt(b, int64(status), 10)
}

func appendKnownFloat(b []byte, f float64) []byte {
	if f == 0 {
		return append(b, "null"...)
	}
	return appendFloat(b, f)
}

func appendFloat(b []byte, f float64) []byte { return strconv.AppendFloat(b, f, 'f', -1, 64) }

// AppendString appends s as a JSON string. Bytes that are no UTF-8 become the replacement character.
func AppendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	plain := 0 // from here on nothing of s needs to change
	for i := 0; i < len(s); {
		for i+8 <= len(s) && isPlain(s[i:i+8]) {
			i += 8
		}
		if i == len(s) {
			break
		}
		if c := s[i]; c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r >= utf8.RuneSelf && (r != utf8.RuneError || size > 1) {
			i += size
			continue
		}
		b = append(b, s[plain:i]...)
		switch {
		case r == utf8.RuneError:
			b = append(b, "\ufffd"...)
		case r == '\n':
			b = append(b, `\n`...)
		case r < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			b = append(b, '\\', byte(r))
		}
		i += size
		plain = i
	}
	return append(append(b, s[plain:]...), '"')
}

// isPlain reports whether eight bytes are ASCII that stands in a JSON string as it is.
// They are looked at together: most of what a batch writes is bodies.
func isPlain(s string) bool {
	const each, high = 0x0101010101010101, 0x8080808080808080
	w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	// Of ASCII bytes a subtraction sets the high bit where it goes below zero.
	return (w|(w-each*' ')|((w^each*'"')-each)|((w^each*'\\')-each))&high == 0
}
