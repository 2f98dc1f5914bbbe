package commands

import "smp/commands/curl"

// Headings of the flags in help.
const (
	requestGroup  = "Request"
	serviceGroup  = "Service"
	sessionGroup  = "Session and pace"
	followUpGroup = "What may follow"
)

// requestFlags say what is asked of a target. Every line of a batch takes them too.
func requestFlags(o *curl.Options) []flag {
	return append(curlFlags(o), serviceFlags(o)...)
}

func curlFlags(o *curl.Options) []flag {
	datum := func(name string) func(string) error {
		return func(s string) error {
			o.Data = append(o.Data, curl.Datum{Flag: name, Value: s})
			return nil
		}
	}
	form := func(literal bool) func(string) error {
		return func(s string) error {
			o.Form = append(o.Form, curl.FormArg{Value: s, Literal: literal})
			return nil
		}
	}
	cookie := func(s string) error {
		o.Cookies = append(o.Cookies, s)
		return nil
	}
	flags := []flag{
		{name: "request", short: "X", value: "METHOD", usage: "method, if another than the other flags imply", set: nonEmpty(&o.Method)},
		{name: "header", short: "H", value: "LINE", usage: "send 'Name: value'; 'Name:' sends none, 'Name;' an empty one, @FILE those in FILE", set: list(&o.Headers)},
		{name: "data", short: "d", also: []string{"data-ascii"}, value: "DATA", usage: "POST DATA, or @FILE without its line ends; several are joined by &", set: datum("-d")},
		{name: "data-raw", value: "DATA", usage: "as -d, an @ being an @", set: datum("--data-raw")},
		{name: "data-binary", value: "DATA", usage: "as -d, @FILE as it is", set: datum("--data-binary")},
		{name: "data-urlencode", value: "DATA", usage: "as -d, encoded: CONTENT, =CONTENT, NAME=CONTENT, @FILE, NAME@FILE", set: datum("--data-urlencode")},
		{name: "get", short: "G", usage: "put the data into the URL and send GET", set: on(&o.Get)},
		{name: "json-body", value: "JSON", usage: "POST JSON, or @FILE, and ask for JSON (curl's --json)", set: datum("--json-body")},
		{name: "form", short: "F", value: "FIELD", usage: "POST a form: NAME=CONTENT, NAME=@FILE, NAME=<FILE, then ;type= ;filename=", set: form(false)},
		{name: "form-string", value: "FIELD", usage: "as -F, the content as it is", set: form(true)},
		{name: "user-agent", short: "A", value: "NAME", usage: "the User-Agent; empty sends none", set: given(&o.UserAgent)},
		{name: "referer", short: "e", value: "URL", usage: "the Referer; empty sends none", set: given(&o.Referer)},
		{name: "user", short: "u", value: "NAME:PASS", usage: "Basic credentials of the target", set: nonEmpty(&o.User)},
		{name: "cookie", short: "b", value: "COOKIES", usage: "send 'a=1; b=2', or the cookies of a Netscape cookie file", set: cookie},
		{name: "head", short: "I", usage: "send HEAD and show the headers", set: on(&o.Head)},
		{name: "compressed", usage: "ask for a compressed answer and decode it", set: on(&o.Compressed)},
	}
	return grouped(requestGroup, flags)
}

func grouped(group string, flags []flag) []flag {
	for i := range flags {
		flags[i].group = group
	}
	return flags
}

// given takes any value and remembers that there was one.
func given(p **string) func(string) error {
	return func(s string) error {
		*p = &s
		return nil
	}
}
