package commands

import (
	"net"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"smp/client/mock"
	"smp/commands/cli"
	"smp/commands/process"
)

func TestListenAddress(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{ // want "" is an error
		{"127.0.0.1:8011", "127.0.0.1:8011"},
		{"127.0.0.1:0", "127.0.0.1:0"},
		{"8011", "127.0.0.1:8011"},
		{":8011", ":8011"},
		{"[::1]:8011", "[::1]:8011"},
		{"localhost:8011", "localhost:8011"},
		{"", ""},
		{"127.0.0.1", ""},
		{"::1:8011", ""},
		{"127.0.0.1:http", ""},
		{"127.0.0.1:", ""},
		{"127.0.0.1:-1", ""},
		{"127.0.0.1:65536", ""},
		{"http://127.0.0.1:8011", ""},
	}
	for _, tt := range tests {
		got := ""
		err := listenAddress(&got)(tt.in)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%q: %q, %v, want %q", tt.in, got, err, tt.want)
		}
	}
}

func TestReachable(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"127.0.0.1:80": "127.0.0.1:80", "10.0.0.1:80": "10.0.0.1:80", "[::1]:80": "[::1]:80",
		"0.0.0.0:80": "127.0.0.1:80", "[::]:80": "127.0.0.1:80",
	} {
		addr, err := net.ResolveTCPAddr("tcp", in)
		if err != nil {
			t.Fatal(err)
		}
		if got := reachable(addr); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestRealDelay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		delay time.Duration
		scale float64
		want  time.Duration
	}{
		{12 * time.Second, 1, 12 * time.Second},
		{12 * time.Second, 100, 120 * time.Millisecond},
		{12 * time.Second, 0.5, 24 * time.Second},
		{-1, 100, 0}, // none
	}
	for _, tt := range tests {
		if got := realDelay(mock.Config{Delay: tt.delay, TimeScale: tt.scale}); got != tt.want {
			t.Errorf("%s at scale %v: %s, want %s", tt.delay, tt.scale, got, tt.want)
		}
	}
}

func TestWithoutSettings(t *testing.T) {
	t.Parallel()
	environ := []string{"HOME=/me", "SMP_API_KEY=mine", "PATH=/bin", "SMP_X=", "smp_y=1", "XSMP_=1"}
	if diff := cmp.Diff([]string{"HOME=/me", "PATH=/bin", "smp_y=1", "XSMP_=1"}, withoutSettings(environ)); diff != "" {
		t.Error(diff)
	}
	if !slices.Contains(environ, "SMP_API_KEY=mine") {
		t.Error("the environment it was given changed")
	}
}

func TestBackgroundFlags(t *testing.T) {
	t.Parallel()
	o := &mockOptions{app: &app{}}
	c := &cli.Command{Flags: o.flags(), Shared: o.app.sharedFlags(connectionFlags)}
	process.Remember(c, &o.given)
	for _, given := range [][2]string{{"ips", "3"}, {"background", "true"}, {"api-key", "a$b"}, {"check", "false"}, {"quiet", "true"}} {
		if err := cli.FindFlag(c.AllFlags(), given[0]).Set(given[1]); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"--ips=3", "--api-key=a$b", "--check=false", "--quiet=true"}
	if diff := cmp.Diff(want, o.given); diff != "" {
		t.Error(diff)
	}
	if !o.background || o.config.IPs != 3 || !o.app.shared.quiet {
		t.Error("a flag that is remembered is not set")
	}
}
