package request

import (
	"errors"
	"maps"
	"net/http"
	"slices"

	"smp/client"
	"smp/client/paced"
	"smp/commands/cli"
	"smp/commands/config"
	"smp/commands/curl"
)

// directiveFlags are the flags behind what can be asked of a service.
var directiveFlags = map[string]string{
	"X-Crawlera-Max-Retries":  "--max-retries",
	"X-Crawlera-Profile":      "--profile",
	"X-Crawlera-Profile-Pass": "--profile-pass",
	"X-Crawlera-Cookies":      "--cookies",
	HeaderRegion:              "--region",
	"X-Crawlera-JobId":        "--job-id",
	"X-Crawlera-No-Bancheck":  "--no-bancheck",
	"X-Crawlera-Timeout":      "--proxy-timeout",
	"X-Crawlera-Debug":        "--debug",
	"Zyte-IPType":             "--ip-type",
	"Zyte-Tags":               "--tag",
	"Zyte-Browser-Html":       "--browser",
}

// Ask puts what the flags of a request ask of the service into the service's headers.
func Ask(service *client.Service, o *curl.Options) error {
	headers, err := service.Directives(o.Extra)
	if refused, ok := errors.AsType[*client.DirectiveError](err); ok {
		flag := directiveFlags[refused.Header]
		if value := o.Extra[refused.Header]; refused.Value {
			flag += " " + value
		}
		return cli.Usagef("%s has nothing like %s", refused.Service.Title, flag).Hint("%s", refused.Use)
	}
	o.Extra = headers
	return err
}

// CheckHeaders refuses headers of a caller's that the service refuses, or that are
// another service's.
func CheckHeaders(service *client.Service, header http.Header) error {
	for _, name := range slices.Sorted(maps.Keys(header)) {
		refused, ok := errors.AsType[*client.DirectiveError](service.CheckHeader(name))
		if !ok {
			continue
		}
		err := cli.Usagef("%s does not take the header %s", service.Title, name)
		if flag := directiveFlags[client.HeaderName(name)]; flag != "" {
			err = err.Hint("use %s", flag)
		}
		return err.Hint("%s", refused.Use)
	}
	return nil
}

// SessionRef reads the name of a session as somebody gives it.
func SessionRef(service *client.Service, text string) (paced.Ref, error) {
	ref, err := paced.ParseRef(text)
	if err == nil && ref.Kind == paced.RefID {
		ref.Value, err = service.SessionID(ref.Value)
	}
	return ref, err
}

// CheckInSession refuses what a request in that session cannot have: a region where
// the service binds none to a session. It also refuses a delay that no session
// outlives. Without hosts it may be for any.
func CheckInSession(s *config.Settings, ref paced.Ref, region string, hosts ...string) error {
	switch {
	case ref.Kind == paced.RefNone:
		return nil
	case region != "" && s.Service.SessionsAPI:
		return cli.Usagef("--region does not go with session %s: the service calls them incompatible", ref).
			Hint("without a session: --no-session")
	}
	return s.CheckDelays(hosts...)
}
