package client

import (
	"strings"
	"testing"
)

func TestParseEndpoint(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, endpoint, key string }{
		{"proxy.zyte.com:8011", "http://proxy.zyte.com:8011", ""},
		{"proxy.zyte.com", "http://proxy.zyte.com:8011", ""},
		{"http://proxy.zyte.com:8010", "http://proxy.zyte.com:8010", ""},
		{"https://proxy.zyte.com", "https://proxy.zyte.com:8014", ""},
		{"https://proxy.zyte.com:8014/", "https://proxy.zyte.com:8014", ""},
		{"HTTP://LOCALHOST:1", "http://LOCALHOST:1", ""},
		{"KEY:@proxy.zyte.com:8011", "http://proxy.zyte.com:8011", "KEY"},
		{"http://KEY@127.0.0.1:8011", "http://127.0.0.1:8011", "KEY"},
		{"http://K%45Y:@[::1]:8011", "http://[::1]:8011", "KEY"},
		{"[::1]", "http://[::1]:8011", ""},
	}
	for _, tt := range tests {
		u, key, err := ParseEndpoint(tt.in)
		if err != nil || u.String() != tt.endpoint || key != tt.key {
			t.Errorf("ParseEndpoint(%q) = %v, %q, %v; want %q, %q", tt.in, u, key, err, tt.endpoint, tt.key)
		}
	}
}

func TestParseEndpointRefuses(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"", ":8011", "http://", "http://:8011", "ftp://SECRET@h:1", "socks5://SECRET@h:1", "//SECRET@h:1",
		"http://SECRET@h:1/path", "http://SECRET@h:1?q", "http://SECRET@h:1#f", "http://SECRET@h:0", "h:65536", "h:SECRET",
		"http://SECRET%zz@h:1", "http://:SECRET@h:1", "http://KEY:SECRET@h:1", "SECRET:h:1", "http://SECRET@h :1", "http://h\x00SECRET",
	} {
		u, key, err := ParseEndpoint(in)
		if err == nil {
			t.Errorf("ParseEndpoint(%q) = %v, %q", in, u, key)
		} else if strings.Contains(err.Error(), "SECRET") {
			t.Errorf("ParseEndpoint(%q) tells the key: %v", in, err)
		}
	}
}

func TestOnLoopback(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]bool{
		"127.0.0.1:0": true, "127.1.2.3:1": true, "[::1]:1": true, "localhost:1": true,
		":1": false, "0.0.0.0:1": false, "[::]:1": false, "192.168.0.1:1": false, "example.com:1": false,
	} {
		if got := OnLoopback(listen); got != want {
			t.Errorf("%q: %v, want %v", listen, got, want)
		}
	}
}

func FuzzParseEndpoint(f *testing.F) {
	for _, s := range []string{"h:1", "http://h:8011", "https://KEY:@h:8014/", "[::1]:1", "KEY@h", "http://h:1/x?y#z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, _, err := ParseEndpoint(s)
		if err != nil {
			return
		}
		if u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.Port() == "" {
			t.Fatalf("ParseEndpoint(%q) = %#v", s, u)
		}
		again, key, err := ParseEndpoint(u.String())
		if err != nil || *again != *u || key != "" {
			t.Fatalf("%q is not stable: %v, %v", u, again, err)
		}
		if _, err := New(Config{Endpoint: u}); err != nil {
			t.Fatalf("New refuses %q: %v", u, err)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	endpoint := mustURL("http://h:1")
	for name, cfg := range map[string]Config{
		"no endpoint":     {},
		"a colon":         {Endpoint: endpoint, Key: "KEY:"},
		"no PEM":          {Endpoint: endpoint, CACert: []byte("nothing")},
		"empty PEM":       {Endpoint: endpoint, CACert: []byte{}},
		"endpoint's user": {Endpoint: mustURL("http://KEY@h:1")},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: no error", name)
		} else if strings.Contains(err.Error(), "KEY") {
			t.Errorf("%s: the error tells the key: %v", name, err)
		}
	}
}
