// Package config finds the settings of a run: a flag wins over the environment, the
// environment over the config file, the config file over the default. Each [Setting]
// knows its origin. Package config declares the flags too, and makes the directory of
// the ledgers. It knows no command and prints nothing.
package config

import (
	"net"
	"net/url"
	"strings"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/commands/cli"
)

// Setting is one value of the configuration and where it comes from.
type Setting struct {
	Key    string // "connect_timeout"
	Value  string // never a secret; empty: nothing set it, and there is no default
	Origin string // "--connect-timeout", "SMP_CONNECT_TIMEOUT", the config file's path, or "default"
}

// Settings is the configuration of a run. [Read] makes it.
type Settings struct {
	List []Setting // in the order in which doctor shows them

	Service        *client.Service // what is at the endpoint
	Endpoint       *url.URL
	Key            string // the API key; empty: none
	CACert         []byte // PEM; nil: the system's
	Insecure       bool
	ProxyInsecure  bool
	Timeout        time.Duration // of one request
	SessionTimeout time.Duration // of one call of the sessions API
	ConnectTimeout time.Duration // as configured: [Settings.Connecting] is what holds
	Scale          float64       // SMP_TIME_SCALE, 1 where unset

	delay      time.Duration            // of an outgoing IP
	DelayTyped bool                     // --delay was given: it wins over Delays
	Delays     map[string]time.Duration // of an outgoing IP, by domain of the target

	Ledger ledger.Redis // URL is nil where the ledger is files

	RPM     float64                  // requests of the API key in a minute; 0: no limit of ours
	Targets map[string]time.Duration // between two requests to a domain
}

// ServiceDelay is the time that the service itself wants between two requests of one
// outgoing IP.
func (s *Settings) ServiceDelay() time.Duration { return s.scaled(s.Service.Delay) }

// Invalid makes a usage error about the setting, naming its origin.
func (s Setting) Invalid(err error) error {
	if strings.HasPrefix(s.Origin, "-") || strings.HasPrefix(s.Origin, "SMP_") || strings.HasPrefix(s.Origin, "ZYTE_") {
		return cli.Usagef("%s: %v", s.Origin, err)
	}
	return cli.Usagef("%s in %s: %v", s.Key, s.Origin, err)
}

// Setting gives the setting of a key.
func (s *Settings) Setting(key string) Setting {
	for _, found := range s.List {
		if found.Key == key {
			return found
		}
	}
	return Setting{Key: key}
}

// scaled divides a built-in duration by the time scale. Durations that were given
// or received stay as they are.
func (s *Settings) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / s.Scale)
}

// Connecting is the timeout for connecting: at most the timeout of a request that was
// configured.
func (s *Settings) Connecting() time.Duration {
	said := s.Timeout > 0 && s.Setting("timeout").Origin != "default"
	if said && (s.Timeout < s.ConnectTimeout || s.ConnectTimeout <= 0) {
		return s.Timeout
	}
	return s.ConnectTimeout
}

// DelayFor gives the delay for a target's host: --delay where it was typed, else
// that of the nearest domain in [delays], else the general one.
func (s *Settings) DelayFor(host string) time.Duration {
	if s.DelayTyped {
		return s.delay
	}
	if _, d, ok := ofDomain(s.Delays, bareHost(host)); ok {
		return d
	}
	return s.delay
}

// bareHost is a host without its port, as tables of domains have it.
func bareHost(host string) string {
	if strings.Contains(host, ":") { // an error of SplitHostPort takes as long as all else here
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
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
