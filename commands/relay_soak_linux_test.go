//go:build soak

package commands_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"smp/client/mock"
)

var coldStarts = flag.Int("coldstarts", 100, "how many times two relays and five fetches begin to use one name")

// relayProcess is a relay in a process of its own.
type relayProcess struct {
	*exec.Cmd
	proxy  *url.URL
	ca     *x509.CertPool
	stderr *strings.Builder
}

// startRelay starts a relay that shares the state directory state.
func startRelay(t *testing.T, m *mock.Server, state string, args ...string) *relayProcess {
	t.Helper()
	cmd := program(t, m.URL(), append([]string{"relay", "--listen", "127.0.0.1:0"}, args...)...)
	cacert := filepath.Join(cmd.Dir, "ca.pem")
	if err := os.WriteFile(cacert, m.CACert(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(cmd.Env, "SMP_CACERT="+cacert, "SMP_STATE_DIR="+state, "TMPDIR="+cmd.Dir)
	r := &relayProcess{Cmd: cmd, stderr: &strings.Builder{}, ca: x509.NewCertPool()}
	cmd.Stderr = r.stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		name, value, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "=")
		switch value = strings.Trim(value, "'"); name {
		case "SMP_RELAY_CA":
			pem, _ := os.ReadFile(value)
			r.ca.AppendCertsFromPEM(pem)
		case "SMP_RELAY": // the last one
			r.proxy = &url.URL{Scheme: "http", Host: value}
			return r
		}
	}
	t.Fatalf("no relay: %s", r.stderr)
	return nil
}

func (r *relayProcess) client() *http.Client {
	return &http.Client{Timeout: 5 * time.Minute, Transport: &http.Transport{
		Proxy: http.ProxyURL(r.proxy), TLSClientConfig: &tls.Config{RootCAs: r.ca}, MaxIdleConnsPerHost: 8,
	}}
}

func (r *relayProcess) stop(t *testing.T) {
	t.Helper()
	_ = r.Process.Signal(syscall.SIGTERM)
	if err := r.Wait(); err != nil {
		t.Errorf("%v: %s", err, r.stderr)
	}
	if left, _ := filepath.Glob(filepath.Join(r.Dir, "smp-relay-*")); len(left) > 0 {
		t.Errorf("the relay left %q", left)
	}
}

// A name that nobody has used, by two relays and five fetches at once: one session,
// and no request before its slot, however often. The delay is the service's own. On a
// busy machine a request may be seen a tenth of a second after it was sent. At a
// scale of 60 that is half a delay. So the starts overlap.
func TestSoakRelayColdStarts(t *testing.T) {
	next := time.NewTicker(1200 * time.Millisecond)
	defer next.Stop()
	var all sync.WaitGroup
	defer all.Wait()
	for i := range *coldStarts {
		all.Go(func() { coldStart(t, i) })
		<-next.C
	}
}

func coldStart(t *testing.T, i int) {
	t.Helper()
	// Who does not wait for the others is early by seconds; who is seen late, by less.
	m, err := mock.Start(mock.Config{Key: processKey, Seed: int64(i), Tolerance: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	state := t.TempDir()
	name := "@cold" + strconv.Itoa(i)
	var all sync.WaitGroup
	for range 2 {
		r := startRelay(t, m, state, "--session", name)
		defer r.stop(t)
		c := r.client()
		defer c.CloseIdleConnections()
		for _, scheme := range []string{"http", "https"} {
			all.Go(func() {
				resp, err := c.Get(scheme + "://shop.example/get")
				if err != nil {
					t.Error(err)
					return
				}
				defer resp.Body.Close()
				if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != 200 {
					t.Errorf("%s, %v: %s", resp.Status, err, text)
				}
			})
		}
	}
	for range 5 {
		cmd := program(t, m.URL(), "fetch", "--session", name, "http://shop.example/get")
		cmd.Env = append(cmd.Env, "SMP_STATE_DIR="+state)
		all.Go(func() {
			if said, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, said)
			}
		})
	}
	all.Wait()
	v := m.Verdict()
	if v.Requests != 9 || len(v.Violations) > 0 || len(v.Unknowable) > 0 || len(alive(t, m)) != 1 {
		t.Errorf("start %d: %d requests in %d sessions, early: %+v, unknowable: %+v", i, v.Requests, len(alive(t, m)), v.Violations, v.Unknowable)
		for _, e := range m.Journal() {
			t.Logf("%+v", e)
		}
	}
}

