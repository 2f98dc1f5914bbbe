// Package curl reads the request language of curl. What -X, -H, -d, -F, -b, -A, -u
// and their like say becomes a [Template], from which a request is made for each
// target.
//
// Where this package is stricter than curl, it refuses before anything is sent.
// Refused is what contradicts itself, what cannot be read, and what would hand the
// API key of the proxy to a target. That last is the work of a [Guard]. A [Jar]
// reads, keeps and writes the cookies of a cookie file.
//
// curl's order of reading is kept. [Parse] looks at what was typed, and
// [Template.Read] reads bodies and cookie files, either of which may be a pipe that
// nobody has written to yet.
package curl

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Options are the values of curl's flags as they were typed. The zero value is a GET.
type Options struct {
	Method     string    // -X
	Headers    []string  // -H
	Data       []Datum   // the -d family, in the order given
	Get        bool      // -G
	Form       []FormArg // -F and --form-string
	UserAgent  *string   // -A; nil: not given, empty: send none
	Referer    *string   // -e; nil: not given, empty: send none
	User       string    // -u
	Cookies    []string  // -b
	WrittenJar string    // file of -c, which -b may name before it exists
	Head       bool      // -I
	Compressed bool

	// Extra are headers that flags unknown to curl ask for. -H wins over them.
	Extra map[string]string
}

// check refuses what contradicts itself or would hand the API key to a target.
func (o *Options) check(guard Guard) error {
	switch {
	case len(o.Data) > 0 && len(o.Form) > 0:
		return fmt.Errorf("%s and -F do not go together: a request has one body", o.Data[0].Flag)
	case o.Get && len(o.Form) > 0:
		return errors.New("-G and -F do not go together: a form cannot stand in a URL")
	case o.Head && (len(o.Data) > 0 && !o.Get || len(o.Form) > 0):
		return errors.New("-I and a body do not go together: HEAD sends none")
	case o.Head && o.Method != "" && o.Method != http.MethodHead:
		return fmt.Errorf("-I and -X %s do not go together", o.Method)
	case o.Referer != nil && strings.HasSuffix(*o.Referer, ";auto"):
		return errors.New(`-e: smp does not set the Referer of redirects by itself, as curl does for ";auto": give the URL alone`)
	case o.User != "" && !strings.Contains(o.User, ":"):
		return errors.New("-u needs NAME:PASSWORD, or NAME: with nothing behind it")
	}
	if o.Method != "" {
		if err := CheckMethod(o.Method); err != nil {
			return err
		}
	}
	return o.checkValues(guard)
}

// CheckMethod refuses what is no method, and CONNECT.
func CheckMethod(method string) error {
	switch {
	case !httpguts.ValidHeaderFieldName(method):
		return fmt.Errorf("%q is not a method", method)
	case method == http.MethodConnect:
		return errors.New("CONNECT is what smp does for https targets by itself")
	}
	return nil
}

// checkValues looks for the API key and for control characters in what is sent as it
// was typed.
func (o *Options) checkValues(guard Guard) error {
	if err := guard.checkUser("-u", o.User); err != nil {
		return err
	}
	for _, sent := range o.sentAsTyped() {
		if err := guard.CheckEscaped(sent.Flag, sent.Value); err != nil {
			return err
		}
	}
	for flag, value := range map[string]*string{"-A": o.UserAgent, "-e": o.Referer} {
		if value != nil && !httpguts.ValidHeaderFieldValue(*value) {
			return fmt.Errorf("%s holds a control character", flag)
		}
	}
	return nil
}

// sentAsTyped lists the values that reach the target unchanged, each with the flag
// that an error names. -u, -H and the URL have checks of their own.
func (o *Options) sentAsTyped() []Datum {
	values := append([]Datum{{"-X", o.Method}}, o.Data...)
	for _, field := range o.Form {
		values = append(values, Datum{"-F", field.Value})
	}
	for _, cookie := range o.Cookies {
		values = append(values, Datum{"-b", cookie})
	}
	if o.UserAgent != nil {
		values = append(values, Datum{"-A", *o.UserAgent})
	}
	if o.Referer != nil {
		values = append(values, Datum{"-e", *o.Referer})
	}
	for _, name := range slices.Sorted(maps.Keys(o.Extra)) {
		values = append(values, Datum{"the header " + name, o.Extra[name]})
	}
	return values
}

// method is that of -X, else the one that the other flags imply.
func (o *Options) method() string {
	switch {
	case o.Method != "":
		return o.Method
	case o.Head:
		return http.MethodHead
	case (len(o.Data) > 0 || len(o.Form) > 0) && !o.Get:
		return http.MethodPost
	}
	return http.MethodGet
}
