package commands

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"smp/client"
)

// requestFlags say what is asked of a target. Every line of a batch takes them
// too.
type requestFlags struct {
	method     string
	headers    []string // -H
	data       []datum  // the -d family, in the order given
	get        bool     // -G
	form       []formArg
	agent      *string  // -A; nil: not given
	referer    *string  // -e
	user       string   // -u
	cookies    []string // -b
	writtenJar string   // the file of -c, which -b may name before it is there
	head       bool
	compressed bool
	service    map[string]string // X-Crawlera- headers of the service flags
}

// requestTemplate is what the flags come to: a request that lacks its target.
type requestTemplate struct {
	method   string
	header   http.Header
	session  *string // value of a caller's own X-Crawlera-Session header; empty: it was removed
	body     body    // nil: none
	length   int64   // -1: unknown, or not to be told
	query    string  // data of -G
	jar      *jar    // cookies of files named by -b; nil: none named
	compress bool
	guard    keyGuard
}

// template checks the flags and reads what they name, all before any request.
func (o *requestFlags) template(guard keyGuard, stdin *stdinClaim) (*requestTemplate, error) {
	t, err := o.begin(guard, stdin)
	if err != nil {
		return nil, err
	}
	return t, o.complete(t, stdin)
}

// begin is the template as far as flags and headers make it.
func (o *requestFlags) begin(guard keyGuard, stdin *stdinClaim) (*requestTemplate, error) {
	if err := o.check(guard); err != nil {
		return nil, err
	}
	header, err := o.readHeaders(guard, stdin)
	if err != nil {
		return nil, err
	}
	t := &requestTemplate{method: o.methodOrDefault(), header: header, compress: o.compressed, guard: guard}
	t.session, err = takeSession(header)
	return t, err
}

// complete adds the body and the cookies, which may have to be waited for.
func (o *requestFlags) complete(t *requestTemplate, stdin *stdinClaim) error {
	if err := o.readBody(t, stdin); err != nil {
		return err
	}
	if err := o.readCookies(t, stdin); err != nil {
		return err
	}
	o.setHeaders(t.header)
	return t.settleLength()
}

// check refuses what contradicts itself or would hand the API key to a target.
func (o *requestFlags) check(guard keyGuard) error {
	switch {
	case len(o.data) > 0 && len(o.form) > 0:
		return fmt.Errorf("%s and -F do not go together: a request has one body", o.data[0].flag)
	case o.get && len(o.form) > 0:
		return errors.New("-G and -F do not go together: a form cannot stand in a URL")
	case o.head && (len(o.data) > 0 && !o.get || len(o.form) > 0):
		return errors.New("-I and a body do not go together: HEAD sends none")
	case o.head && o.method != "" && o.method != http.MethodHead:
		return fmt.Errorf("-I and -X %s do not go together", o.method)
	case o.method != "" && !isToken(o.method):
		return fmt.Errorf("%q is no method", o.method)
	case o.method == http.MethodConnect:
		return errors.New("CONNECT is what smp does for https targets by itself")
	case o.user != "" && !strings.Contains(o.user, ":"):
		return errors.New("-u needs NAME:PASSWORD, or NAME: with nothing behind it")
	}
	return o.checkSecrets(guard)
}

func (o *requestFlags) checkSecrets(guard keyGuard) error {
	if err := guard.checkUser("-u", o.user); err != nil {
		return err
	}
	for _, word := range o.words() {
		if err := guard.check(word.flag, word.value); err != nil {
			return err
		}
	}
	for flag, value := range map[string]*string{"-A": o.agent, "-e": o.referer} {
		if value == nil {
			continue
		}
		if err := guard.check(flag, *value); err != nil {
			return err
		}
		if strings.ContainsFunc(*value, isControl) {
			return fmt.Errorf("%s holds a control character", flag)
		}
	}
	return nil
}

// words are the values of flags that travel as they were typed.
func (o *requestFlags) words() []datum {
	words := append([]datum{{"-X", o.method}}, o.data...)
	for _, field := range o.form {
		words = append(words, datum{"-F", field.value})
	}
	for _, cookie := range o.cookies {
		words = append(words, datum{"-b", cookie})
	}
	for _, header := range slices.Sorted(maps.Keys(o.service)) {
		words = append(words, datum{"the header " + header, o.service[header]})
	}
	return words
}