// A relay under everything that goes wrong needs no more at the end than at the
// beginning.
func TestSoakRelay(t *testing.T) {
	m := startMock(t, mock.Config{Delay: -1, Seed: 7, IPs: 100})
	r := startRelay(t, m, t.TempDir(), "--delay", "0", "--timeout", "2")
	var samples []sample
	for end := time.Now().Add(*soakFor); time.Now().Before(end); {
		arm(t, m, "reset@0.01 truncate@0.01 banned@0.005 noslaves@0.01 garbage@0.005 serverbusy@0.01 bad_session_id@0.002")
		relayRound(t, r)
		samples = append(samples, r.sample(t))
		if len(samples)%10 == 0 {
			t.Logf("%d rounds: %+v", len(samples), samples[len(samples)-1])
		}
	}
	if len(samples) < 8 {
		t.Fatalf("%d rounds are too few to tell", len(samples))
	}
	quarter := len(samples) / 4
	first, last := median(samples[:quarter]), median(samples[len(samples)-quarter:])
	t.Logf("%d rounds: from %+v to %+v", len(samples), first, last)
	if last.descriptors > first.descriptors+5 || last.heap > first.heap+first.heap/5+4<<20 {
		t.Errorf("it grows: from %+v to %+v", first, last)
	}
	r.stop(t)
}

// relayRound is 400 requests of twenty clients, some of which leave early.
func relayRound(t *testing.T, r *relayProcess) {
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			c := r.client()
			defer c.CloseIdleConnections()
			for i := range 20 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				if i%10 == 9 {
					ctx, cancel = context.WithTimeout(t.Context(), time.Millisecond)
				}
				target := fmt.Sprintf("%s://shop%d.example/bytes/%d", []string{"http", "https"}[i%2], n%5, 100+i*1000)
				req, _ := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
				req.Header.Set("X-Crawlera-Session", fmt.Sprintf("@soak%d", n%3))
				if resp, err := c.Do(req); err == nil {
					_, _ = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
				cancel()
			}
		})
	}
	all.Wait()
}

// sample is what the relay's process holds when its connections have timed out.
func (r *relayProcess) sample(t *testing.T) sample {
	t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", r.Process.Pid))
	status, err2 := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.Process.Pid))
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	resident, _ := strconv.Atoi(strings.Fields(rest)[0])
	return sample{descriptors: len(entries), heap: resident << 10}
}

// Five hundred tunnels in which TLS has been spoken and nothing happens are kept, and
// work.
func TestSoakRelayTunnels(t *testing.T) {
	m := startMock(t, mock.Config{Delay: -1})
	r := startRelay(t, m, t.TempDir(), "--delay", "0")
	clients := make([]*http.Client, 500)
	get := func(c *http.Client) {
		resp, err := c.Get("https://shop.example/get")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		_, _ = io.Copy(io.Discard, resp.Body)
	}
	for i := range clients {
		clients[i] = r.client()
		defer clients[i].CloseIdleConnections()
		get(clients[i])
	}
	time.Sleep(15 * time.Second) // until the connections to the endpoint have been closed
	idle := r.sample(t)
	t.Logf("with 500 idle tunnels: %+v", idle)
	if idle.heap > 34<<20 { // a release takes 30 MiB; the program of tests is larger
		t.Errorf("500 idle tunnels take %d MiB of memory", idle.heap>>20)
	}
	for _, c := range clients {
		get(c)
	}
	r.stop(t)
}
