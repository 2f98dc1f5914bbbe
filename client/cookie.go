package client

import (
	"net/http"
	"strconv"
	"strings"
)

// maxCookie is the longest name and value together, and maxAttribute the longest
// attribute, that browsers take.
const (
	maxCookie    = 4096
	maxAttribute = 1024
)

// Cookies reads the Set-Cookie fields as browsers do (RFC 6265, section 5.2): any
// name and value, quotes included. It skips those that hold a control character, and
// those whose name and value are longer than 4 KiB together. A MaxAge below 0
// deletes.
func (r *Response) Cookies() []*http.Cookie {
	var cookies []*http.Cookie
	for _, line := range r.Header["Set-Cookie"] {
		if c := parseSetCookie(line); c != nil {
			cookies = append(cookies, c)
		}
	}
	return cookies
}

// parseSetCookie reads one field; nil = no cookie.
func parseSetCookie(line string) *http.Cookie {
	pair, attributes, _ := strings.Cut(line, ";")
	name, value, found := strings.Cut(pair, "=")
	c := &http.Cookie{Name: trimBlanks(name), Value: trimBlanks(value), Raw: line}
	if !found || c.Name == "" || len(c.Name)+len(c.Value) > maxCookie || strings.ContainsFunc(c.Name+c.Value, isControl) {
		return nil
	}
	for attribute := range strings.SplitSeq(attributes, ";") {
		name, value, _ := strings.Cut(attribute, "=")
		if value = trimBlanks(value); len(value) <= maxAttribute {
			setAttribute(c, strings.ToLower(trimBlanks(name)), value)
		}
	}
	return c
}

// setAttribute keeps an attribute; of several with one name the last counts. What is
// not well-formed is left out.
func setAttribute(c *http.Cookie, name, value string) {
	switch name {
	case "expires":
		if at, ok := parseCookieDate(value); ok {
			c.Expires = at
		}
	case "max-age":
		if age, ok := parseMaxAge(value); ok {
			c.MaxAge = age
		}
	case "domain":
		if domain, err := ASCIIHost(strings.TrimPrefix(value, ".")); err == nil && domain != "" {
			c.Domain = domain
		}
	case "path":
		c.Path = ""
		if strings.HasPrefix(value, "/") && !strings.ContainsFunc(value, isControl) {
			c.Path = value
		}
	case "secure":
		c.Secure = true
	case "httponly":
		c.HttpOnly = true
	}
}

// parseMaxAge reads seconds. An age of 0 becomes net/http's -1, and one that no int
// holds the largest.
func parseMaxAge(value string) (age int, ok bool) {
	digits := strings.TrimPrefix(value, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	if strings.HasPrefix(value, "-") {
		return -1, true
	}
	seconds, _ := strconv.ParseInt(digits, 10, 32) // the largest one on overflow
	if seconds == 0 {
		return -1, true
	}
	return int(seconds), true
}

func trimBlanks(s string) string { return strings.Trim(s, " \t") }

// isControl includes the tab, which would be another field in a cookie file.
func isControl(r rune) bool { return r < ' ' || r == 0x7f }
