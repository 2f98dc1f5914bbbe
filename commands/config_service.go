package commands

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/commands/cli"
)

// service reads what is at the endpoint. Where nobody says so, the endpoint's host does.
func (c *configReader) service() error {
	otherwise := client.SPM
	if endpoint, _, err := client.ParseEndpoint(c.find("endpoint", c.app.shared.endpoint, client.SPM.Endpoint).value); err == nil {
		otherwise = client.ServiceAt(endpoint.Hostname())
	}
	found := c.pick("service", c.app.shared.service, otherwise.Name)
	service, err := client.ServiceNamed(found.value)
	if err != nil {
		c.into.service = otherwise
		return found.invalid(err)
	}
	c.into.service = service
	return nil
}

// rpm reads how many requests of the API key there may be in a minute.
func (c *configReader) rpm() error {
	found := c.pick("rpm", c.app.shared.rpm, "")
	if found.value == "" {
		return nil
	}
	n, err := strconv.ParseFloat(found.value, 64)
	if err != nil || !(n > 0 && n <= 1e6) {
		return found.invalid(fmt.Errorf("%q is no number of requests above 0", found.value))
	}
	c.into.rpm = n
	return nil
}

// keyDelay is the time between two requests of the API key; 0 is none.
func (s *settings) keyDelay() time.Duration {
	if s.rpm == 0 {
		return 0
	}
	return time.Duration(float64(time.Minute) / s.rpm)
}

// keptAlive is how many sessions the rate of the API key keeps from ending for want of
// use; 0 is any number.
func (s *settings) keptAlive() int {
	life := s.life()
	if !life.Final || s.rpm == 0 {
		return 0
	}
	return max(1, int((life.Idle-2*life.Margin)/s.keyDelay()))
}

// target gives the domain of [targets] that a host belongs to, and the time between
// two requests there.
func (s *settings) target(host string) (domain string, delay time.Duration) {
	host = bareHost(host)
	if domain, delay, ok := ofDomain(s.targets, host); ok {
		return domain, delay
	}
	return host, 0
}

// life is how the service ends sessions, on the time scale.
func (s *settings) life() ledger.Life {
	return ledger.Life(s.service.Life.Scaled(s.scale))
}

// checkDelays refuses delays that no session outlives.
func (s *settings) checkDelays(hosts ...string) error {
	longest := s.scaled(s.service.Life.LongestDelay())
	if longest == 0 {
		return nil
	}
	delays := make(map[string]time.Duration, len(hosts))
	for _, host := range hosts {
		delays[host] = s.delayFor(host)
	}
	if len(hosts) == 0 {
		delays[""] = s.delay
		if !s.delayTyped {
			for domain, delay := range s.delays {
				delays[domain] = delay
			}
		}
	}
	for _, delay := range delays {
		if delay > longest {
			return cli.Usagef("a delay of %s is too long for a session: %s ends one %s after its last request",
				brief(delay), s.service.Title, brief(s.scaled(s.service.Life.Idle))).
				Hint("at most %s, or no session", brief(longest))
		}
	}
	return nil
}

// carriesKeyInClear reports whether what is sent to the endpoint, the API key first, can
// be read on its way, and how that is mended.
func (s *settings) carriesKeyInClear() (instead string, clear bool) {
	if s.service != client.ZyteAPI || s.endpoint.Scheme != "http" || isLoopback(s.endpoint.Host) {
		return "", false
	}
	secure := url.URL{Scheme: "https", Host: s.endpoint.Hostname() + ":8014"}
	return secure.String(), true
}
