package client

import "testing"

func TestASCIIURL(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"http://bücher.example/a", "http://xn--bcher-kva.example/a"},
		{"https://BÜCHER.example:8443/", "https://xn--bcher-kva.example:8443/"},
		{"http://Example.com/ü", "http://Example.com/%C3%BC"},
		{"http://[::1]:80/", "http://[::1]:80/"},
	}
	for _, tt := range tests {
		got, err := ASCIIURL(mustURL(tt.in))
		if err != nil || got.String() != tt.want {
			t.Errorf("ASCIIURL(%q) = %v, %v; want %q", tt.in, got, err, tt.want)
		}
	}
}
