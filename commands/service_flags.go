package commands

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"smp/commands/curl"
)

// Headers that decide whether a request may go out in a session.
const (
	headerSession = "X-Crawlera-Session"
	headerRegion  = "X-Crawlera-Region"
)

// serviceFlags ask something of the service. Each is one header; none is sent
// unless asked for, since plans refuse what they do not include (470).
func serviceFlags(o *curl.Options) []flag {
	header := func(name string, value func(string) (string, error)) func(string) error {
		return func(s string) error {
			v, err := value(s)
			if o.Extra == nil {
				o.Extra = map[string]string{}
			}
			o.Extra[name] = v
			return err
		}
	}
	noBancheck := func(s string) error {
		yes, err := parseSwitch(s)
		if yes {
			return header("X-Crawlera-No-Bancheck", headerValue)("1")
		}
		delete(o.Extra, "X-Crawlera-No-Bancheck")
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

func headerValue(s string) (string, error) {
	if s == "" {
		return "", errEmpty
	}
	if !httpguts.ValidHeaderFieldValue(s) {
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
		if !httpguts.ValidHeaderFieldName(strings.TrimSpace(name)) {
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
