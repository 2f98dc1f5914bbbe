package curl

import (
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/net/http/httpguts"

	"smp/client"
	"smp/commands/term"
)

// readHeaders reads the lines of -H, and the files among them that begin with an @.
func readHeaders(args []string, guard Guard, stdin *term.Stdin) (http.Header, error) {
	var lines []string
	for _, arg := range args {
		name, isFile := strings.CutPrefix(arg, "@")
		if !isFile {
			lines = append(lines, arg)
			continue
		}
		content, err := ReadSmall(stdin, name, "-H @"+name)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(content)) {
			if line = strings.TrimRight(line, "\r\n"); line != "" {
				lines = append(lines, line)
			}
		}
	}
	for _, line := range lines {
		if err := guard.checkHeader(line); err != nil {
			return nil, err
		}
	}
	return headerLines(lines)
}

// headerLines reads what -H takes: "Name: value", "Name:" to send no such header,
// "Name;" to send an empty one. [client.HeaderName] says which names keep their case.
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
		return "", "", false, fmt.Errorf("%q is not a header: write 'Name: value', 'Name:' to send none, 'Name;' to send it empty", line)
	}
	if !httpguts.ValidHeaderFieldName(name) {
		return "", "", false, fmt.Errorf("%q is not a header name", name)
	}
	if !httpguts.ValidHeaderFieldValue(value) {
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

// headerKey is the key of name in headers: the spelling that is there already, else
// the one that name is sent in.
func headerKey(headers http.Header, name string) string {
	for key := range headers {
		if strings.EqualFold(key, name) {
			return key
		}
	}
	return client.HeaderName(name)
}

// hasHeader reports whether headers names a header, be it only to remove it.
func hasHeader(headers http.Header, name string) bool {
	for key := range headers {
		if strings.EqualFold(key, name) {
			return true
		}
	}
	return false
}

// SetHeader replaces a header; without values it is not sent. It holds value and name
// to what -H is held to.
func (g Guard) SetHeader(headers http.Header, name string, values []string) error {
	if !httpguts.ValidHeaderFieldName(name) {
		return fmt.Errorf("%q is not a header name", name)
	}
	var sent []string
	for _, value := range values {
		line := name + ":" + value
		if err := g.checkHeader(line); err != nil {
			return err
		}
		_, value, _, err := parseHeaderLine(line)
		if err != nil {
			return err
		}
		sent = append(sent, value)
	}
	headers[headerKey(headers, name)] = sent
	return nil
}

// setDefault sets a header that headers does not name.
func setDefault(headers http.Header, name, value string) {
	if !hasHeader(headers, name) {
		headers[name] = []string{value}
	}
}

// setOrRemove sets a header that headers does not name; an empty value removes it, as
// curl's -A and -e do. A nil value changes nothing.
func setOrRemove(headers http.Header, name string, value *string) {
	switch {
	case value == nil || hasHeader(headers, name):
	case *value == "":
		headers[name] = nil
	default:
		headers[name] = []string{*value}
	}
}
