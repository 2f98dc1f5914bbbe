package commands

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"smp/client/paced"
)

// Headings of the flags in help.
const (
	requestGroup  = "Request"
	serviceGroup  = "Service"
	sessionGroup  = "Session and pace"
	followUpGroup = "What may follow"
)

// headerSession is the header that puts a request into a session.
const headerSession = "X-Crawlera-Session"

func (o *requestFlags) flags() []flag {
	return append(o.targetFlags(), o.serviceFlags()...)
}

func (o *requestFlags) targetFlags() []flag {
	datum := func(name string) func(string) error {
		return func(s string) error {
			o.data = append(o.data, datum{name, s})
			return nil
		}
	}
	form := func(isString bool) func(string) error {
		return func(s string) error {
			o.form = append(o.form, formArg{s, isString})
			return nil
		}
	}
	cookie := func(s string) error {
		o.cookies = append(o.cookies, s)
		return nil
	}
	flags := []flag{
		{name: "request", short: "X", value: "METHOD", usage: "method, if another than the other flags imply", set: nonEmpty(&o.method)},
		{name: "header", short: "H", value: "LINE", usage: "send 'Name: value'; 'Name:' sends none, 'Name;' an empty one, @FILE those in FILE", set: list(&o.headers)},
		{name: "data", short: "d", also: []string{"data-ascii"}, value: "DATA", usage: "POST DATA, or @FILE without its line ends; several are joined by &", set: datum("-d")},
		{name: "data-raw", value: "DATA", usage: "as -d, an @ being an @", set: datum("--data-raw")},
		{name: "data-binary", value: "DATA", usage: "as -d, @FILE as it is", set: datum("--data-binary")},
		{name: "data-urlencode", value: "DATA", usage: "as -d, encoded: CONTENT, =CONTENT, NAME=CONTENT, @FILE, NAME@FILE", set: datum("--data-urlencode")},
		{name: "get", short: "G", usage: "put the data into the URL and send GET", set: on(&o.get)},
		{name: "json-body", value: "JSON", usage: "POST JSON, or @FILE, and ask for JSON (curl's --json)", set: datum("--json-body")},
		{name: "form", short: "F", value: "FIELD", usage: "POST a form: NAME=CONTENT, NAME=@FILE, NAME=<FILE, then ;type= ;filename=", set: form(false)},
		{name: "form-string", value: "FIELD", usage: "as -F, the content as it is", set: form(true)},
		{name: "user-agent", short: "A", value: "NAME", usage: "the User-Agent; empty sends none", set: given(&o.agent)},
		{name: "referer", short: "e", value: "URL", usage: "the Referer; empty sends none", set: given(&o.referer)},
		{name: "user", short: "u", value: "NAME:PASS", usage: "Basic credentials of the target", set: nonEmpty(&o.user)},
		{name: "cookie", short: "b", value: "COOKIES", usage: "send 'a=1; b=2', or the cookies of a Netscape cookie file", set: cookie},
		{name: "head", short: "I", usage: "send HEAD and show the headers", set: on(&o.head)},
		{name: "compressed", usage: "ask for a compressed answer and decode it", set: on(&o.compressed)},
	}
	return grouped(requestGroup, flags)
}

// serviceFlags ask something of the service. Each is one header; none is sent
// unless asked for, since plans refuse what they do not include (470).
func (o *requestFlags) serviceFlags() []flag {
	header := func(name string, value func(string) (string, error)) func(string) error {
		return func(s string) error {
			v, err := value(s)
			if o.service == nil {
				o.service = map[string]string{}
			}
			o.service[name] = v
			return err
		}
	}
	noBancheck := func(s string) error {
		yes, err := parseSwitch(s)
		if yes {
			return header("X-Crawlera-No-Bancheck", headerValue)("1")
		}
		delete(o.service, "X-Crawlera-No-Bancheck")
		return err
	}
	flags := []flag{
		{name: "max-retries", value: "N", usage: "how often the service may try other IPs, 0 to 5", set: header("X-Crawlera-Max-Retries", maxRetries)},
		{name: "profile", value: "KIND", usage: "browser headers of the service: desktop, mobile, or pass for one's own", set: header("X-Crawlera-Profile", among("desktop", "mobile", "pass"))},
		{name: "profile-pass", value: "NAMES", usage: "headers, comma-separated, that win over the profile's", set: header("X-Crawlera-Profile-Pass", headerNames)},
		{name: "cookies", value: "MODE", usage: "the service's own cookies: enable, disable or discard", set: header("X-Crawlera-Cookies", among("enable", "disable", "discard"))},
		{name: "region", value: "CC", usage: "country of the outgoing IP, two letters; not with a session", set: header(headerRegion, country)},
		{name: "job-id", value: "S", usage: "label of the request in the service's statistics", set: header("X-Crawlera-JobId", headerValue)},
		{name: "no-bancheck", usage: "do not take a ban page for a failure", set: noBancheck},
		{name: "proxy-timeout", value: "D", usage: "how long the service waits for the target, 30s to 180s", set: header("X-Crawlera-Timeout", proxyTimeout)},
		{name: "debug", value: "WHAT", usage: "ask for request-time, ua or both, as headers of the answer", set: header("X-Crawlera-Debug", debugWords)},
	}
	return grouped(serviceGroup, flags)
}

