package commands

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/commands/cli"
)

// setting is one value of the configuration and where it comes from.
type setting struct {
	key    string // "connect_timeout"
	value  string // empty: nothing set it, and there is no default
	origin string // "--connect-timeout", "SMP_CONNECT_TIMEOUT", the config file's path, or "default"
	secret bool   // value must not be shown
}

// settings is the configuration of a run: a flag wins over the environment, that
// over the config file, that over the default.
type settings struct {
	list []setting // in the order in which doctor shows them

	service        *client.Service // what is at the endpoint
	endpoint       *url.URL
	key            string // the API key; empty: none
	caCert         []byte // PEM; nil: the system's
	insecure       bool
	proxyInsecure  bool
	timeout        time.Duration // of one request
	sessionTimeout time.Duration // of one call of the sessions API
	connectTimeout time.Duration
	scale          float64 // SMP_TIME_SCALE, 1 where unset

	delay      time.Duration
	delayTyped bool // --delay was given: it wins over delays
	delays     map[string]time.Duration

	ledger ledger.Redis // URL is nil where the ledger is files

	rpm     float64                  // requests of the API key in a minute; 0: no limit of ours
	targets map[string]time.Duration // between two requests to a domain
}

// invalid makes a usage error about the setting, naming its origin.
func (s setting) invalid(err error) error {
	if strings.HasPrefix(s.origin, "-") || strings.HasPrefix(s.origin, "SMP_") || strings.HasPrefix(s.origin, "ZYTE_") {
		return cli.Usagef("%s: %v", s.origin, err)
	}
	return cli.Usagef("%s in %s: %v", s.key, s.origin, err)
}

// setting gives the setting of a key.
func (s *settings) setting(key string) setting {
	for _, found := range s.list {
		if found.key == key {
			return found
		}
	}
	return setting{key: key}
}

// scaled divides a built-in duration by the time scale. Durations that were given
// or received stay as they are.
func (s *settings) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / s.scale)
}

// connecting is the timeout for connecting: at most the timeout of a request that was
// configured.
func (s *settings) connecting() time.Duration {
	said := s.timeout > 0 && s.setting("timeout").origin != "default"
	if said && (s.timeout < s.connectTimeout || s.connectTimeout <= 0) {
		return s.timeout
	}
	return s.connectTimeout
}

// delayFor gives the delay for a target's host: --delay where it was typed, else
// that of the nearest domain in [delays], else the general one.
func (s *settings) delayFor(host string) time.Duration {
	if s.delayTyped {
		return s.delay
	}
	if _, d, ok := ofDomain(s.delays, bareHost(host)); ok {
		return d
	}
	return s.delay
}

// bareHost is a host without its port, as tables of domains have it.
func bareHost(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// ofDomain finds the entry of the nearest domain that host belongs to.
func ofDomain(table map[string]time.Duration, host string) (domain string, d time.Duration, found bool) {
	for domain = host; domain != ""; _, domain, _ = strings.Cut(domain, ".") {
		if d, ok := table[domain]; ok {
			return domain, d, true
		}
	}
	return "", 0, false
}

// describe shows a setting's value to people.
func (s setting) describe() string {
	if s.secret {
		return "(hidden)"
	}
	return cmp.Or(s.value, "-")
}

func (s setting) String() string {
	return fmt.Sprintf("%s = %s (%s)", s.key, strconv.Quote(s.describe()), s.origin)
}
