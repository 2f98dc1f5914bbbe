package commands

import (
	"context"
	"crypto/tls"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The fault matrix: everything that can go wrong between this machine and the
// service, at every place where a command talks to it. Each case is a real server
// and a real run of the program. Whatever the fault, the exit code is the
// contract's; stderr has one clear error; stdout has nothing; files are as they
// were. No session exists that the ledger does not know, and the request was sent
// once.

// fault is one way in which the service, or the way to it, fails.
type fault struct {
	name string

	endpoint     string                           // where nobody is, in place of the server
	endpointTLS  func(*testAuthority) *tls.Config // the endpoint is an https one
	targetTLS    func(*testAuthority) *tls.Config // in the tunnel
	inPlaceOfTLS func(*peer)                      // in the tunnel, in place of a handshake
	play         func(*peer)                      // in place of the answer
	timesOut     bool                             // it ends with --timeout or --connect-timeout
	args         []string                         // further flags
	exit         int                              // code, but for
	exits        map[string]int                   // by plane
	says         string                           // what the error tells; "|" is or
	sent         int                              // requests at the server; 0 is one, neverSent none
	only         func(plane) bool                 // planes where it makes sense; nil for all
	check        func(*testing.T, *hostile, run)  // more that has to hold
}

const (
	neverSent = -1
	maybeSent = -2
)

// plane is a place where a command talks to the service.
type plane struct {
	name  string
	site  site
	args  []string // DIR is the directory of the case
	batch bool
}

func (p plane) api() bool    { return p.site == atAPI }
func (p plane) target() bool { return p.site == atTarget || p.site == inTunnel }

func (p plane) tunnelled() bool { return p.site == inTunnel }

func planes() []plane {
	fetch := []string{"fetch", "-o", "DIR/out", "-D", "DIR/heads", "-c", "DIR/jar", "--meta", "DIR/meta"}
	list := []string{"batch", "--session", "42", "--retry", "0", "--output-dir", "DIR/pages"}
	return []plane{
		{name: "create", site: atAPI, args: []string{"session", "create"}},
		{name: "list", site: atAPI, args: []string{"session", "list"}},
		{name: "delete", site: atAPI, args: []string{"session", "delete", "42"}},
		{name: "fetch", site: atTarget, args: append(fetch, "--session", "42", "http://shop.test/")},
		{name: "fetch create", site: atTarget, args: append(fetch, "--session", "create", "http://shop.test/")},
		{name: "fetch CONNECT", site: atConnect, args: append(fetch, "--session", "42", "https://shop.test/")},
		{name: "fetch https", site: inTunnel, args: append(fetch, "--session", "42", "https://shop.test/")},
		{name: "batch", site: atTarget, args: append(list, "DIR/http"), batch: true},
		{name: "batch https", site: inTunnel, args: append(list, "DIR/https"), batch: true},
	}
}

// run is what a case came to.
type run struct {
	plane
	dir      string
	code     int
	out, err string
	ledger   []string // ids that the ledger knows
}

func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	faults := slices.Concat(codeFaults(), networkFaults(), stallFaults(), endpointFaults())
	busy, waiting := make(chan struct{}, 16), make(chan struct{}, 100)
	var cases sync.WaitGroup
	count := 0
	for i := range faults {
		for _, p := range planes() {
			f := &faults[i]
			if f.only != nil && !f.only(p) {
				continue
			}
			count++
			atOnce := busy
			if f.timesOut {
				atOnce = waiting // for a timeout, which costs nothing
			}
			cases.Go(func() {
				atOnce <- struct{}{}
				defer func() { <-atOnce }()
				// Not parallel in testing's sense, which is two at once on a small machine.
				t.Run(f.name+"/"+p.name, func(t *testing.T) { f.try(t, p) })
			})
		}
	}
	cases.Wait()
	t.Logf("%d cases", count)
}

// try runs one case.
func (f *fault) try(t *testing.T, p plane) {
	t.Helper()
	s := startHostile(t, p.site, f)
	want, ok := f.exits[p.name]
	if !ok {
		want = f.exit
		if p.batch {
			want = batchCode(want)
		}
	}
	args := p.args
	if f.timesOut && !ok {
		patience := "0.3"
		if strings.Contains(p.name, "create") {
			patience = "3" // enough for the head of an answer that gives a session, on any machine
		}
		args = slices.Concat(args, []string{"--timeout", patience, "--connect-timeout", patience})
	}
	r := f.run(t, p, s, slices.Concat(args, f.args))
	if r.code != want {
		t.Errorf("exit code %d, want %d; stderr:\n%s", r.code, want, r.err)
	}
	if want != 0 {
		f.checkFailure(t, r)
	}
	f.checkRequests(t, s.requests())
	checkSessions(t, r, s)
	if f.check != nil {
		f.check(t, s, r)
	}
}

// batchCode is how a batch of one line ends: key and plan stop it.
func batchCode(code int) int {
	switch code {
	case 0, exitCredentials:
		return code
	}
	return exitLines
}

const before = "what was there before"

// run runs the command in a directory of its own, whose files are there already.
func (f *fault) run(t *testing.T, p plane, s *hostile, args []string) run {
	t.Helper()
	r := run{plane: p, dir: memoryDir(t)}
	for name, text := range map[string]string{
		"out": before, "heads": before, "jar": before,
		"http": "http://shop.test/\n", "https": "https://shop.test/\n", "ca.pem": string(certificates().pem),
	} {
		if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	endpoint := f.endpoint
	if endpoint == "" {
		endpoint = "http://" + s.ln.Addr().String()
	}
	if f.endpointTLS != nil {
		endpoint = "https://" + s.ln.Addr().String()
	}
	for i, arg := range args {
		args[i] = strings.Replace(arg, "DIR", r.dir, 1)
	}
	variables := []string{
		"SMP_ENDPOINT=" + endpoint, "SMP_API_KEY=" + matrixKey, "SMP_CONFIG=" + os.DevNull,
		"SMP_STATE_DIR=" + filepath.Join(memoryDir(t), "state"), "SMP_CACERT=" + filepath.Join(r.dir, "ca.pem"),
	}
	env := testEnv(t, variables...)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r.code = Main(ctx, args, env.Env)
	if ctx.Err() != nil {
		t.Error("it took a minute")
	}
	r.out, r.err = env.out.String(), env.err.String()
	local := testEnv(t, variables...)
	if code := local.run(t, "session", "list", "--local"); code != 0 {
		t.Errorf("session list --local: exit code %d\n%s", code, local.err)
	}
	for line := range strings.Lines(local.out.String()) {
		id, _, _ := strings.Cut(line, "\t")
		r.ledger = append(r.ledger, id)
	}
	return r
}

const matrixKey = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
