package relay

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"smp/client/paced"
)

const (
	headerSession   = "X-Crawlera-Session"
	headerProxyAuth = "Proxy-Authorization"
	headerRegion    = "X-Crawlera-Region"

	noSession = "none" // in the place of a session: without one
	idPrefix  = "id."  // before an id in the place of a user name
)

// defaults is the session of requests that name none, as far as their connection
// says. The proxy credentials of its CONNECT say it, else the port that it came
// in on.
type defaults struct {
	ref paced.Ref
	err error // the CONNECT named no session that there can be
}

// named is what the header of a request, or of a CONNECT, says of the session. Its
// X-Crawlera-Session comes first, then the user name of its proxy credentials,
// then d.
func (d defaults) named(h http.Header) (paced.Ref, error) {
	if values, there := h[headerSession]; there {
		return parseSession(strings.Join(values, ", "))
	}
	if user, _ := credentials(h); user != "" {
		return parseUser(user)
	}
	return d.ref, d.err
}

// parseSession reads "ID", "create", "@NAME" or "none".
func parseSession(s string) (paced.Ref, error) {
	if s == noSession {
		return paced.Ref{}, nil
	}
	ref, err := paced.ParseRef(s)
	if err != nil {
		return ref, fmt.Errorf("X-Crawlera-Session: %w", err)
	}
	return ref, nil
}

// parseUser reads a user name: NAME stands for @NAME, which not every program can
// put into the URL of a proxy, and id.ID for an id.
func parseUser(user string) (paced.Ref, error) {
	if user == noSession {
		return paced.Ref{}, nil
	}
	s := "@" + strings.TrimPrefix(user, "@")
	if id, isID := strings.CutPrefix(user, idPrefix); isID {
		s = id
	}
	ref, err := paced.ParseRef(s)
	if err != nil {
		return ref, fmt.Errorf("the user name of the proxy: %w", err)
	}
	return ref, nil
}

// addsRegion reports whether a request, whose header is h, gets a region that no session
// can have. Zyte API binds one to a session, which the ledger knows.
func (s *Server) addsRegion(h http.Header) bool {
	_, own := h[headerRegion]
	_, adds := s.cfg.Header[headerRegion]
	return adds && !own
}

// credentials are the Basic credentials meant for the relay.
func credentials(h http.Header) (user, password string) {
	scheme, encoded, _ := strings.Cut(h.Get(headerProxyAuth), " ")
	if !strings.EqualFold(scheme, "Basic") {
		return "", ""
	}
	plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil {
		return "", ""
	}
	user, password, _ = strings.Cut(string(plain), ":")
	return user, password
}
