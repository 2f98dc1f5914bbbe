// Package request declares the flags that say what to send: the request to a target,
// in curl's words, and what is asked of the service. Other flags say in which session
// the request goes out and when, and which requests may follow. It refuses what the
// service at the endpoint has not. It sends nothing.
package request

import (
	"smp/commands/cli"
	"smp/commands/curl"
)

// Headings of the flags in help.
const (
	requestGroup  = "Request"
	serviceGroup  = "Service"
	sessionGroup  = "Session and pace"
	followUpGroup = "What may follow"
)

// Declare declares the flags of a request: those of curl, and those of the service.
// Every line of a batch takes them too.
func Declare(o *curl.Options) []cli.Flag {
	return append(curlFlags(o), DeclareService(o)...)
}

func curlFlags(o *curl.Options) []cli.Flag {
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
	flags := []cli.Flag{
		{Name: "request", Short: "X", Value: "METHOD", Usage: "method, if another than the other flags imply", Set: cli.NonEmpty(&o.Method)},
		{Name: "header", Short: "H", Value: "LINE", Usage: "send 'Name: value'; 'Name:' sends none, 'Name;' an empty one, @FILE those in FILE", Set: cli.Texts(&o.Headers)},
		{Name: "data", Short: "d", Also: []string{"data-ascii"}, Value: "DATA", Usage: "POST DATA, or @FILE without its line ends; several are joined by &", Set: datum("-d")},
		{Name: "data-raw", Value: "DATA", Usage: "as -d, an @ being an @", Set: datum("--data-raw")},
		{Name: "data-binary", Value: "DATA", Usage: "as -d, @FILE as it is", Set: datum("--data-binary")},
		{Name: "data-urlencode", Value: "DATA", Usage: "as -d, encoded: CONTENT, =CONTENT, NAME=CONTENT, @FILE, NAME@FILE", Set: datum("--data-urlencode")},
		{Name: "get", Short: "G", Usage: "put the data into the URL and send GET", Set: cli.Switch(&o.Get)},
		{Name: "json-body", Value: "JSON", Usage: "POST JSON, or @FILE, and ask for JSON (curl's --json)", Set: datum("--json-body")},
		{Name: "form", Short: "F", Value: "FIELD", Usage: "POST a form: NAME=CONTENT, NAME=@FILE, NAME=<FILE, then ;type= ;filename=", Set: form(false)},
		{Name: "form-string", Value: "FIELD", Usage: "as -F, the content as it is", Set: form(true)},
		{Name: "user-agent", Short: "A", Value: "NAME", Usage: "the User-Agent; empty sends none", Set: cli.Given(&o.UserAgent)},
		{Name: "referer", Short: "e", Value: "URL", Usage: "the Referer; empty sends none", Set: cli.Given(&o.Referer)},
		{Name: "user", Short: "u", Value: "NAME:PASS", Usage: "Basic credentials of the target", Set: cli.NonEmpty(&o.User)},
		{Name: "cookie", Short: "b", Value: "COOKIES", Usage: "send 'a=1; b=2', or the cookies of a Netscape cookie file", Set: cookie},
		{Name: "head", Short: "I", Usage: "send HEAD and show the headers", Set: cli.Switch(&o.Head)},
		{Name: "compressed", Usage: "ask for a compressed answer and decode it", Set: cli.Switch(&o.Compressed)},
	}
	return cli.Grouped(requestGroup, flags)
}
