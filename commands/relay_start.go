package commands

import (
	"context"
	"errors"
	"net"
	"os"
	"runtime/debug"
	"time"

	"smp/client/paced"
	"smp/client/relay"
	"smp/commands/cli"
	"smp/commands/process"
	"smp/commands/progress"
)

const (
	// relayKeepAlive is how long a connection to the endpoint waits for another request.
	relayKeepAlive = 10 * time.Second
	// relayReadBuffer is a compromise between large bodies and many connections.
	relayReadBuffer = 32 << 10
	// relayCollectAt is a garbage collector's percentage: a relay lives as long as a
	// shell, and little memory matters more than a few percent of processor time.
	relayCollectAt = 50
	// relayQuiet is how long after the last answer the memory is given back that the
	// requests needed. The runtime would take minutes.
	relayQuiet = 5 * time.Second
)

// listenSpec is one address of a relay, and the session of what comes in there.
type listenSpec struct {
	address string
	session *paced.Ref // nil: as everywhere
}

// runningRelay is a relay that answers, with the files that it needs.
type runningRelay struct {
	app       *app
	conn      *connection
	server    *relay.Server
	reporter  *progress.RelayReporter
	log       *os.File // nil for none
	settings  process.RelayClient
	readyFile string     // removed at the end
	failed    chan error // gets the reason should the relay stop to answer
	collectAt int        // the garbage collector's percentage before
	quiet     *time.Timer
}

// start starts a relay. The caller closes it, and the connection after it.
func (o *relayFlags) start(ctx context.Context, a *app, c *connection, session paced.Ref, token string, listen []listenSpec) (*runningRelay, error) {
	r := &runningRelay{app: a, conn: c, failed: make(chan error, len(listen)), collectAt: debug.SetGCPercent(relayCollectAt)}
	if err := r.open(ctx, o, session, token, listen); err != nil {
		return nil, errors.Join(err, r.close())
	}
	if r.settings.Home.Roots == "" {
		a.messages.Info("no file with the system's roots was found: programs trust the relay alone")
	}
	if hosts := process.InheritedNoProxy(a.env.lookup); hosts != "" {
		a.messages.Info("no_proxy is dropped, or %s would be asked directly", hosts)
	}
	c.noticeNames(a.messages, session)
	for _, spec := range listen {
		if spec.session != nil {
			c.noticeNames(a.messages, *spec.session)
		}
	}
	return r, nil
}

func (r *runningRelay) open(ctx context.Context, o *relayFlags, session paced.Ref, token string, listen []listenSpec) (err error) {
	if o.log != "" {
		if r.log, err = openLog(ctx, "--log", o.log); err != nil {
			return err
		}
	}
	ca, err := relay.CA(o.ca)
	if err != nil {
		return cli.Usagef("--ca: %v", err)
	}
	r.reporter = progress.NewRelayReporter(r.app.messages, r.log, func(err error) *paced.Failure {
		return r.app.errorJSON(context.Background(), err)
	})
	r.quiet = time.AfterFunc(relayQuiet, debug.FreeOSMemory)
	r.conn.fetcher.KeepAlive, r.conn.fetcher.Lease = relayKeepAlive, true
	r.conn.fetcher.Notify = without[paced.Waiting](r.conn.fetcher.Notify) // a browser's are too many
	r.server = relay.New(relay.Config{
		Fetcher: r.conn.fetcher, Authority: ca, Job: o.job(r.conn.Settings, session), Header: o.header(),
		Rules: o.rules, Expose: o.expose, Token: token,
		Explain: r.app.explain, Hash: r.log != nil, Finished: r.finished, Refused: r.reporter.Refused,
	})
	r.settings = process.RelayClient{Token: token, SPKI: ca.SPKI(), Wgetrc: process.LacksWgetrc(r.app.env.lookup)}
	process.TidyRelayHomes(os.TempDir())
	if r.settings.Home, err = process.NewRelayHome(ca.CertPEM(), r.app.env.lookup); err != nil {
		return err
	}
	return r.listen(listen)
}

func (r *runningRelay) finished(x *relay.Exchange) {
	r.quiet.Reset(relayQuiet)
	r.reporter.Finished(x)
}

// listen opens all addresses before any is served.
func (r *runningRelay) listen(specs []listenSpec) error {
	var listeners []net.Listener
	for _, spec := range specs {
		l, err := net.Listen("tcp", spec.address)
		if err != nil {
			for _, l := range listeners {
				_ = l.Close()
			}
			return &listenError{spec.address, err}
		}
		listeners = append(listeners, l)
	}
	r.settings.Address = reachable(listeners[0].Addr())
	for i, l := range listeners {
		go func() { r.failed <- r.server.Serve(l, specs[i].session) }()
	}
	return nil
}

// relayEndLimit is how long a relay may take to finish what is under way and to delete
// the sessions that it made.
const relayEndLimit = 10 * time.Second

// finish lets requests under way end, and deletes what the relay made.
func (r *runningRelay) finish() {
	ctx, cancel := context.WithTimeout(context.Background(), relayEndLimit)
	defer cancel()
	draining, stop := context.WithTimeout(ctx, relayEndLimit-2*time.Second)
	defer stop()
	_ = r.server.Shutdown(draining) // what is left is broken off, and told to its clients
	r.app.tellUndeleted(r.conn.deleteOwn(ctx, r.server.Created()))
}

// close ends every connection and removes what the relay put on disk.
func (r *runningRelay) close() error {
	debug.SetGCPercent(r.collectAt)
	var errs []error
	if r.server != nil {
		errs = append(errs, r.server.Close())
		r.conn.fetcher.CloseIdleConnections()
		r.quiet.Stop()
		r.reporter.End()
	}
	if r.readyFile != "" {
		errs = append(errs, os.Remove(r.readyFile))
	}
	if r.settings.Home != nil {
		errs = append(errs, r.settings.Home.Remove())
	}
	if r.log != nil {
		errs = append(errs, r.log.Close())
	}
	return errors.Join(errs...)
}

// explain puts a failure into words for a client of the relay.
func (a *app) explain(err error) relay.Explanation {
	d := diagnose(context.Background(), err)
	if _, refused := errors.AsType[*relay.Refusal](err); refused {
		d.code = exitUsage
	}
	return relay.Explanation{ExitCode: d.code, Message: a.messages.Redact(d.message), Hints: d.hints}
}
