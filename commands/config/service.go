package config

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/spell"
	"smp/commands/cli"
)

// service reads what is at the endpoint. Where nobody says so, the endpoint's host does.
func (r *Reader) service() error {
	otherwise := client.SPM
	if endpoint, _, err := client.ParseEndpoint(r.find("endpoint", r.Flags.Endpoint, client.SPM.Endpoint).Value); err == nil {
		otherwise = client.ServiceAt(endpoint.Hostname())
	}
	found := r.pick("service", r.Flags.Service, otherwise.Name)
	service, err := client.ServiceNamed(found.Value)
	if err != nil {
		r.Settings.Service = otherwise
		return found.Invalid(err)
	}
	r.Settings.Service = service
	return nil
}

// rpm reads how many requests of the API key there may be in a minute.
func (r *Reader) rpm() error {
	found := r.pick("rpm", r.Flags.RPM, "")
	if found.Value == "" {
		return nil
	}
	n, err := strconv.ParseFloat(found.Value, 64)
	if err != nil || !(n >= 1e-3 && n <= 1e6) { // less is no pace: it is to wait for hours
		return found.Invalid(fmt.Errorf("%q is not a number of requests from 0.001 to 1000000", found.Value))
	}
	r.Settings.RPM = n
	return nil
}

// KeyDelay is the time between two requests of the API key; 0 is none.
func (s *Settings) KeyDelay() time.Duration {
	if s.RPM == 0 {
		return 0
	}
	return time.Duration(float64(time.Minute) / s.RPM)
}

// KeptAlive is how many sessions the rate of the API key keeps from ending for want of
// use; 0 is any number.
func (s *Settings) KeptAlive() int {
	life := s.Life()
	if !life.Final || s.RPM == 0 {
		return 0
	}
	return max(1, int((life.Idle-2*life.Margin)/s.KeyDelay()))
}

// Target gives the domain of [targets] that a host belongs to, and the time between
// two requests there.
func (s *Settings) Target(host string) (domain string, delay time.Duration) {
	host = bareHost(host)
	if domain, delay, ok := ofDomain(s.Targets, host); ok {
		return domain, delay
	}
	return host, 0
}

// Life is how the service ends sessions, on the time scale.
func (s *Settings) Life() ledger.Life {
	return ledger.Life(s.Service.Life.Scaled(s.Scale))
}

// CheckDelays refuses delays that no session outlives.
func (s *Settings) CheckDelays(hosts ...string) error {
	longest := s.scaled(s.Service.Life.LongestDelay())
	if longest == 0 {
		return nil
	}
	delays := make(map[string]time.Duration, len(hosts))
	for _, host := range hosts {
		delays[host] = s.DelayFor(host)
	}
	if len(hosts) == 0 {
		delays[""] = s.delay
		if !s.DelayTyped {
			for domain, delay := range s.Delays {
				delays[domain] = delay
			}
		}
	}
	for _, delay := range delays {
		if delay > longest {
			return cli.Usagef("a delay of %s is too long for a session: %s ends one %s after its last request",
				spell.Duration(delay), s.Service.Title, spell.Duration(s.scaled(s.Service.Life.Idle))).
				Hint("give at most --delay %s, or send without a session", spell.Duration(longest))
		}
	}
	return nil
}

// CarriesKeyInClear reports whether the API key can be read on its way to the endpoint,
// and names an endpoint where it cannot.
func (s *Settings) CarriesKeyInClear() (instead string, clear bool) {
	if s.Service != client.ZyteAPI || s.Endpoint.Scheme != "http" || client.OnLoopback(s.Endpoint.Host) {
		return "", false
	}
	secure := url.URL{Scheme: "https", Host: s.Endpoint.Hostname() + ":8014"}
	return secure.String(), true
}
