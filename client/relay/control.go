package relay

import (
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
)

const controlPath = "/_relay/"

// serveControl answers requests that are meant for the relay itself. A page that
// somebody's name server leads here has another Host.
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	if !fromHere(r) {
		http.Error(w, "smp relay answers this on loopback alone", http.StatusForbidden)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "GET alone", http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	switch r.URL.Path {
	case controlPath + "stats":
		w.Header().Set("Content-Type", "application/json")
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		_ = encoder.Encode(s.Stats())
	case controlPath + "ca.pem":
		w.Header().Set("Content-Type", "application/x-pem-file")
		_, _ = w.Write(s.cfg.Authority.CertPEM())
	case controlPath + "spki":
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write([]byte(s.cfg.Authority.SPKI() + "\n"))
	default:
		http.Error(w, "this is a proxy: export http_proxy=http://"+r.Host+"; its own paths are "+
			controlPath+"stats, "+controlPath+"ca.pem and "+controlPath+"spki", http.StatusNotFound)
	}
}

// fromHere reports whether a request comes from this machine and calls it so.
func fromHere(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return isLoopback(host) && (err != nil || peer.Addr().Unmap().IsLoopback())
}

// Stats is what the relay has done so far.
func (s *Server) Stats() Stats { return s.stats.snapshot() }
