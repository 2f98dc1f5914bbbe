package authority

import (
	"crypto/tls"
	"errors"
	"slices"
)

const http11 = "http/1.1"

var errNoHost = errors.New("a client that names no host")

// ServerConfig answers TLS as any host: the one that the client names, else
// host of it, which may return "" where it knows none. It speaks HTTP/1.1
// alone. A client whose ALPN offer lacks http/1.1 is answered without ALPN, as by a
// server that has none; Go's own would end the handshake.
func (a *Authority) ServerConfig(host func(*tls.ClientHelloInfo) string) *tls.Config {
	plain := &tls.Config{
		// Without X25519MLKEM768, which is a fifth of a handshake: both ends are mostly on
		// this machine, and nobody records what they say.
		CurvePreferences:            []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521},
		DynamicRecordSizingDisabled: true, // bodies are read in large pieces
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			name := hello.ServerName
			if name == "" {
				name = host(hello)
			}
			if name == "" {
				return nil, errNoHost
			}
			return a.certificateFor(hello, name)
		},
	}
	config := plain.Clone()
	config.NextProtos = []string{http11}
	config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if len(hello.SupportedProtos) == 0 || slices.Contains(hello.SupportedProtos, http11) {
			return nil, nil
		}
		return plain, nil
	}
	return config
}
