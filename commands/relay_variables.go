package commands

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"smp/commands/curl"
)

// direct are the hosts that programs ask without the relay.
const direct = "localhost,127.0.0.1,::1"

// relaySettings are what a program has to know to use a relay.
type relaySettings struct {
	address string // HOST:PORT
	token   string // "" for none
	spki    string
	home    *relayHome
	wgetrc  bool // the user has no wgetrc of their own
}

// lastRelayVariable ends what a relay prints when it is ready.
const lastRelayVariable = "SMP_RELAY"

// variables make programs use the relay and trust its CA. A variable that replaces the
// roots names a bundle with the system's in it; one that adds to them, the CA alone.
func (s relaySettings) variables() []variable {
	proxy := &url.URL{Scheme: "http", Host: s.address}
	if s.token != "" {
		proxy.User = url.UserPassword("", s.token)
	}
	vars := []variable{{"SMP_RELAY_CA", s.home.caCert()}, {"SMP_RELAY_SPKI", s.spki}}
	add := func(value string, names ...string) {
		for _, name := range names {
			vars = append(vars, variable{name, value})
		}
	}
	add(proxy.String(), "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
		"npm_config_proxy", "npm_config_https_proxy")
	add(direct, "no_proxy", "NO_PROXY")
	add("1", "NODE_USE_ENV_PROXY")
	add(s.home.bundle(), "SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO",
		"CARGO_HTTP_CAINFO", "AWS_CA_BUNDLE", "PERL_LWP_SSL_CA_FILE", "npm_config_cafile")
	add(s.home.caCert(), "NODE_EXTRA_CA_CERTS", "DENO_CERT")
	if s.wgetrc {
		add(s.home.wgetrc(), "WGETRC")
	}
	add(s.address, lastRelayVariable)
	return vars
}

// lacksWgetrc reports whether the user has no settings for wget, which a WGETRC of ours
// would hide.
func lacksWgetrc(env Env) bool {
	if env.lookup("WGETRC") != "" {
		return false
	}
	_, err := os.Stat(filepath.Join(env.lookup("HOME"), ".wgetrc"))
	return env.lookup("HOME") == "" || os.IsNotExist(err)
}

// inheritedNoProxy is what programs would have asked without a proxy, "" where that
// is no more than what the relay leaves out as well.
func inheritedNoProxy(env Env) string {
	for _, name := range []string{"no_proxy", "NO_PROXY"} {
		for host := range strings.SplitSeq(env.lookup(name), ",") {
			if host = strings.TrimSpace(host); host != "" && !slices.Contains(strings.Split(direct, ","), host) {
				return env.lookup(name)
			}
		}
	}
	return ""
}

// withholdKey drops from an environment what smp reads the API key from, and every
// other variable that holds the key. It names the latter.
func withholdKey(environ []string, key string) (kept, dropped []string) {
	guard := curl.NewGuard(key)
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		switch {
		case slices.Contains([]string{"SMP_API_KEY", "SMP_API_KEY_FILE", "ZYTE_API_KEY"}, name):
		case key != "" && (value == key || guard.Check("", value) != nil),
			name == "SMP_ENDPOINT" && strings.Contains(value, "@"):
			dropped = append(dropped, name)
		default:
			kept = append(kept, entry)
		}
	}
	return kept, dropped
}