// readHeaders takes the lines of -H, from a file where one begins with an @.
func (o *requestFlags) readHeaders(guard keyGuard, stdin *stdinClaim) (http.Header, error) {
	var lines []string
	for _, line := range o.headers {
		name, isFile := strings.CutPrefix(line, "@")
		if !isFile {
			lines = append(lines, line)
			continue
		}
		p, err := input(stdin, name, "-H @"+name)
		if err != nil {
			return nil, err
		}
		content, err := small(p, "-H @"+name)
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

func (o *requestFlags) methodOrDefault() string {
	switch {
	case o.method != "":
		return o.method
	case o.head:
		return http.MethodHead
	case (len(o.data) > 0 || len(o.form) > 0) && !o.get:
		return http.MethodPost
	}
	return http.MethodGet
}

// takeSession takes the caller's own session header out: it is --session, and
// removing it is --no-session.
func takeSession(header http.Header) (*string, error) {
	values, there := header[headerSession]
	delete(header, headerSession)
	switch {
	case !there:
		return nil, nil
	case len(values) == 0:
		return new(string), nil
	case len(values) > 1:
		return nil, fmt.Errorf("the header %s is given %d times: a request has one session", headerSession, len(values))
	case values[0] == "":
		return nil, fmt.Errorf("the header %s: the session is empty", headerSession)
	}
	return &values[0], nil
}

func (o *requestFlags) readBody(t *requestTemplate, stdin *stdinClaim) (err error) {
	switch {
	case o.get:
		if t.query, err = queryData(o.data, stdin); err == nil {
			err = t.guard.check("the data of -G", t.query)
		}
	case len(o.data) > 0:
		t.body, err = dataBody(o.data, stdin)
		if o.data[0].isJSON() {
			setDefault(t.header, "Content-Type", "application/json")
			setDefault(t.header, "Accept", "application/json")
		}
		setDefault(t.header, "Content-Type", "application/x-www-form-urlencoded")
	case len(o.form) > 0:
		var mimeType string
		t.body, mimeType, err = formBody(o.form, t.header.Get("Content-Type"), stdin)
		t.header.Set("Content-Type", mimeType)
	}
	return err
}

// setHeaders adds what other flags say, where -H says nothing.
func (o *requestFlags) setHeaders(header http.Header) {
	for name, value := range o.service {
		setDefault(header, name, value)
	}
	if o.user != "" {
		setDefault(header, "Authorization", basic(o.user))
	}
	setOrRemove(header, "User-Agent", o.agent)
	setOrRemove(header, "Referer", o.referer)
}

// setOrRemove sets a header of which -H says nothing; an empty value removes it, as
// with curl's -A and -e.
func setOrRemove(header http.Header, name string, value *string) {
	switch {
	case value == nil || hasHeader(header, name):
	case *value == "":
		header[name] = nil
	default:
		header[name] = []string{*value}
	}
}

func basic(user string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user))
}

// settleLength makes the body's length of what it is and of what the caller's own
// headers say, which are taken out: two lengths on one request are an attack.
func (t *requestTemplate) settleLength() error {
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
	if ok && len(length) > 0 && !slices.Equal(length, []string{strconv.FormatInt(t.length, 10)}) {
		return fmt.Errorf("the header Content-Length says %s, and the body has %d bytes", strings.Join(length, ", "), t.length)
	}
	return nil
}

// request is the template for one target.
func (t *requestTemplate) request(raw string) (client.Request, error) {
	target, user, err := t.guard.target(raw)
	if err != nil {
		return client.Request{}, err
	}
	if t.query != "" {
		target.RawQuery = strings.TrimPrefix(target.RawQuery+"&"+t.query, "&")
	}
	header := t.header.Clone()
	if user != nil {
		password, _ := user.Password()
		setDefault(header, "Authorization", basic(user.Username()+":"+password))
	}
	req := client.Request{Method: t.method, URL: target, Header: header, Compressed: t.compress}
	if t.body != nil {
		req.Body, req.Length = func() (io.ReadCloser, error) { return t.body.open() }, t.length
	}
	return req, nil
}
