package curl

import (
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"smp/client"
	"smp/commands/term"
)

// Command gives the arguments of curl that make the request to raw, each a word of a
// POSIX shell. It stands for [Template.Read] and [Template.Request]: files of bodies and
// cookies are named, not read, except for data that -G puts into the URL. head says what
// header goes out with a request.
func (t *Template) Command(raw string, head func(*client.Request) http.Header, stdin *term.Stdin) ([]string, error) {
	o := t.options
	target, user, err := t.Guard.Target(raw)
	if err != nil {
		return nil, err
	}
	if o.Get {
		if err := t.readBody(stdin); err != nil {
			return nil, err
		}
		target.RawQuery = t.withQuery(target.RawQuery)
	}
	words := o.requestWords(user)
	t.setTyped()
	switch {
	case o.sendsJSON():
		setDefault(t.header, "Accept", "application/json")
	case len(o.Form) > 0:
		t.leaveBoundary()
	}
	header := head(&client.Request{Method: o.method(), URL: target, Header: t.header, Compressed: o.Compressed})
	words = append(words, o.headerWords(header)...)
	return append(words, urlWords(target)...), nil
}

// leaveBoundary leaves the boundary of a form to curl, which adds one to any type.
func (t *Template) leaveBoundary() {
	kind, params, err := mime.ParseMediaType(t.header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return
	}
	delete(params, "boundary")
	t.header.Set("Content-Type", mime.FormatMediaType(kind, params))
}

// requestWords are the flags of curl's that smp has too. What -G did is in the URL.
func (o *Options) requestWords(user *url.Userinfo) []string {
	var line CommandLine
	line.Add("-X", o.Method)
	line.AddIf(o.Head, "-I")
	for _, d := range o.Data {
		switch {
		case o.Get:
		case d.isJSON():
			line.addAny("--json", d.Value)
		default:
			line.addAny(d.Flag, d.Value)
		}
	}
	for _, field := range o.Form {
		if field.Literal {
			line.addAny("--form-string", field.Value)
		} else {
			line.addAny("-F", field.Value)
		}
	}
	line.Add("-u", o.credentials(user))
	for _, cookie := range o.Cookies {
		line.addAny("-b", cookie)
	}
	line.AddIf(o.Compressed, "--compressed")
	return line.Words
}

// credentials are those of -u, else the URL's.
func (o *Options) credentials(user *url.Userinfo) string {
	if o.User != "" || user == nil {
		return o.User
	}
	password, _ := user.Password()
	return user.Username() + ":" + password
}

func (o *Options) sendsJSON() bool {
	return len(o.Data) > 0 && !o.Get && o.Data[0].isJSON()
}

// headerWords are -H, without the headers that curl sends by itself.
func (o *Options) headerWords(header http.Header) (words []string) {
	accept := "*/*"
	if o.sendsJSON() {
		accept = "application/json"
	}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		values := header[name]
		switch {
		case len(values) == 0:
			words = append(words, "-H", term.Word(name+":"))
		case len(values) == 1 && name == "Accept" && values[0] == accept:
			continue
		}
		for _, value := range values {
			line := name + ": " + value
			if value == "" {
				line = name + ";"
			}
			words = append(words, "-H", term.Word(line))
		}
	}
	return words
}

// urlWords are the URL, which curl is told to leave as it is.
func urlWords(target *url.URL) (words []string) {
	text := target.String()
	if strings.ContainsAny(text, "[]{}") {
		words = append(words, "--globoff")
	}
	if path := strings.ToLower(target.EscapedPath()); strings.Contains(path, "/.") || strings.Contains(path, "%2e") {
		words = append(words, "--path-as-is")
	}
	return append(words, term.Word(text))
}
