package client

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Service is a product that can be at an endpoint. It says what its headers are
// called, how its sessions begin and end, and what is assumed where nothing is
// configured. There are two, [SPM] and [ZyteAPI]. A host of Smart Proxy Manager's
// that was moved to Zyte API is SPM: it takes the old headers, and its answers tell
// ([Dialect]).
type Service struct {
	Name     string // as configured: "spm", "zyte-api"
	Title    string // for people
	Endpoint string // default
	Delay    time.Duration
	KeyName  string // variable in which the vendor's own tools look for the key; "" = none

	// SessionsAPI says that the service makes, lists and deletes sessions, and names
	// their outgoing IPs. Without it sessions are made here, with their IDs, and no
	// request is sent for them.
	SessionsAPI bool
	Life        Life

	// Limits says that the service limits the requests of a key and of a host, each for
	// itself, and tells which of them was too much.
	Limits bool

	sessionHeader string
	directives    map[string]directive
}

// Life is how the service ends a session. The zero value is no end. It converts to a
// ledger.Life, which is the same for a package that does not know the wire.
type Life struct {
	Idle time.Duration // after its last request; 0 = no end
	Age  time.Duration // after its first request; 0 = no end

	// Final says that the ID of an ended session must never be sent again: the service
	// would begin another session with it, on another IP.
	Final  bool
	Margin time.Duration // how much earlier than its end a session is given up, where Final
	Bans   int           // in a row that end it, where Final; 0 = none
}

// Scaled is the life with its durations divided by scale.
func (l Life) Scaled(scale float64) Life {
	for _, d := range []*time.Duration{&l.Idle, &l.Age, &l.Margin} {
		*d = time.Duration(float64(*d) / scale)
	}
	return l
}

// LongestDelay is the longest time between the requests of a session that surely keeps
// it alive; 0 is no limit.
func (l Life) LongestDelay() time.Duration {
	if !l.Final {
		return 0
	}
	return l.Idle - 2*l.Margin
}

var (
	// SPM is Smart Proxy Manager (DOC: its sessions page).
	SPM = &Service{
		Name: "spm", Title: "Smart Proxy Manager", Endpoint: "http://proxy.zyte.com:8011", Delay: 12 * time.Second,
		SessionsAPI: true, Life: Life{Idle: 30 * time.Minute},
		sessionHeader: headerSession, directives: spmDirectives,
	}
	// ZyteAPI is Zyte API's proxy mode (DOC: its proxy mode page and OpenAPI document).
	ZyteAPI = &Service{
		Name: "zyte-api", Title: "Zyte API", Endpoint: "https://api.zyte.com:8014", KeyName: "ZYTE_API_KEY",
		Life: zyteLife, Limits: true,
		sessionHeader: headerZyteSession, directives: zyteDirectives,
	}
)

// zyteLife holds for a session from when an answer to it is Zyte API's.
var zyteLife = Life{Idle: 2 * time.Minute, Age: 15 * time.Minute, Final: true, Margin: 5 * time.Second, Bans: 3}

// zyteHost selects Zyte API when no service is configured.
const zyteHost = "api.zyte.com"

// ServiceNamed finds a service by its name.
func ServiceNamed(name string) (*Service, error) {
	for _, s := range []*Service{SPM, ZyteAPI} {
		if s.Name == name {
			return s, nil
		}
	}
	return nil, fmt.Errorf("%q is none of %s, %s", name, SPM.Name, ZyteAPI.Name)
}

// ServiceAt is the service that an endpoint's host name stands for.
func ServiceAt(host string) *Service {
	if strings.EqualFold(strings.TrimSuffix(host, "."), zyteHost) {
		return ZyteAPI
	}
	return SPM
}

// LifeOf is how a session ends whose answers have that dialect.
func (s *Service) LifeOf(d Dialect) Life {
	if d == DialectZyte {
		return zyteLife
	}
	return s.Life
}

// SessionID reads a session's ID as somebody gives it. A UUID is one ID in either case.
func (s *Service) SessionID(id string) (string, error) {
	switch {
	case !ValidSessionID(id):
		return "", fmt.Errorf("%q is not a session ID", id)
	case s.SessionsAPI:
		return id, nil
	case !isUUID4(id):
		return "", fmt.Errorf("%q is not a session ID of %s, which is a UUID of version 4", id, s.Title)
	}
	return strings.ToLower(id), nil
}

// SessionHeader is the header that names a request's session.
func (s *Service) SessionHeader() string { return s.sessionHeader }

// SessionHeaders are those that belong to the session of a request, and not to what is
// asked of its target.
func (s *Service) SessionHeaders() []string {
	if s.SessionsAPI {
		return []string{headerSession, "X-Crawlera-Region"}
	}
	return []string{headerZyteSession, headerZyteRegion}
}

// Region is the country that a request asks for, where that is bound to its session.
func (s *Service) Region(header http.Header) string {
	if s.SessionsAPI {
		return ""
	}
	for name, values := range header {
		if strings.EqualFold(name, headerZyteRegion) && len(values) > 0 {
			return strings.ToUpper(values[0])
		}
	}
	return ""
}

// errNoSessionsAPI is the answer to what only a sessions API could do.
var errNoSessionsAPI = errors.New("the service lists no sessions: they are known where they are used")
