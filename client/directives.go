package client

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// ofZyteAPI is what to do about what Smart Proxy Manager lacks.
const ofZyteAPI = "it is of Zyte API: --service zyte-api"

// A directive asks something of the service in a header. Callers name it by the header
// that the one service has for it, the Zyte-* name where Smart Proxy Manager has none.
type directive struct {
	header string // that the service takes; "" = it has no equal
	use    string // what to use where it has none
	value  func(string) (value string, ok bool)
}

func asIs(v string) (string, bool) { return v, true }

// spmDirectives are the headers of Smart Proxy Manager, under their own names.
var spmDirectives = map[string]directive{
	"Zyte-IPType":       {use: ofZyteAPI},
	"Zyte-Tags":         {use: ofZyteAPI},
	"Zyte-Browser-Html": {use: ofZyteAPI},
}

// zyteDirectives translate the headers of Smart Proxy Manager (DOC: the vendor's
// migration page).
var zyteDirectives = map[string]directive{
	"X-Crawlera-Profile": {header: "Zyte-Device", use: "desktop or mobile; for headers of your own: --profile-pass", value: func(v string) (string, bool) {
		return v, v == "desktop" || v == "mobile"
	}},
	"X-Crawlera-Profile-Pass": {header: headerZyteOverride, value: asIs},
	"X-Crawlera-Cookies": {header: "Zyte-Cookie-Management", use: "discard; else the service keeps cookies where you send none", value: func(v string) (string, bool) {
		return v, v == "discard"
	}},
	"X-Crawlera-Region":      {header: headerZyteRegion, value: func(v string) (string, bool) { return strings.ToUpper(v), true }},
	"X-Crawlera-JobId":       {header: "Zyte-JobId", value: asIs},
	"X-Crawlera-Max-Retries": {use: "the service retries as it likes; to repeat here: --retry"},
	"X-Crawlera-Timeout":     {use: "to wait less here: --timeout"},
	"X-Crawlera-No-Bancheck": {use: "the service decides what a ban is"},
	"X-Crawlera-Debug":       {use: "times: -w '%{time_total}'; the headers sent: -v"},
	"Zyte-IPType":            {header: "Zyte-IPType", value: asIs},
	"Zyte-Tags":              {header: "Zyte-Tags", value: asIs},
	"Zyte-Browser-Html":      {header: "Zyte-Browser-Html", value: asIs},
}

// DirectiveError says that the service has no equal of a directive, or of a value of it.
type DirectiveError struct {
	Header  string // that the caller asked with
	Value   bool   // it has one, but none for this value
	Service *Service
	Use     string // what to use instead
}

func (e *DirectiveError) Error() string {
	return fmt.Sprintf("%s has no %s", e.Service.Title, e.Header)
}

// Directives puts what is asked of the service, by header, into the headers that this
// service takes. The error is a *DirectiveError.
func (s *Service) Directives(asked map[string]string) (map[string]string, error) {
	if asked == nil {
		return nil, nil
	}
	headers := make(map[string]string, len(asked))
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		d, known := s.directives[name]
		if !known {
			headers[name] = asked[name]
			continue
		}
		value, ok := "", false
		if d.header != "" {
			value, ok = d.value(asked[name])
		}
		if !ok {
			return nil, &DirectiveError{Header: name, Value: d.header != "", Service: s, Use: d.use}
		}
		headers[d.header] = value
	}
	return headers, nil
}

// Translate puts the service headers of a request that somebody else made into those
// that this service takes; that of its session stays. The error is a *DirectiveError.
func (s *Service) Translate(header http.Header) error {
	if s.SessionsAPI {
		return nil
	}
	asked := map[string]string{}
	for name, values := range header {
		if canonical := HeaderName(name); strings.HasPrefix(canonical, "X-Crawlera-") && canonical != headerSession && len(values) > 0 {
			if _, known := s.directives[canonical]; !known {
				return s.CheckHeader(name)
			}
			asked[canonical] = values[0]
			delete(header, name)
		}
	}
	headers, err := s.Directives(asked)
	for name, value := range headers {
		header[name] = []string{value}
	}
	return err
}

// CheckHeader refuses a header of a caller's that the service refuses, or that is
// another service's. The error is a *DirectiveError.
func (s *Service) CheckHeader(name string) error {
	canonical := http.CanonicalHeaderKey(name)
	if s.SessionsAPI {
		if strings.HasPrefix(canonical, "Zyte-") {
			return &DirectiveError{Header: name, Service: s, Use: ofZyteAPI}
		}
		return nil
	}
	switch d, known := s.directives[HeaderName(name)]; {
	case known && d.header != "":
		return &DirectiveError{Header: name, Service: s, Use: "or its own header, " + d.header}
	case known:
		return &DirectiveError{Header: name, Service: s, Use: d.use}
	case canonical == headerSession:
		return &DirectiveError{Header: name, Service: s, Use: "--session"}
	case strings.HasPrefix(canonical, "X-Crawlera-"):
		return &DirectiveError{Header: name, Service: s, Use: "smp help fetch lists what it has"}
	case tellsClient(canonical):
		return &DirectiveError{Header: name, Service: s, Use: "no header that tells a client's address: it is answered with 400"}
	}
	return nil
}

// tellsClient reports whether Zyte API refuses a header because it tells a client's
// address. Fifteen are documented, some of them by their families only.
func tellsClient(canonical string) bool {
	switch canonical {
	case "Via", "Forwarded-For", "X-Client-Ip":
		return true
	}
	return strings.HasPrefix(canonical, "X-Forwarded-") || strings.HasPrefix(canonical, "X-Remote-")
}
