package batch

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"
)

// appendJSON appends the record as [json.Marshal] would write it. It does so by
// hand, since a record is written for every line and reflection is a tenth of what
// a small one costs.
func (r *Record) appendJSON(b []byte) []byte {
	b = append(b, `{"line":`...)
	b = strconv.AppendInt(b, int64(r.Line), 10)
	b = append(b, `,"digest":"`...)
	digest, _ := r.Digest.MarshalText()
	b = append(append(b, digest...), `","id":`...)
	b = appendRaw(b, r.ID)
	b = appendKnownString(append(b, `,"file":`...), r.File)
	b = appendString(append(b, `,"url":`...), r.URL)
	b = appendKnownString(append(b, `,"effective_url":`...), r.EffectiveURL)
	b = appendKnownInt(append(b, `,"status":`...), r.Status)
	b = appendKnownString(append(b, `,"session":`...), r.Session)
	b = strconv.AppendBool(append(b, `,"session_created":`...), r.SessionCreated)
	b = appendKnownString(append(b, `,"session_replaced":`...), r.SessionReplaced)
	b = appendKnownString(append(b, `,"ip":`...), r.IP)
	b = appendKnownFloat(append(b, `,"next_request_in_s":`...), r.NextRequestIn)
	b = appendFloat(append(b, `,"waited_s":`...), r.Waited)
	b = appendFloat(append(b, `,"elapsed_s":`...), r.Elapsed)
	b = strconv.AppendInt(append(b, `,"attempts":`...), int64(r.Attempts), 10)
	b = strconv.AppendInt(append(b, `,"bytes":`...), r.Bytes, 10)
	b = appendKnownString(append(b, `,"sha256":`...), r.SHA256)
	b = appendHeader(append(b, `,"headers":`...), r.Headers)
	b = appendFailure(append(b, `,"error":`...), r.Error)
	if r.Body != nil {
		b = appendString(append(b, `,"body":`...), *r.Body)
	}
	if len(r.BodyBase64) > 0 {
		b = append(b, `,"body_base64":"`...)
		b = append(base64.StdEncoding.AppendEncode(b, r.BodyBase64), '"')
	}
	return append(b, '}')
}

func appendFailure(b []byte, f *Failure) []byte {
	if f == nil {
		return append(b, "null"...)
	}
	b = appendKnownString(append(b, `{"code":`...), f.Code)
	b = appendKnownInt(append(b, `,"status":`...), f.Status)
	b = appendString(append(b, `,"message":`...), f.Message)
	b = appendKnownString(append(b, `,"session":`...), f.Session)
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
		b = append(appendString(b, name), ':')
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
		b = appendString(b, value)
	}
	return append(b, ']')
}

func appendRaw(b []byte, raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return append(b, "null"...)
	}
	return append(b, raw...)
}

func appendKnownString(b []byte, s *string) []byte {
	if s == nil {
		return append(b, "null"...)
	}
	return appendString(b, *s)
}

func appendKnownInt(b []byte, n *int) []byte {
	if n == nil {
		return append(b, "null"...)
	}
	return strconv.AppendInt(b, int64(*n), 10)
}

func appendKnownFloat(b []byte, f *float64) []byte {
	if f == nil {
		return append(b, "null"...)
	}
	return appendFloat(b, *f)
}

func appendFloat(b []byte, f float64) []byte { return strconv.AppendFloat(b, f, 'f', -1, 64) }

// appendString quotes s. Bytes that are no UTF-8 become the replacement character.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	plain := 0 // from here on nothing of s needs to change
	for i := 0; i < len(s); {
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
