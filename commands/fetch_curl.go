package commands

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"smp/client"
	"smp/client/paced"
	"smp/commands/cli"
	"smp/commands/config"
	"smp/commands/curl"
)

// printCurl prints the command line of curl that sends the same request. It sends
// nothing.
func (o *fetchOptions) printCurl(ctx context.Context, args []string) error {
	if o.app.out.JSON {
		return cli.Usagef("--curl and --json do not go together: what --curl prints is a command line")
	}
	t, err := o.target(ctx, args)
	if err != nil {
		return asUsage(err)
	}
	template, ref, err := o.parse(t)
	if err != nil {
		return asUsage(err)
	}
	wire, err := o.app.newClient(t.settings, connectOptions{})
	if err != nil {
		return err
	}
	session, err := o.sessionOfCurl(ctx, wire, ref, t.settings)
	if err != nil {
		return err
	}
	head := func(r *client.Request) http.Header {
		r.Session = session
		return wire.Header(r)
	}
	words, err := template.Command(t.raw, head, o.app.stdin)
	if err != nil {
		return asUsage(err)
	}
	var line curl.CommandLine
	o.curlConnection(&line, t.settings)
	o.curlMessages(&line)
	o.follow.Curl(&line)
	o.output.Curl(&line)
	o.noticeLost(ref, line.Lost)
	return o.app.out.Text(ctx, "curl "+strings.Join(append(line.Words, words...), " ")+"\n")
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
	if ref.Kind != paced.RefNone && !o.session.Unpaced {
		m.Info("curl waits for no slot: send no other request in the session for the delay")
	}
	if len(lost) > 0 {
		m.Info("curl has nothing like %s", strings.Join(lost, ", "))
	}
	if o.app.env.lookup("SMP_API_KEY") == "" {
		m.Info("curl needs SMP_API_KEY, which is not set here: export SMP_API_KEY=KEY")
	}
}

// curlConnection names the endpoint as proxy, and what is trusted. curl goes around a proxy
// for the hosts of NO_PROXY.
func (o *fetchOptions) curlConnection(line *curl.CommandLine, s *config.Settings) {
	if o.app.env.lookup("NO_PROXY")+o.app.env.lookup("no_proxy") != "" {
		line.Words = append(line.Words, "--noproxy", "''")
	}
	line.Add("-x", s.Endpoint.String())
	line.Words = append(line.Words, "-U", `"$SMP_API_KEY:"`)
	authority := s.Setting("cacert").Value
	line.Add("--cacert", authority)
	if s.Endpoint.Scheme == "https" && client.OnLoopback(s.Endpoint.Host) { // elsewhere the system's roots have to do
		line.Add("--proxy-cacert", authority)
	}
	line.AddIf(s.Insecure, "-k")
	line.AddIf(s.ProxyInsecure, "--proxy-insecure")
	for _, limit := range []struct {
		flag, key string
		value     time.Duration
	}{{"-m", "timeout", s.Timeout}, {"--connect-timeout", "connect_timeout", s.ConnectTimeout}} {
		if s.Setting(limit.key).Origin != "default" {
			line.Add(limit.flag, strconv.FormatFloat(limit.value.Seconds(), 'f', -1, 64))
		}
	}
}

// curlMessages makes curl as quiet as smp is: it shows errors and no progress.
func (o *fetchOptions) curlMessages(line *curl.CommandLine) {
	shared := &o.app.shared
	line.AddIf(!shared.level().Errors, "-s")
	line.AddIf(shared.level().Errors, "-sS")
	line.AddIf(shared.verbose, "-v")
}
