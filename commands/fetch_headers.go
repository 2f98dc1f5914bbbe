package commands

import (
	"fmt"
	"net/http"
	"strings"

	"smp/client"
)

// headerLines reads what -H takes: "Name: value", "Name:" to send no such header,
// "Name;" to send an empty one. Names keep the case they were given in, save those
// that net/http gives a meaning to.
func headerLines(lines []string) (http.Header, error) {
	headers := http.Header{}
	for _, line := range lines {
		name, value, send, err := parseHeaderLine(line)
		if err != nil {
			return nil, err
		}
		key := headerKey(headers, name)
		switch {
		case send:
			headers[key] = append(headers[key], value)
		case headers[key] == nil:
			headers[key] = nil // there, with nothing to send: a default one stays away
		}
	}
	return headers, nil
}

func parseHeaderLine(line string) (name, value string, send bool, err error) {
	if strings.ContainsAny(line, "\r\n\x00") {
		return "", "", false, fmt.Errorf("the header %q holds a line end or a NUL", line)
	}
	name, value, send, ok := cutHeader(line)
	if !ok {
		return "", "", false, fmt.Errorf("%q is no header: write 'Name: value', 'Name:' to send none, 'Name;' to send it empty", line)
	}
	if !isToken(name) {
		return "", "", false, fmt.Errorf("%q is no name of a header", name)
	}
	if strings.ContainsFunc(value, isControl) {
		return "", "", false, fmt.Errorf("the header %q holds a control character", name)
	}
	if strings.EqualFold(name, "Proxy-Authorization") {
		return "", "", false, fmt.Errorf("the header %s is made from the API key: set SMP_API_KEY or --api-key-file", name)
	}
	return name, value, send, nil
}

func cutHeader(line string) (name, value string, send, ok bool) {
	if name, value, found := strings.Cut(line, ":"); found {
		value = strings.Trim(value, " \t")
		return name, value, value != "", true
	}
	name, rest, found := strings.Cut(line, ";")
	return name, "", true, found && strings.TrimSpace(rest) == ""
}

// headerKey is the key of name in headers: the spelling that is there already, else the
// one in which it is sent.
func headerKey(headers http.Header, name string) string {
	for key := range headers {
		if strings.EqualFold(key, name) {
			return key
		}
	}
	return client.HeaderName(name)
}

// hasHeader says whether the caller said anything of a header, removing it
// included.
func hasHeader(headers http.Header, name string) bool {
	for key := range headers {
		if strings.EqualFold(key, name) {
			return true
		}
	}
	return false
}

// setDefault sets a header of which the caller said nothing.
func setDefault(headers http.Header, name, value string) {
	if !hasHeader(headers, name) {
		headers[name] = []string{value}
	}
}

func isToken(s string) bool {
	return s != "" && strings.Trim(s, "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == ""
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
