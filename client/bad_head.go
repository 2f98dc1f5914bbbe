package client

import (
	"strconv"
	"strings"
)

// brokenPrefix is what net/http sets before an error that ended a connection.
const brokenPrefix = "net/http: HTTP/1.x transport connection broken: "

// badHeads are the texts of net/http for a header that it refuses; there are no error
// values. A first line that is not HTTP is no bad head: another server than a proxy may
// listen at the endpoint. Nor is a line without colon, which a broken connection leaves.
var badHeads = []struct{ text, header string }{
	{"malformed MIME header line: ", ""},
	{"malformed MIME header initial line: ", ""},
	{"net/http: server response headers exceeded ", ""},
	{"unsupported transfer encoding: ", "Transfer-Encoding"},
	{"too many transfer encodings: ", "Transfer-Encoding"},
	{"bad Content-Length ", "Content-Length"},
	{"invalid empty Content-Length ", "Content-Length"},
	{"http: message cannot contain multiple Content-Length headers; got ", "Content-Length"},
	{"invalid Trailer key ", "Trailer"},
}

// badHead reports whether net/http refused the head of an answer. line is the refused
// line, where the text quotes its value alone.
func badHead(text string) (line string, bad bool) {
	text = strings.TrimPrefix(text, brokenPrefix)
	for _, b := range badHeads {
		value, found := strings.CutPrefix(text, b.text)
		switch {
		case !found:
			continue
		case b.header == "":
			return "", true
		}
		if bare, err := strconv.Unquote(value); err == nil {
			value = bare
		}
		return strconv.Quote(b.header + ": " + value), true
	}
	return "", false
}
