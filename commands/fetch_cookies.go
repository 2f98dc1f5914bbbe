package commands

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// readCookies sorts what -b was given: text with a "=" is cookies to send as they
// are, anything else names a cookie file. An empty one, as with curl, only begins
// to keep cookies on the way.
func (o *requestFlags) readCookies(t *requestTemplate, stdin *stdinClaim) error {
	var pairs []string
	for _, cookie := range o.cookies {
		if strings.Contains(cookie, "=") {
			pairs = append(pairs, strings.Trim(cookie, "; "))
			continue
		}
		if t.jar == nil {
			t.jar = &jar{}
		}
		if cookie == "" {
			continue
		}
		if err := o.loadJar(t, cookie, stdin); err != nil {
			return err
		}
	}
	if len(pairs) == 0 {
		return nil
	}
	cookies := strings.Join(pairs, "; ")
	if strings.ContainsFunc(cookies, isControl) {
		return errors.New("-b holds a control character")
	}
	setDefault(t.header, "Cookie", cookies)
	return nil
}

// loadJar adds the cookies of a file. That it is not there yet is no error where -c
// will write it: a loop's first run begins like that.
func (o *requestFlags) loadJar(t *requestTemplate, name string, stdin *stdinClaim) error {
	p, err := input(stdin, name, "-b "+name)
	if errors.Is(err, fs.ErrNotExist) && name == o.writtenJar {
		return nil
	}
	if err != nil {
		return err
	}
	r, err := p.open()
	if err != nil {
		return fmt.Errorf("-b %s: %w", name, err)
	}
	defer r.Close()
	if err := t.jar.read(r); err != nil {
		return fmt.Errorf("-b %s: %w", name, err)
	}
	return t.guard.checkJar(name, t.jar)
}

// checkJar looks for the API key in cookies that were read from a file.
func (g keyGuard) checkJar(name string, j *jar) error {
	for _, c := range j.cookies {
		if err := g.check("the cookie file "+name, c.name+"="+c.value); err != nil {
			return err
		}
	}
	return nil
}
