package curl

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"smp/commands/term"
)

// readCookies reads the arguments of -b: text with a "=" is cookies to send as they
// are, other text names a cookie file. An empty argument, as with curl, names no file
// but begins a jar.
func (t *Template) readCookies(stdin *term.Stdin) error {
	var pairs []string
	for _, cookie := range t.options.Cookies {
		if strings.Contains(cookie, "=") {
			pairs = append(pairs, strings.Trim(cookie, "; "))
			continue
		}
		if t.Jar == nil {
			t.Jar = &Jar{}
		}
		if cookie == "" {
			continue
		}
		if err := t.loadJar(cookie, stdin); err != nil {
			return err
		}
	}
	if len(pairs) == 0 {
		return nil
	}
	cookies := strings.Join(pairs, "; ")
	if !httpguts.ValidHeaderFieldValue(cookies) {
		return errors.New("-b holds a control character")
	}
	setDefault(t.header, "Cookie", cookies)
	return nil
}

// loadJar adds the cookies of a file. A file that -c will write may be missing: the
// first run of a loop begins without it.
func (t *Template) loadJar(name string, stdin *term.Stdin) error {
	p, err := openInput(stdin, name, "-b "+name)
	if errors.Is(err, fs.ErrNotExist) && name == t.options.WrittenJar {
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
	if err := t.Jar.Load(r); err != nil {
		return fmt.Errorf("-b %s: %w", name, err)
	}
	return t.Guard.checkJar(name, t.Jar)
}

// checkJar looks for the API key in cookies that were read from a file.
func (g Guard) checkJar(name string, j *Jar) error {
	for _, c := range j.all(time.Now()) {
		if err := g.Check("the cookie file "+name, c.name+"="+c.value); err != nil {
			return err
		}
	}
	return nil
}
