package commands

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"smp/client"
	"smp/client/paced"
	"smp/commands/answer"
	"smp/commands/cli"
	"smp/commands/config"
	"smp/commands/term"
)

// printCurl prints the command line of curl that sends the same request. It sends
// nothing.
func (o *fetchOptions) printCurl(ctx context.Context, args []string) error {
	if o.app.out.JSON {
		return cli.Usagef("--curl and --json do not go together: what --curl prints is a command line")
	}
	a, err := o.ask(ctx, args)
	if err != nil {
		return asUsage(err)
	}
	template, ref, err := o.parse(a)
	if err != nil {
		return asUsage(err)
	}
	wire, err := o.app.newClient(a.settings, connectOptions{})
	if err != nil {
		return err
	}
	session, err := o.sessionOfCurl(ctx, wire, ref, a.settings)
	if err != nil {
		return err
	}
	head := func(r *client.Request) http.Header {
		r.Session = session
		return wire.Header(r)
	}
	request, err := template.Command(a.raw, head, o.app.stdin)
	if err != nil {
		return asUsage(err)
	}
	var line commandLine
	line.connection(o.app, a.settings)
	line.messages(o.app.shared)
	line.follow(&o.follow)
	line.output(&o.output)
	o.noticeLost(ref, line.lost)
	return o.app.out.Text(ctx, "curl "+strings.Join(append(line.words, request...), " ")+"\n")
}

// sessionOfCurl is the session that curl is to name.
func (o *fetchOptions) sessionOfCurl(ctx context.Context, wire *client.Client, ref paced.Ref, s *config.Settings) (string, error) {
	id := ref.Value
	if ref.Kind == paced.RefName {
		memory, err := o.app.openLedger(ctx, s, connectOptions{})
		if err != nil {
			return "", err
		}
		defer memory.Close()
		known := false
		if id, known, err = memory.Lookup(ref.Value); known || err != nil {
			return id, err
		}
		o.app.messages.Info("%s has no session yet: curl begins one that smp does not know", ref)
	}
	switch {
	case ref.Kind != paced.RefName && ref.Kind != paced.RefCreate:
		return id, nil
	case s.Service.SessionsAPI:
		return "create", nil
	}
	made, err := wire.CreateSession(ctx) // it is made here, and nothing is sent
	return made.ID, err
}

// noticeLost says what curl does not do of what was asked for.
func (o *fetchOptions) noticeLost(ref paced.Ref, lost []string) {
	m := o.app.messages
	if ref.Kind != paced.RefNone && !o.session.unpaced {
		m.Info("curl waits for no slot: send no other request in the session for the delay")
	}
	if o.output.Meta != "" {
		lost = append(lost, "--meta")
	}
	if len(lost) > 0 {
		m.Info("curl has nothing like %s", strings.Join(lost, ", "))
	}
	if o.app.env.lookup("SMP_API_KEY") == "" {
		m.Info("SMP_API_KEY is not set here, and curl needs it")
	}
}

// commandLine collects the words of a command line.
type commandLine struct {
	words []string
	lost  []string // flags that curl has nothing like
}

// add adds a flag, and its value if it is not empty.
func (l *commandLine) add(flag, value string) {
	if value != "" {
		l.words = append(l.words, flag, term.Word(value))
	}
}

func (l *commandLine) addIf(given bool, flag string) {
	if given {
		l.words = append(l.words, flag)
	}
}

func (l *commandLine) loseIf(given bool, flag string) {
	if given {
		l.lost = append(l.lost, flag)
	}
}

// connection names the endpoint as proxy, and what is trusted. curl goes around a proxy
// for the hosts of NO_PROXY.
func (l *commandLine) connection(a *app, s *config.Settings) {
	if a.env.lookup("NO_PROXY")+a.env.lookup("no_proxy") != "" {
		l.words = append(l.words, "--noproxy", "''")
	}
	l.add("-x", s.Endpoint.String())
	l.words = append(l.words, "-U", `"$SMP_API_KEY:"`)
	authority := s.Setting("cacert").Value
	l.add("--cacert", authority)
	if s.Endpoint.Scheme == "https" && client.OnLoopback(s.Endpoint.Host) { // elsewhere the system's roots have to do
		l.add("--proxy-cacert", authority)
	}
	l.addIf(s.Insecure, "-k")
	l.addIf(s.ProxyInsecure, "--proxy-insecure")
	for _, limit := range []struct {
		flag, key string
		value     time.Duration
	}{{"-m", "timeout", s.Timeout}, {"--connect-timeout", "connect_timeout", s.ConnectTimeout}} {
		if s.Setting(limit.key).Origin != "default" {
			l.add(limit.flag, strconv.FormatFloat(limit.value.Seconds(), 'f', -1, 64))
		}
	}
}

// messages makes curl as quiet as smp is: it shows errors and no progress.
func (l *commandLine) messages(o sharedOptions) {
	l.addIf(!o.level().Errors, "-s")
	l.addIf(o.level().Errors, "-sS")
	l.addIf(o.verbose, "-v")
}

func (l *commandLine) follow(o *ruleFlags) {
	l.addIf(o.rules.Follow, "-L")
	if o.rules.Follow && o.maxRedirects != defaultMaxRedirects {
		l.add("--max-redirs", strconv.Itoa(o.maxRedirects))
	}
	if o.rules.Retry > 0 {
		l.add("--retry", strconv.Itoa(o.rules.Retry))
	}
	if o.retryDelay {
		l.add("--retry-delay", wholeSeconds(o.rules.RetryDelay))
	}
	if o.retryFor {
		l.add("--retry-max-time", wholeSeconds(o.rules.RetryFor))
	}
	l.loseIf(o.rules.RetryAllMethods, "--retry-all-methods")
	l.loseIf(o.rules.RetryAuth, "--retry-auth")
	l.loseIf(o.rules.OnDead != 0, "--on-dead")
}

func wholeSeconds(d time.Duration) string {
	return strconv.Itoa(int(math.Ceil(d.Seconds())))
}

func (l *commandLine) output(o *answer.Flags) {
	l.add("-o", o.Output)
	l.addIf(o.RemoteName, "-O")
	l.addIf(o.RemoteHeaderName, "-J")
	l.addIf(o.RemoteTime, "-R")
	l.add("--output-dir", o.OutputDir)
	l.addIf(o.CreateDirs, "--create-dirs")
	if o.MaxFilesize > 0 {
		l.add("--max-filesize", strconv.FormatInt(o.MaxFilesize, 10))
	}
	l.add("-D", o.DumpHeader)
	l.addIf(o.Include, "-i")
	l.add("-c", o.CookieJar)
	l.add("-w", o.WriteOut)
	for _, ours := range []string{"session", "ip", "waited", "attempts"} {
		l.loseIf(strings.Contains(o.WriteOut, "%{"+ours+"}"), "-w %{"+ours+"}")
	}
	l.addIf(o.Fail, "-f")
	l.addIf(o.FailWithBody, "--fail-with-body")
}
