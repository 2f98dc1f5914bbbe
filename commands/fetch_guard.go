package commands

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// keyGuard keeps the API key, which is for the proxy, from being sent to a target.
type keyGuard struct {
	key     string
	encoded string // its base64, without what depends on what follows
}

// shortKey is the length below which a key may well be part of an honest word; it
// is then looked for only where credentials stand.
const shortKey = 8

func newKeyGuard(key string) keyGuard {
	if key == "" {
		return keyGuard{}
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(key + ":"))
	if len(key) >= shortKey {
		encoded = encoded[:len(key)/3*4]
	}
	return keyGuard{key: key, encoded: strings.TrimRight(encoded, "=")}
}

func (g keyGuard) refuse(where string) error {
	return fmt.Errorf("%s holds the API key, which is for the proxy and must not reach a target: smp sends it to the proxy by itself", where)
}

// check refuses text that holds the key or its Basic form.
func (g keyGuard) check(where, s string) error {
	if g.key == "" {
		return nil
	}
	if len(g.key) >= shortKey && strings.Contains(s, g.key) || strings.Contains(s, g.encoded) {
		return g.refuse(where)
	}
	return nil
}

// checkSession looks at what names a session: it stands in a header, and in the
// ledger.
func (g keyGuard) checkSession(where, session string) error {
	if err := g.check(where, session); err != nil {
		return fmt.Errorf("%s holds the API key, which names no session", where)
	}
	return nil
}

// checkUser looks at NAME:PASSWORD.
func (g keyGuard) checkUser(where, user string) error {
	name, password, _ := strings.Cut(user, ":")
	if g.key != "" && (name == g.key || password == g.key) {
		return g.refuse(where)
	}
	return g.check(where, user)
}

// checkHeader looks at a whole -H argument.
func (g keyGuard) checkHeader(line string) error {
	name, value, _ := strings.Cut(line, ":")
	where := "the header " + strconv.Quote(name)
	if g.check("", name) != nil {
		return g.refuse("a header")
	}
	words := strings.Fields(value)
	if strings.EqualFold(name, "Authorization") && g.key != "" && slices.Contains(words, g.key) {
		return g.refuse(where)
	}
	return g.check(where, value)
}

// target reads a URL that must not hold the key.
func (g keyGuard) target(raw string) (*url.URL, *url.Userinfo, error) {
	if err := g.check("the URL", raw); err != nil {
		return nil, nil, err
	}
	target, user, err := targetURL(raw)
	if err != nil {
		return nil, nil, err
	}
	return target, user, g.checkURL(target, user)
}

// checkURL looks at a URL whose escapes are undone.
func (g keyGuard) checkURL(u *url.URL, user *url.Userinfo) error {
	if user != nil {
		password, _ := user.Password()
		if err := g.checkUser("the URL", user.Username()+":"+password); err != nil {
			return err
		}
	}
	query, err := url.QueryUnescape(u.RawQuery)
	if err != nil {
		query = u.RawQuery
	}
	for _, part := range []string{u.Host, u.Path, query, u.Fragment} {
		if err := g.check("the URL", part); err != nil {
			return err
		}
	}
	return nil
}
