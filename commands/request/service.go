package request

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"smp/client"
	"smp/client/spell"
	"smp/commands/cli"
	"smp/commands/curl"
)

// HeaderRegion is the header of --region in [curl.Options].Extra.
const HeaderRegion = "X-Crawlera-Region"

// DeclareService declares flags that ask something of the service. Each is one header,
// called as Smart Proxy Manager or else Zyte API calls it; [client.Service.Directives]
// gives those that are sent. None is sent unless asked for, since plans refuse what they
// do not include (470).
func DeclareService(o *curl.Options) []cli.Flag {
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
	given := func(name, value string) func(string) error { // a switch: without it, no header
		return func(s string) error {
			yes, err := cli.ParseSwitch(s)
			if yes {
				return header(name, headerValue)(value)
			}
			delete(o.Extra, name)
			return err
		}
	}
	tags := map[string]string{}
	tag := func(s string) (string, error) {
		key, value, ok := strings.Cut(s, "=")
		if !ok || key == "" {
			return "", fmt.Errorf("%q is not a tag: write KEY=VALUE", s)
		}
		tags[key] = value
		return client.Tags(tags)
	}
	flags := []cli.Flag{
		{Name: "max-retries", Value: "N", Usage: "how often the service may try other IPs, 0 to 5", Set: header("X-Crawlera-Max-Retries", maxRetries)},
		{Name: "profile", Value: "KIND", Usage: "browser headers of the service: desktop, mobile, or pass for one's own", Set: header("X-Crawlera-Profile", among("desktop", "mobile", "pass"))},
		{Name: "profile-pass", Value: "NAMES", Usage: "headers, comma-separated, that win over the profile's", Set: header("X-Crawlera-Profile-Pass", headerNames)},
		{Name: "cookies", Value: "MODE", Usage: "the service's own cookies: enable, disable or discard", Set: header("X-Crawlera-Cookies", among("enable", "disable", "discard"))},
		{Name: "region", Value: "CC", Usage: "country of the outgoing IP, two letters; not with a session of Smart Proxy Manager", Set: header(HeaderRegion, country)},
		{Name: "job-id", Value: "S", Usage: "label of the request in the service's statistics", Set: header("X-Crawlera-JobId", headerValue)},
		{Name: "no-bancheck", Usage: "do not take a ban page for a failure", Set: given("X-Crawlera-No-Bancheck", "1")},
		{Name: "proxy-timeout", Value: "D", Usage: "how long the service waits for the target, 30s to 180s", Set: header("X-Crawlera-Timeout", proxyTimeout)},
		{Name: "debug", Value: "WHAT", Usage: "ask for request-time, ua or both, as headers of the answer", Set: header("X-Crawlera-Debug", debugWords)},
		{Name: "ip-type", Value: "KIND", Usage: "of Zyte API: datacenter or residential", Set: header("Zyte-IPType", among("datacenter", "residential"))},
		{Name: "tag", Value: "KEY=VALUE", Usage: "of Zyte API: label of the request, as often as needed", Set: header("Zyte-Tags", tag)},
		{Name: "browser", Usage: "of Zyte API: the page as a browser has built it", Set: given("Zyte-Browser-Html", "true")},
	}
	return cli.Grouped(serviceGroup, flags)
}

func headerValue(s string) (string, error) {
	if s == "" {
		return "", cli.ErrEmpty
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
	d, err := cli.ParseDuration(s)
	if err != nil {
		return "", err
	}
	if d < 30*time.Second || d > 180*time.Second {
		return "", fmt.Errorf("%s is not from 30s to 180s", spell.Duration(d))
	}
	return strconv.FormatInt(d.Milliseconds(), 10), nil
}

func among(allowed ...string) func(string) (string, error) {
	return func(s string) (string, error) {
		var word string
		err := cli.OneOf(&word, allowed...)(s)
		return word, err
	}
}

func country(s string) (string, error) {
	if len(s) != 2 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "", fmt.Errorf("%q is not a country code: two letters, as in US", s)
	}
	return s, nil
}

func headerNames(s string) (string, error) {
	for name := range strings.SplitSeq(s, ",") {
		if !httpguts.ValidHeaderFieldName(strings.TrimSpace(name)) {
			return "", fmt.Errorf("%q is not a header name", name)
		}
	}
	return s, nil
}

func debugWords(s string) (string, error) {
	for word := range strings.SplitSeq(s, ",") {
		if word != "request-time" && word != "ua" {
			return "", cli.NotAmong(word, "request-time", "ua")
		}
	}
	return s, nil
}
