package client

import (
	"net/url"
	"testing"
)

// The system's roots cost some 24 ms: with a CA of the caller's they are loaded for
// an https endpoint alone.
func TestTrust(t *testing.T) {
	t.Parallel()
	ca := trusted().pem
	tests := []struct {
		name                   string
		cfg                    Config
		own, endpoint, besides bool
	}{
		{"plain", Config{Endpoint: &url.URL{Scheme: "http", Host: "h:1"}}, false, false, false},
		{"own CA", Config{Endpoint: &url.URL{Scheme: "http", Host: "h:1"}, CACert: ca}, true, false, false},
		{"https endpoint", Config{Endpoint: &url.URL{Scheme: "https", Host: "h:1"}}, false, true, false},
		{"https endpoint, own CA", Config{Endpoint: &url.URL{Scheme: "https", Host: "h:1"}, CACert: ca}, true, true, true},
		{"https endpoint unverified", Config{Endpoint: &url.URL{Scheme: "https", Host: "h:1"}, CACert: ca, EndpointInsecure: true}, true, true, false},
	}
	for _, tt := range tests {
		got, err := newTrust(tt.cfg)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if own := got.targets.RootCAs != nil; own != tt.own {
			t.Errorf("%s: own roots for targets: %v", tt.name, own)
		}
		if endpoint := got.endpoint != nil; endpoint != tt.endpoint {
			t.Errorf("%s: trust for the endpoint: %v", tt.name, endpoint)
			continue
		}
		if besides := got.endpoint != nil && got.endpoint.RootCAs != nil; besides != tt.besides {
			t.Errorf("%s: the system's roots are loaded: %v", tt.name, besides)
		}
	}
}
