package curl

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"

	"smp/commands/term"
)

// Datum is one argument of the -d family.
type Datum struct {
	Flag  string // "-d", "--data-raw", "--data-binary", "--data-urlencode", "--json-body"
	Value string
}

// dataBody joins arguments of the -d family as curl does: with "&", documents of
// --json-body with nothing.
func dataBody(data []Datum, stdin *term.Stdin) (body, error) {
	var b body
	for i, d := range data {
		if d.isJSON() != data[0].isJSON() {
			return nil, fmt.Errorf("--json-body does not go with %s: a body is either a document or a form", data[0].other(d))
		}
		pieces, err := d.pieces(stdin)
		if err != nil {
			return nil, err
		}
		if i > 0 && !d.isJSON() {
			b = append(b, literal([]byte("&")))
		}
		b = append(b, pieces...)
	}
	return b, nil
}

func (d Datum) isJSON() bool { return d.Flag == "--json-body" }

func (d Datum) other(e Datum) string {
	if d.isJSON() {
		return e.Flag
	}
	return d.Flag
}

func (d Datum) pieces(stdin *term.Stdin) (body, error) {
	switch d.Flag {
	case "--data-raw":
		return body{literal([]byte(d.Value))}, nil
	case "--data-urlencode":
		return d.urlencoded(stdin)
	}
	name, isFile := strings.CutPrefix(d.Value, "@")
	if !isFile {
		return body{literal([]byte(d.Value))}, nil
	}
	p, err := openInput(stdin, name, d.Flag+" @"+name)
	if err != nil {
		return nil, err
	}
	if d.Flag == "-d" {
		p, err = mapped(p, withoutNewlines)
	}
	return body{p}, err
}

// urlencoded reads the five forms of --data-urlencode: CONTENT, =CONTENT,
// NAME=CONTENT, @FILE and NAME@FILE. The name is taken as it is.
func (d Datum) urlencoded(stdin *term.Stdin) (body, error) {
	at := strings.IndexByte(d.Value, '=')
	if at < 0 {
		at = strings.IndexByte(d.Value, '@')
	}
	if at < 0 {
		return body{literal(urlencode(nil, []byte(d.Value)))}, nil
	}
	name, content := d.Value[:at], d.Value[at+1:]
	var b body
	if name != "" {
		b = body{literal([]byte(name + "="))}
	}
	if d.Value[at] == '=' {
		return append(b, literal(urlencode(nil, []byte(content)))), nil
	}
	p, err := openInput(stdin, content, d.Flag+" @"+content)
	if err != nil {
		return nil, err
	}
	p, err = mapped(p, urlencode)
	return append(b, p), err
}

// withoutNewlines drops what curl drops from a file named by -d.
func withoutNewlines(dst, src []byte) []byte {
	for _, c := range src {
		if c != '\r' && c != '\n' && c != 0 {
			dst = append(dst, c)
		}
	}
	return dst
}

func urlencode(dst, src []byte) []byte {
	return append(dst, url.QueryEscape(string(src))...)
}

// queryData is the data as it stands behind the "?" of a URL, as -G asks.
func queryData(data []Datum, stdin *term.Stdin) (string, error) {
	b, err := dataBody(data, stdin)
	if err != nil {
		return "", err
	}
	query, err := piece{size: -1, open: b.open}.readAll("the data of -G")
	if err != nil {
		return "", err
	}
	if i := bytes.IndexFunc(query, illegalInQuery); i >= 0 {
		return "", fmt.Errorf("the data of -G holds %q, which no URL may: --data-urlencode encodes it", query[i])
	}
	return escapeNonASCII(string(query)), nil
}

func illegalInQuery(r rune) bool { return r <= ' ' || r == 0x7f || r == '#' }

func escapeNonASCII(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if s[i] < 0x80 {
			b.WriteByte(s[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", s[i])
		}
	}
	return b.String()
}
