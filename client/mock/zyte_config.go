package mock

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// Values of [Config.Service].
const (
	ServiceSPM        = "spm"        // Smart Proxy Manager
	ServiceZyteAPI    = "zyte-api"   // Zyte API's proxy mode
	ServiceTranslated = "translated" // a host of Smart Proxy Manager's after its move to Zyte API
)

// Values of [Config.ErrorBody].
const (
	errorBodyText = "text"
	errorBodyJSON = "json"
)

func (c Config) isZyte() bool { return c.Service == ServiceZyteAPI || c.Service == ServiceTranslated }

// withZyteDefaults replaces the zeros that mean something else to Zyte API, which
// keeps no delay.
func (c Config) withZyteDefaults() Config {
	c.Delay = cmp.Or(c.Delay, -1)
	c.SessionTTL = duration(c.SessionTTL, 2*time.Minute)
	c.SessionMaxAge = duration(c.SessionMaxAge, 15*time.Minute)
	c.Tombstone = duration(c.Tombstone, 10*time.Minute)
	c.RPM = max(cmp.Or(c.RPM, 3000), 0)
	c.DomainRPM = max(c.DomainRPM, 0)
	c.ErrorBody = cmp.Or(c.ErrorBody, errorBodyText)
	return c
}

func (c Config) validateZyte() error {
	spm := !c.isZyte()
	switch {
	case spm && (c.SessionMaxAge != 0 || c.Tombstone != 0 || c.RPM != 0 || c.DomainRPM != 0 || c.ErrorBody != "" || c.IdleFromAnswer):
		return errors.New("a setting of Zyte API's for a mock of Smart Proxy Manager")
	case c.SessionsAPI && c.Service != ServiceTranslated:
		return errors.New("the sessions API is a question of the host that was moved to Zyte API alone")
	case spm:
		return nil
	case c.Delay > 0:
		return errors.New("no delay between requests is kept by Zyte API")
	case c.ErrorBody != errorBodyText && c.ErrorBody != errorBodyJSON:
		return fmt.Errorf("error body %q: want text or json", c.ErrorBody)
	}
	return nil
}
