package commands

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"smp/client"
	"smp/client/paced"
	"smp/commands/cli"
	"smp/commands/process"
	"smp/commands/term"
)

// relayOptions are what the command line of smp relay says.
type relayOptions struct {
	relayFlags
	app       *app
	addresses []listenSpec
	readyFile string
	tokenFile string

	background, stop bool
	given            []string // the flags as given, for the relay in the background
}

const defaultRelayListen = "127.0.0.1:8012"

func newRelay(a *app) *cli.Command {
	o := &relayOptions{app: a}
	c := &cli.Command{
		Name:     "relay",
		Summary:  "be a proxy on this machine for tools and browsers, through paced sessions",
		About:    aboutRelay(relayAbout),
		Examples: relayExamples,
		Flags:    append(o.listenFlags(), o.relayFlags.flags()...),
		Shared:   a.sharedFlags(jsonFlag),
		Run:      o.run,
	}
	process.Remember(c, &o.given)
	return c
}

func (o *relayOptions) listenFlags() []cli.Flag {
	return []cli.Flag{
		{
			Name: "listen", Value: "HOST:PORT[=SESSION]", Def: defaultRelayListen,
			Usage: "where to listen, and for which session; may be repeated; port 0 is a free one", Set: o.addAddress,
		},
		{Name: "background", Usage: "start in the background, print the variables and return", Set: cli.Switch(&o.background)},
		{Name: "stop", Usage: "stop the one in the background that SMP_RELAY_PID names, and print what unsets its variables", Set: cli.Switch(&o.stop)},
		{Name: "ready-file", Value: "FILE", Usage: "write the variables to FILE when ready; removed at the end", Set: cli.NonEmpty(&o.readyFile)},
		{Name: "token-file", Value: "FILE", Usage: "want the token in FILE as the proxy's password; needed beyond loopback", Set: cli.NonEmpty(&o.tokenFile)},
	}
}

func (o *relayOptions) addAddress(s string) error {
	address, session, named := strings.Cut(s, "=")
	var spec listenSpec
	if err := listenAddress(&spec.address)(address); err != nil {
		return err
	}
	if named {
		ref, err := paced.ParseRef(session)
		if session == "none" {
			ref, err = paced.Ref{}, nil
		}
		if err != nil {
			return err
		}
		spec.session = &ref
	}
	o.addresses = append(o.addresses, spec)
	return nil
}

func (o *relayOptions) run(ctx context.Context, args []string) error {
	switch {
	case o.stop && (o.background || len(args) > 0):
		return cli.Usagef("--stop stops the relay that this shell started, and does nothing else").Hint(`eval "$(smp relay --stop)"`)
	case o.stop:
		return o.inBackground().Stop(ctx)
	case o.background && isPipe(o.tokenFile):
		return cli.Usagef("a token from a pipe cannot be handed on to the relay in the background").Hint("keep it in a file: --token-file FILE")
	case o.background:
		if err := o.app.keyReadTwice("the relay in the background"); err != nil {
			return err
		}
	}
	session, token, err := o.check(ctx, args)
	if err != nil {
		return err
	}
	if o.background {
		_, err := startInBackground(ctx, o.inBackground())
		return err
	}
	return o.serve(ctx, session, token)
}

// inBackground is the relay that stays, with the settings of its caller.
func (o *relayOptions) inBackground() *process.Server {
	settings := process.RelayClient{Home: &process.RelayHome{}, Wgetrc: process.LacksWgetrc(o.app.env.lookup)}
	return o.app.background(process.Server{
		Command: "relay", Flags: o.given, Environ: o.app.env.Environ(),
		Variables: process.Names(settings.Variables()),
	})
}

// serve serves until a signal ends it, which is a success.
func (o *relayOptions) serve(ctx context.Context, session paced.Ref, token string) (err error) {
	conn, err := o.app.connect(ctx, connectOptions{unpaced: o.session.Unpaced, readBuffer: relayReadBuffer})
	if err != nil {
		return err
	}
	defer conn.close()
	r, err := o.start(ctx, o.app, conn, session, token, o.addresses)
	if err != nil {
		return onAnyPort(err, "smp relay")
	}
	defer func() { err = errors.Join(err, r.close()) }()
	if r.readyFile, err = announce(o.readyFile, r.settings.Variables()); err != nil {
		return err
	}
	if err := o.app.out.Text(ctx, process.Exports(r.settings.Variables())); err != nil {
		return err
	}
	if o.app.out.Stream.Terminal {
		o.app.messages.Info("serving until Ctrl-C; what came through: http://%s/_relay/stats", r.settings.Address)
	}
	select {
	case err := <-r.failed:
		return err
	case <-ctx.Done():
	}
	r.finish()
	return nil
}

func (o *relayOptions) check(ctx context.Context, args []string) (session paced.Ref, token string, err error) {
	if len(args) > 0 {
		return session, "", cli.Usagef("smp relay takes no argument, and %q is one", args[0]).Hint("run a command through a relay of its own: smp exec -- %s", args[0])
	}
	if len(o.addresses) == 0 {
		o.addresses = []listenSpec{{address: defaultRelayListen}}
	}
	for _, spec := range o.addresses {
		if !client.OnLoopback(spec.address) && o.tokenFile == "" {
			return session, "", cli.Usagef("--listen %s: whoever can reach it would spend the API key", spec.address).
				Hint("ask for a password: --token-file FILE")
		}
	}
	if err := checkReadyFile(o.readyFile); err != nil {
		return session, "", err
	}
	s, err := o.app.settings(ctx)
	if err != nil {
		return session, "", err
	}
	if session, err = o.relayFlags.check(s, o.app.env.lookup("SMP_SESSION")); err != nil {
		return session, "", err
	}
	for _, spec := range o.addresses {
		if err := o.checkIn(s, spec.session); err != nil {
			return session, "", err
		}
	}
	if o.tokenFile != "" {
		token, err = term.Await(ctx, func() (string, error) { return readToken(o.tokenFile) })
	}
	return session, token, err
}

// readToken reads the one line of a file that is to be the password of the relay.
func readToken(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", cli.Usagef("--token-file: %v", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxToken+1))
	if err != nil {
		return "", cli.Usagef("--token-file: %v", err)
	}
	token := strings.TrimSpace(string(text))
	if token == "" || len(text) > maxToken || strings.ContainsFunc(token, notInToken) {
		return "", cli.Usagef("--token-file %s: want one line of printable ASCII without spaces", name)
	}
	return token, nil
}

const maxToken = 4096

func notInToken(r rune) bool { return r <= ' ' || r >= 0x7f }
