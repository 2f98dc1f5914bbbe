package commands

import (
	"cmp"
	"context"
	"os/exec"
	"strings"

	"smp/client/mock"
	"smp/commands/cli"
	"smp/commands/process"
)

// mockOptions are what the flags of `smp mock` say.
type mockOptions struct {
	app *app

	config     mock.Config
	origin     string
	listen     string // "" is defaultMockListen, or any free port where a COMMAND is run
	readyFile  string
	journal    string
	background bool
	stop       bool
	check      bool
	facts      bool

	given []string // the flags as given, for the mock in the background
}

const defaultMockListen = "127.0.0.1:8011"

func newMock(a *app) *cli.Command {
	o := &mockOptions{app: a, origin: originHTTPBin, config: mock.Config{Key: "test", TimeScale: 1}}
	c := &cli.Command{
		Name:    "mock",
		Args:    "[-- COMMAND ARG…]",
		Summary: "be a Smart Proxy Manager, or Zyte API, on this machine, to test scripts with",
		About: `Serves the sessions API, the http proxy and CONNECT with its own certificates on one port, and keeps time, limits and sessions as the service does. Nothing leaves this machine.

Without COMMAND it serves until it is stopped; what it prints when it is ready can be sourced by a shell. With COMMAND it starts on a free port, runs COMMAND with smp and everything else that it needs in its environment, and exits with COMMAND's exit code (125: smp failed, 126: COMMAND cannot be executed, 127: it is not there, 128+N: signal N killed it).

Below /_mock/ the same port has a page for a browser, and for programs state, journal, verdict, faults, clock, reset and ca.pem, of which there is an example each below, and events, a stream of server-sent events that tell of every change. They answer this machine under a loopback name, and others as --allow-host says.`,
		Examples: []cli.Example{
			{Line: `smp mock -- smp session create`, Does: "run a command against a mock of its own"},
			{Line: `eval "$(smp mock --background --listen 127.0.0.1:0)"`, Does: "one for this shell; end it with: eval \"$(smp mock --stop)\""},
			{Line: `smp mock --time-scale 100 --check -- sh script.sh`, Does: "fail with exit code 9 if the script is too fast for the service"},
			{Line: `smp mock --fault banned:1 -- sh script.sh`, Does: "let its first request end in a ban"},
			{Line: `smp mock --time-scale 60 --delay 3m -- smp fetch --session create -i e.test/ip`, Does: "see X-Crawlera-Next-Request-In: a delay of 3 minutes is above the soft limit"},
			{Line: `curl -s $SMP_ENDPOINT/_mock/state`, Does: "sessions, outgoing IPs, held requests and armed faults as they are now"},
			{Line: `curl -s $SMP_ENDPOINT/_mock/journal`, Does: "the last 10,000 requests with their heads; ?after=10 those behind the tenth"},
			{Line: `curl -s $SMP_ENDPOINT/_mock/verdict`, Does: "the requests that came too early, and why"},
			{Line: `curl -s $SMP_ENDPOINT/_mock/faults -d banned:1`, Does: "arm a fault, spelled as for --fault; -X DELETE clears all of them"},
			{Line: `curl -s $SMP_ENDPOINT/_mock/clock -d '{"advance":"31m"}'`, Does: "let 31 minutes pass at once: sessions end, held requests go on"},
			{Line: `curl -s $SMP_ENDPOINT/_mock/reset -X POST`, Does: "forget sessions, journal and verdict; no session ID is given out twice"},
			{Line: `curl -s $SMP_ENDPOINT/_mock/ca.pem -o ca.pem`, Does: "the certificate that https targets are signed with"},
			{Line: `smp mock --service zyte-api --check -- sh script.sh`, Does: "try it on Zyte API; fail if it sends the ID of a session that has ended"},
		},
		Shared:  a.sharedFlags(jsonFlag | connectionFlags | paceFlags),
		ArgsEnd: true,
		Flags:   o.flags(),
		Run:     o.run,
	}
	process.Remember(c, &o.given)
	return c
}

func (o *mockOptions) run(ctx context.Context, args []string) error {
	o.app.signalsCaught()
	if o.config.Delay == 0 {
		o.config.Delay = o.defaultDelay()
	}
	switch {
	case o.stop && (o.background || o.facts || len(args) > 0):
		return cli.Usagef("--stop stops the mock that this shell started, and does nothing else").Hint(`eval "$(smp mock --stop)"`)
	case o.stop:
		return o.inBackground().Stop(ctx)
	case o.facts && (o.background || len(args) > 0):
		return cli.Usagef("--facts prints a table and starts nothing")
	case o.facts:
		return o.printFacts(ctx)
	case o.background && len(args) > 0:
		return cli.Usagef("--background starts a mock that stays, and takes no COMMAND").Hint("smp mock -- %s", args[0])
	case o.background && o.check:
		return cli.Usagef("--check has nobody to tell its verdict in the background").Hint("curl -s $SMP_ENDPOINT/_mock/verdict")
	case o.background:
		printed, err := startInBackground(ctx, o.inBackground())
		if _, rest, ok := strings.Cut(printed, "SMP_ENDPOINT='"); ok {
			endpoint, _, _ := strings.Cut(rest, "'")
			o.app.messages.Info("watch it at %s/_mock/; end it with: eval \"$(smp mock --stop)\"", endpoint)
		}
		return err
	case len(args) == 0:
		return o.serve(ctx)
	case args[0] == "":
		return cli.Usagef("the name of COMMAND is empty")
	}
	if err := guessedSubcommand(args); err != nil {
		return err
	}
	return o.runCommand(ctx, args)
}

// guessedSubcommand answers who takes the mock for a service with subcommands,
// unless there is a program of that name.
func guessedSubcommand(args []string) error {
	instead := map[string]string{
		"start":  `eval "$(smp mock --background)"`,
		"stop":   `eval "$(smp mock --stop)"`,
		"status": "curl -s $SMP_ENDPOINT/_mock/state",
	}[args[0]]
	if _, err := exec.LookPath(args[0]); instead == "" || err == nil {
		return nil
	}
	return cli.Usagef("smp mock runs a COMMAND, and there is none named %s", args[0]).Hint("%s", instead)
}

// inBackground is the mock that stays. It outlives its caller, whose key it must not
// have.
func (o *mockOptions) inBackground() *process.Server {
	return o.app.background(process.Server{
		Command: "mock", Flags: o.given, Environ: withoutSettings(o.app.env.Environ()),
		Variables: process.Names(mockSettings{service: cmp.Or(o.config.Service, o.app.env.lookup("SMP_SERVICE"))}.variables()),
	})
}
