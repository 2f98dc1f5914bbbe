package mock

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Config says what kind of service the mock is. The zero value is a working
// enterprise account with the key "test". Durations are the service's own,
// before they are divided by TimeScale; zero means the default named beside
// the field, a negative one means none.
type Config struct {
	// Service is whose protocol the mock speaks: ServiceSPM, which "" is,
	// ServiceZyteAPI or ServiceTranslated.
	Service string

	Key       string  // API key that is accepted, "test"
	TimeScale float64 // how many times faster than real time the service lives, 1

	Delay      time.Duration // minimum between requests of one outgoing IP, 12s
	Growth     time.Duration // added to an IP's delay by each early request, 1s (a guess: the step is not documented)
	SessionTTL time.Duration // a session's life after its last request, 30m (Zyte API: 2m)
	SoftLimit  time.Duration // wait from which answers carry X-Crawlera-Next-Request-In, 120s
	MaxDelay   time.Duration // no request is held longer, 15m
	HardLimit  time.Duration // wait from which a request is refused with 503 and Retry-After, none
	Tolerance  time.Duration // how early a request may come and still be in time, in real time; the larger of 2ms and 2 % of the delay

	SessionLimit     int    // live sessions, 5000 (Zyte API: a guess)
	ConcurrencyLimit int    // requests at once, 0 is no limit
	IPs              int    // outgoing IPs, 5000; sessions share them in turn
	Plan             string // "enterprise" (default), "advanced" or "basic"
	Seed             int64  // of session IDs, outgoing IPs and faults
	ResponseLimit    int64  // bytes of an answer's body, 500 MB; beyond it 541

	Origin  http.Handler // the target of every request, nil is the embedded httpbin; see HTTPBin, Files, Passthrough
	Faults  []Fault      // armed from the start
	Journal io.Writer    // every request as a JSON line, nil is none; the last 10,000 are kept in memory anyway

	// AllowHosts are names under which the control endpoints below /_mock/ answer
	// anybody. Under loopback names they answer this machine.
	AllowHosts []string

	// Of Zyte API alone.
	SessionMaxAge time.Duration // a session's life after its first request, 15m
	Tombstone     time.Duration // how long the ID of an ended session is refused, 10m
	RPM           int           // requests of the key in a minute, 3000
	DomainRPM     int           // requests to one host in a minute, none

	// What the service does in these places is not known, or sources
	// disagree. The zero value is the mock's choice.

	CloseOn407         bool   // close the connection after a 407, as once observed
	EmptyBody407       bool   // no text in a 407, as once observed
	SessionsAuthStatus int    // of /sessions without a valid key, 401
	DeleteStatus       int    // of DELETE for an unknown session, 400
	ListPorts          bool   // name the port beside the IP in GET /sessions
	HeaderAuthCode     string // code of a header the plan lacks, "headers_auth" as observed; "header_auth" as documented
	ErrorNewline       bool   // end error texts with a newline, as in 2015
	Attempts           int    // tries of one request outside sessions, 3 (older: 6)
	NoSessionRetries   bool   // ignore X-Crawlera-Max-Retries in sessions, as documented until 2019
	ErrorBody          string // of Zyte API's errors: "text" as observed, "json" as documented
	IdleFromAnswer     bool   // count a Zyte API session's idle time from its last answer, not its last request
	SessionsAPI        bool   // the host that was moved to Zyte API still has /sessions
}

// withDefaults returns the configuration with every zero replaced.
func (c Config) withDefaults() (Config, error) {
	if c.Service = cmp.Or(c.Service, ServiceSPM); c.isZyte() {
		c = c.withZyteDefaults()
	}
	c.Key = cmp.Or(c.Key, "test")
	c.TimeScale = cmp.Or(c.TimeScale, 1)
	c.Delay = duration(c.Delay, 12*time.Second)
	c.Growth = duration(c.Growth, time.Second)
	c.SessionTTL = duration(c.SessionTTL, 30*time.Minute)
	c.SoftLimit = duration(c.SoftLimit, 120*time.Second)
	c.MaxDelay = duration(c.MaxDelay, 15*time.Minute)
	c.HardLimit = duration(c.HardLimit, 0)
	c.Tolerance = duration(c.Tolerance, defaultTolerance(c.Delay, c.TimeScale))
	c.SessionLimit = cmp.Or(c.SessionLimit, 5000)
	c.IPs = cmp.Or(c.IPs, 5000)
	c.Plan = cmp.Or(c.Plan, planEnterprise)
	c.ResponseLimit = cmp.Or(c.ResponseLimit, 500_000_000)
	c.SessionsAuthStatus = cmp.Or(c.SessionsAuthStatus, http.StatusUnauthorized)
	c.DeleteStatus = cmp.Or(c.DeleteStatus, http.StatusBadRequest)
	c.HeaderAuthCode = cmp.Or(c.HeaderAuthCode, "headers_auth")
	c.Attempts = cmp.Or(c.Attempts, 3)
	return c, c.validate()
}

func (c Config) validate() error {
	switch {
	case c.Service != ServiceSPM && !c.isZyte():
		return fmt.Errorf("service %q: want %s, %s or %s", c.Service, ServiceSPM, ServiceZyteAPI, ServiceTranslated)
	case strings.ContainsAny(c.Key, ":\r\n"):
		return errors.New("API key: a colon or a line break in it")
	case !(c.TimeScale >= 1e-6 && c.TimeScale <= 1e6): // beyond, times are too long to add up, or none at all
		return fmt.Errorf("time scale %v: want 0.000001 to 1000000", c.TimeScale)
	case c.IPs < 1 || c.IPs > maxIPs:
		return fmt.Errorf("%d outgoing IPs: want 1 to %d", c.IPs, maxIPs)
	case c.SessionLimit < 1:
		return fmt.Errorf("session limit %d: want at least 1", c.SessionLimit)
	case c.ConcurrencyLimit < 0:
		return fmt.Errorf("concurrency limit %d: want at least 0", c.ConcurrencyLimit)
	case c.ResponseLimit < 1:
		return fmt.Errorf("response limit %d: want at least 1", c.ResponseLimit)
	case c.Plan != planEnterprise && c.Plan != planAdvanced && c.Plan != planBasic:
		return fmt.Errorf("plan %q: want enterprise, advanced or basic", c.Plan)
	}
	return cmp.Or(c.validateZyte(), c.validateVariants())
}

func (c Config) validateVariants() error {
	switch {
	case c.SessionsAuthStatus < 400 || c.SessionsAuthStatus > 499:
		return fmt.Errorf("status %d for /sessions without a valid key: want 400 to 499", c.SessionsAuthStatus)
	case c.DeleteStatus < 400 || c.DeleteStatus > 599:
		return fmt.Errorf("status %d for an unknown session: want 400 to 599", c.DeleteStatus)
	case c.HeaderAuthCode != "headers_auth" && c.HeaderAuthCode != "header_auth":
		return fmt.Errorf("code %q for a header that the plan lacks: want headers_auth or header_auth", c.HeaderAuthCode)
	case c.Attempts < 1:
		return fmt.Errorf("%d tries of a request: want at least 1", c.Attempts)
	}
	return nil
}

// duration returns d, or def where d is zero. A negative d means none.
func duration(d, def time.Duration) time.Duration {
	return max(cmp.Or(d, def), 0)
}

// defaultTolerance is a real duration. A first request arrives late by its tunnel
// and handshake, and the next one then early by as much.
func defaultTolerance(delay time.Duration, scale float64) time.Duration {
	return max(2*time.Millisecond, time.Duration(float64(delay)/50/scale))
}
