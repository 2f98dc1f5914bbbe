package curl

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"smp/commands/term"
)

// Guard keeps the API key, which is for the proxy, from being sent to a target. The
// zero value knows no key and refuses nothing.
type Guard struct {
	key     string
	encoded string // base64 of the key, less the last letters, which depend on what follows the key
}

// NewGuard returns the guard of a key; an empty key gives the zero value.
func NewGuard(key string) Guard {
	if key == "" {
		return Guard{}
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(key + ":"))
	if len(key) >= term.ShortKey {
		encoded = encoded[:len(key)/3*4]
	}
	return Guard{key: key, encoded: strings.TrimRight(encoded, "=")}
}

func (g Guard) refuse(where string) error {
	return fmt.Errorf("%s holds the API key, which is for the proxy and must not reach a target: smp sends it to the proxy by itself", where)
}

// Check refuses text that holds the key or its Basic form. The error begins with where
// and does not quote the text.
func (g Guard) Check(where, s string) error {
	if g.key == "" {
		return nil
	}
	if len(g.key) >= term.ShortKey && strings.Contains(s, g.key) || strings.Contains(s, g.encoded) {
		return g.refuse(where)
	}
	return nil
}

// CheckEscaped is Check for text whose reader undoes escapes: in a form and in JSON each
// letter of the key may be one. Bodies from files and stdin are not checked: they are
// read as they are sent, and may be endless.
func (g Guard) CheckEscaped(where, text string) error {
	if err := g.Check(where, text); err != nil {
		return err
	}
	return g.Check(where, unescape(text))
}

// unescape undoes the percent escapes of text, and JSON's of ASCII letters. What is no
// escape stays, so that one stray percent sign hides nothing.
func unescape(text string) string {
	text = strings.ReplaceAll(text, `\u00`, "%")
	if !strings.Contains(text, "%") {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if octet, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				b = append(b, byte(octet))
				i += 2
				continue
			}
		}
		b = append(b, text[i])
	}
	return string(b)
}

// checkUser checks NAME:PASSWORD.
func (g Guard) checkUser(where, user string) error {
	name, password, _ := strings.Cut(user, ":")
	if g.key != "" && (name == g.key || password == g.key) {
		return g.refuse(where)
	}
	return g.Check(where, user)
}

// checkHeader checks an argument of -H.
func (g Guard) checkHeader(line string) error {
	name, value, _ := strings.Cut(line, ":")
	where := "the header " + strconv.Quote(name)
	if g.Check("", name) != nil {
		return g.refuse("a header")
	}
	words := strings.Fields(value)
	if strings.EqualFold(name, "Authorization") && g.key != "" && slices.Contains(words, g.key) {
		return g.refuse(where)
	}
	return g.Check(where, value)
}

// Target is [ParseURL], refusing a URL that holds the key.
func (g Guard) Target(raw string) (*url.URL, *url.Userinfo, error) {
	if err := g.Check("the URL", raw); err != nil {
		return nil, nil, err
	}
	target, user, err := ParseURL(raw)
	if err != nil {
		return nil, nil, err
	}
	return target, user, g.checkURL(target, user)
}

// checkURL checks a URL with its escapes undone.
func (g Guard) checkURL(u *url.URL, user *url.Userinfo) error {
	if user != nil {
		password, _ := user.Password()
		if err := g.checkUser("the URL", user.Username()+":"+password); err != nil {
			return err
		}
	}
	for _, part := range []string{u.Host, u.Path, unescape(u.RawQuery), u.Fragment} {
		if err := g.Check("the URL", part); err != nil {
			return err
		}
	}
	return nil
}
