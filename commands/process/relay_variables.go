package process

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// direct are the hosts that programs ask without the relay.
const direct = "localhost,127.0.0.1,::1"

// RelayClient are what a program has to know to use a relay.
type RelayClient struct {
	Address string // HOST:PORT
	Token   string // "" for none
	SPKI    string // of the CA's key, as Chromium takes it
	Home    *RelayHome
	Wgetrc  bool // the user has no wgetrc of their own
}

// lastRelayVariable ends what a relay prints when it is ready.
const lastRelayVariable = "SMP_RELAY"

// Variables make programs use the relay and trust its CA. A variable that replaces the
// roots names a bundle with the system's in it; one that adds to them, the CA alone.
func (s RelayClient) Variables() []Variable {
	proxy := &url.URL{Scheme: "http", Host: s.Address}
	if s.Token != "" {
		proxy.User = url.UserPassword("", s.Token)
	}
	vars := []Variable{{Name: "SMP_RELAY_CA", Value: s.Home.caCert()}, {Name: "SMP_RELAY_SPKI", Value: s.SPKI}}
	add := func(value string, names ...string) {
		for _, name := range names {
			vars = append(vars, Variable{Name: name, Value: value})
		}
	}
	add(proxy.String(), "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
		"npm_config_proxy", "npm_config_https_proxy")
	add(direct, "no_proxy", "NO_PROXY")
	add("1", "NODE_USE_ENV_PROXY")
	add(s.Home.bundle(), "SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO",
		"CARGO_HTTP_CAINFO", "AWS_CA_BUNDLE", "PERL_LWP_SSL_CA_FILE", "npm_config_cafile")
	add(s.Home.caCert(), "NODE_EXTRA_CA_CERTS", "DENO_CERT")
	if s.Wgetrc {
		add(s.Home.wgetrc(), "WGETRC")
	}
	add(s.Address, lastRelayVariable)
	return vars
}

// LacksWgetrc reports whether the user has no settings for wget, which a WGETRC of ours
// would hide.
func LacksWgetrc(lookup func(string) string) bool {
	if lookup("WGETRC") != "" {
		return false
	}
	_, err := os.Stat(filepath.Join(lookup("HOME"), ".wgetrc"))
	return lookup("HOME") == "" || os.IsNotExist(err)
}

// InheritedNoProxy is what programs would have asked without a proxy, "" where that
// is no more than what the relay leaves out as well.
func InheritedNoProxy(lookup func(string) string) string {
	for _, name := range []string{"no_proxy", "NO_PROXY"} {
		for host := range strings.SplitSeq(lookup(name), ",") {
			if host = strings.TrimSpace(host); host != "" && !slices.Contains(strings.Split(direct, ","), host) {
				return lookup(name)
			}
		}
	}
	return ""
}