const headerRegion = "X-Crawlera-Region"

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

func headerValue(s string) (string, error) {
	if s == "" {
		return "", errEmpty
	}
	if strings.ContainsFunc(s, isControl) {
		return "", errors.New("it holds a control character")
	}
	return s, nil
}

// maxRetries has the bounds that the service documents.
func maxRetries(s string) (string, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 5 {
		return "", fmt.Errorf("%q is none of 0 to 5", s)
	}
	return strconv.Itoa(n), nil
}

// proxyTimeout is in milliseconds on the wire. The service moves values out of its
// documented bounds to the nearest one; here they are refused.
func proxyTimeout(s string) (string, error) {
	d, err := parseDuration(s)
	if err != nil {
		return "", err
	}
	if d < 30*time.Second || d > 180*time.Second {
		return "", fmt.Errorf("%s is outside of 30s to 180s", d)
	}
	return strconv.FormatInt(d.Milliseconds(), 10), nil
}

func among(allowed ...string) func(string) (string, error) {
	return func(s string) (string, error) {
		var word string
		err := oneOf(&word, allowed...)(s)
		return word, err
	}
}

func country(s string) (string, error) {
	if len(s) != 2 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "", fmt.Errorf("%q is no country code: two letters, as in US", s)
	}
	return s, nil
}

func headerNames(s string) (string, error) {
	for name := range strings.SplitSeq(s, ",") {
		if !isToken(strings.TrimSpace(name)) {
			return "", fmt.Errorf("%q is no name of a header", name)
		}
	}
	return s, nil
}

func debugWords(s string) (string, error) {
	for word := range strings.SplitSeq(s, ",") {
		if word != "request-time" && word != "ua" {
			return "", &notAmongError{word, []string{"request-time", "ua"}}
		}
	}
	return s, nil
}

// ruleFlags say what may follow a request without asking.
type ruleFlags struct {
	rules        paced.Rules
	maxRedirects int
	retry        bool // --retry was given
}

// curl's limit of redirects.
const defaultMaxRedirects = 50

func (o *ruleFlags) flags() []flag {
	onDead := func(s string) error {
		words := map[string]paced.OnDead{"fail": paced.OnDeadFail, "replace": paced.OnDeadReplace}
		if _, ok := words[s]; !ok {
			return &notAmongError{s, []string{"fail", "replace"}}
		}
		o.rules.OnDead = words[s]
		return nil
	}
	retry := func(s string) error {
		o.retry = true
		return whole(&o.rules.Retry, 0)(s)
	}
	return grouped(followUpGroup, []flag{
		{name: "location", short: "L", usage: "follow redirects, each at a slot of its own", set: on(&o.rules.Follow)},
		{name: "max-redirs", value: "N", def: "50", usage: "how many; -1 for no limit", set: whole(&o.maxRedirects, -1)},
		{name: "retry", value: "N", usage: "repeat what another try may better, up to N times", set: retry},
		{name: "retry-all-methods", usage: "repeat POST and PATCH too", set: on(&o.rules.RetryAllMethods)},
		{name: "retry-auth", usage: "repeat a 407 too: the service answers it when it restarts", set: on(&o.rules.RetryAuth)},
		{name: "on-dead", value: "WHAT", usage: "a dead session: fail, or replace (else only a name's is)", set: onDead},
	})
}

// check refuses what says how to repeat a request where nothing says how often.
func (o *ruleFlags) check() error {
	for _, f := range []struct {
		flag  string
		given bool
	}{{"--retry-auth", o.rules.RetryAuth}, {"--retry-all-methods", o.rules.RetryAllMethods}} {
		if f.given && !o.retry {
			return usagef("%s needs --retry, which says how often", f.flag).hint("--retry 5 %s", f.flag)
		}
	}
	return nil
}
