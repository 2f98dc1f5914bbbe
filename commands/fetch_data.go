package commands

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
)

// datum is one argument of the -d family, in the order of the command line.
type datum struct {
	flag  string // "-d", "--data-raw", "--data-binary", "--data-urlencode", "--json-body"
	value string
}

// dataBody joins arguments of the -d family as curl does: with "&", documents of
// --json-body with nothing.
func dataBody(data []datum, stdin *stdinClaim) (body, error) {
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

func (d datum) isJSON() bool { return d.flag == "--json-body" }

func (d datum) other(e datum) string {
	if d.isJSON() {
		return e.flag
	}
	return d.flag
}

func (d datum) pieces(stdin *stdinClaim) (body, error) {
	switch d.flag {
	case "--data-raw":
		return body{literal([]byte(d.value))}, nil
	case "--data-urlencode":
		return d.urlencoded(stdin)
	}
	name, isFile := strings.CutPrefix(d.value, "@")
	if !isFile {
		return body{literal([]byte(d.value))}, nil
	}
	p, err := input(stdin, name, d.flag+" @"+name)
	if err != nil {
		return nil, err
	}
	if d.flag == "-d" {
		p, err = mapped(p, withoutNewlines)
	}
	return body{p}, err
}

// urlencoded reads the five forms of --data-urlencode: CONTENT, =CONTENT,
// NAME=CONTENT, @FILE and NAME@FILE. The name is taken as it is.
func (d datum) urlencoded(stdin *stdinClaim) (body, error) {
	at := strings.IndexByte(d.value, '=')
	if at < 0 {
		at = strings.IndexByte(d.value, '@')
	}
	if at < 0 {
		return body{literal(urlencode(nil, []byte(d.value)))}, nil
	}
	name, content := d.value[:at], d.value[at+1:]
	var b body
	if name != "" {
		b = body{literal([]byte(name + "="))}
	}
	if d.value[at] == '=' {
		return append(b, literal(urlencode(nil, []byte(content)))), nil
	}
	p, err := input(stdin, content, d.flag+" @"+content)
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
func queryData(data []datum, stdin *stdinClaim) (string, error) {
	b, err := dataBody(data, stdin)
	if err != nil {
		return "", err
	}
	query, err := small(piece{size: -1, open: b.open}, "the data of -G")
	if err != nil {
		return "", err
	}
	if i := bytes.IndexFunc(query, illegalInQuery); i >= 0 {
		return "", fmt.Errorf("the data of -G holds %q, which no URL may: --data-urlencode encodes it", query[i])
	}
	return escapeNonASCII(string(query)), nil
}

func illegalInQuery(r rune) bool { return r <= ' ' || r == 0x7f || r == '#' }
