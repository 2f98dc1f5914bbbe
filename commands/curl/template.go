package curl

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"smp/client"
	"smp/commands/term"
)

// Template is a request without its target. It is safe for concurrent use once it
// has been read.
type Template struct {
	Guard Guard
	Jar   *Jar // cookies of the files that -b names; nil: it names none

	options *Options
	header  http.Header
	body    body   // nil for none
	length  int64  // of body; -1: unknown, or sent in chunks because -H says so
	query   string // data of -G
}

// Parse checks what was typed, and reads the files of headers that -H names.
func Parse(o *Options, guard Guard, stdin *term.Stdin) (*Template, error) {
	if err := o.check(guard); err != nil {
		return nil, err
	}
	header, err := readHeaders(o.Headers, guard, stdin)
	if err != nil {
		return nil, err
	}
	return &Template{Guard: guard, options: o, header: header}, nil
}

// Read reads what the flags name: bodies and cookie files. It blocks on a pipe until
// that is written to.
func (t *Template) Read(stdin *term.Stdin) error {
	if err := t.readBody(stdin); err != nil {
		return err
	}
	if err := t.readCookies(stdin); err != nil {
		return err
	}
	t.setHeaders()
	return t.settleLength()
}

// Take removes a header from the template and returns what -H said of it. given is
// false where -H does not name the header, and values is empty where -H removes
// it.
func (t *Template) Take(name string) (values []string, given bool) {
	key := headerKey(t.header, name)
	values, given = t.header[key]
	delete(t.header, key)
	return values, given
}

// Header is what -H says; the caller does not change it.
func (t *Template) Header() http.Header { return t.header }

// BodySize is the length of the body in bytes, 0 without one, -1 if only reading it
// tells.
func (t *Template) BodySize() int64 { return t.body.size() }

// ReadsOnce says that the body comes from a pipe and cannot be sent a second time.
func (t *Template) ReadsOnce() bool { return t.body.once() }

// readBody makes the body of the flags. When it returns, each file has been read or opened
// once: no request fails later for one that is missing.
func (t *Template) readBody(stdin *term.Stdin) (err error) {
	o := t.options
	switch {
	case o.Get:
		if t.query, err = queryData(o.Data, stdin); err == nil {
			err = t.Guard.CheckEscaped("the data of -G", t.query)
		}
	case len(o.Data) > 0:
		t.body, err = dataBody(o.Data, stdin)
		if o.Data[0].isJSON() {
			setDefault(t.header, "Content-Type", "application/json")
			setDefault(t.header, "Accept", "application/json")
		}
		setDefault(t.header, "Content-Type", "application/x-www-form-urlencoded")
	case len(o.Form) > 0:
		var mimeType string
		t.body, mimeType, err = formBody(o.Form, t.header.Get("Content-Type"), stdin)
		t.header.Set("Content-Type", mimeType)
	}
	return err
}

// setHeaders adds what other flags say, where -H says nothing.
func (t *Template) setHeaders() {
	if user := t.options.User; user != "" {
		setDefault(t.header, "Authorization", basic(user))
	}
	t.setTyped()
}

// setTyped adds the headers whose values other flags say.
func (t *Template) setTyped() {
	o := t.options
	for name, value := range o.Extra {
		setDefault(t.header, name, value)
	}
	setOrRemove(t.header, "User-Agent", o.UserAgent)
	setOrRemove(t.header, "Referer", o.Referer)
}

func basic(user string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user))
}

// settleLength decides the length of the body from its pieces and from the caller's
// own headers. Those are then removed: two lengths on one request are an attack.
func (t *Template) settleLength() error {
	t.length = t.body.size()
	if coding, ok := t.header["Transfer-Encoding"]; ok {
		if len(coding) > 0 && (len(coding) != 1 || !strings.EqualFold(coding[0], "chunked")) {
			return errors.New("the header Transfer-Encoding can only be chunked")
		}
		if len(coding) > 0 && t.body != nil {
			t.length = -1
		}
		delete(t.header, "Transfer-Encoding")
	}
	length, ok := t.header["Content-Length"]
	delete(t.header, "Content-Length")
	if ok && len(length) > 0 && t.length < 0 {
		return errors.New("the header Content-Length cannot go with a body of unknown length, or one sent in chunks")
	}
	if ok && len(length) > 0 && !slices.Equal(length, []string{strconv.FormatInt(t.length, 10)}) {
		return fmt.Errorf("the header Content-Length says %s, and the body has %d bytes", strings.Join(length, ", "), t.length)
	}
	return nil
}

// withQuery adds the data of -G to a query.
func (t *Template) withQuery(query string) string {
	if t.query == "" {
		return query
	}
	return strings.TrimPrefix(query+"&"+t.query, "&")
}

// Request is the request to the target url, as [ParseURL] reads it. Credentials in
// the URL become an Authorization header.
func (t *Template) Request(url string) (client.Request, error) {
	target, user, err := t.Guard.Target(url)
	if err != nil {
		return client.Request{}, err
	}
	target.RawQuery = t.withQuery(target.RawQuery)
	header := t.header.Clone()
	if user != nil {
		password, _ := user.Password()
		setDefault(header, "Authorization", basic(user.Username()+":"+password))
	}
	req := client.Request{Method: t.options.method(), URL: target, Header: header, Compressed: t.options.Compressed}
	if t.body != nil {
		req.Body, req.Length = func() (io.ReadCloser, error) { return t.body.open() }, t.length
	}
	return req, nil
}
