package commands

import (
	"context"
	"io"
	"net/url"
	"strings"
	"sync/atomic"

	"smp/client/paced"
	"smp/commands/answer"
	"smp/commands/cli"
	"smp/commands/config"
	"smp/commands/curl"
	"smp/commands/request"
	"smp/commands/term"
)

// fetchPlan is a fetch whose command line has been checked and read.
type fetchPlan struct {
	url      string // without user information
	job      *paced.Job
	jar      *curl.Jar // nil: cookies of answers are dropped
	heads    answer.HeadLog
	writeOut answer.WriteOut
	upload   atomic.Int64 // bytes read of a body whose length is not known before
}

// uploaded is how many bytes of the request's body were sent.
func (p *fetchPlan) uploaded() int64 {
	if p.job.Request.Body != nil && p.job.Request.Length >= 0 {
		return p.job.Request.Length
	}
	return p.upload.Load()
}

// countUpload counts what is read of a body of unknown length. One whose length is
// known is left alone: the system copies a file by itself.
func (p *fetchPlan) countUpload() {
	open := p.job.Request.Body
	if open == nil || p.job.Request.Length >= 0 {
		return
	}
	p.job.Request.Body = func() (io.ReadCloser, error) {
		body, err := open()
		p.upload.Store(0)
		return &countedBody{body, &p.upload}, err
	}
}

type countedBody struct {
	io.ReadCloser
	count *atomic.Int64
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.count.Add(int64(n))
	return n, err
}

// fetchTarget is the target of a command line, with what it is checked by.
type fetchTarget struct {
	settings *config.Settings
	guard    curl.Guard
	raw      string // as it was typed
	url      *url.URL
}

// target reads the URL and the configuration, and checks what may follow.
func (o *fetchOptions) target(ctx context.Context, args []string) (*fetchTarget, error) {
	raw, err := theURL(args, o.app.out.JSON)
	if err != nil {
		return nil, err
	}
	settings, err := o.app.settings(ctx)
	if err != nil {
		return nil, err
	}
	guard := curl.NewGuard(settings.Key)
	target, _, err := guard.Target(raw)
	if err != nil {
		return nil, err
	}
	return &fetchTarget{settings, guard, raw, target}, o.follow.Check()
}

// plan checks the options, then reads what they name.
func (o *fetchOptions) plan(ctx context.Context, args []string) (*fetchPlan, error) {
	t, err := o.target(ctx, args)
	if err != nil {
		return nil, err
	}
	if err := o.output.Check(t.raw, o.app.out.JSON); err != nil {
		return nil, err
	}
	o.request.WrittenJar = o.output.CookieJar
	plan, err := term.Await(ctx, func() (*fetchPlan, error) { return o.read(t) })
	if err != nil {
		return nil, err
	}
	plan.url = t.url.String()
	return plan, nil
}

// read reads what the options name, which may be pipes: standard input last, when
// everything that was typed is known to be good.
func (o *fetchOptions) read(t *fetchTarget) (plan *fetchPlan, err error) {
	plan = &fetchPlan{}
	if plan.writeOut, err = o.output.ParseWriteOut(o.app.stdin); err != nil {
		return nil, err
	}
	template, ref, err := o.parse(t)
	if err != nil {
		return nil, err
	}
	if err := template.Read(o.app.stdin); err != nil {
		return nil, err
	}
	if plan.job, err = o.job(template, t.raw, ref, t.settings); err != nil {
		return nil, err
	}
	plan.countUpload()
	plan.keepCookies(template.Jar, o.output.CookieJar != "")
	if o.showsHeads() {
		plan.job.Followed = plan.heads.Add
	}
	return plan, nil
}

// parse checks the request, and gives it with its session.
func (o *fetchOptions) parse(t *fetchTarget) (*curl.Template, paced.Ref, error) {
	options := o.request // a copy: a read that is given up on must not write to the options
	if err := request.Ask(t.settings.Service, &options); err != nil {
		return nil, paced.Ref{}, err
	}
	template, err := curl.Parse(&options, t.guard, o.app.stdin)
	if err != nil {
		return nil, paced.Ref{}, err
	}
	ref, err := o.ref(template, t.settings)
	if err == nil {
		err = request.CheckInSession(t.settings, ref, options.Extra[request.HeaderRegion], t.url.Host)
	}
	return template, ref, err
}

func (o *fetchOptions) showsHeads() bool {
	return o.output.Include || o.output.DumpHeader != "" || o.request.Head
}

// ref is the session of the request.
func (o *fetchOptions) ref(template *curl.Template, s *config.Settings) (paced.Ref, error) {
	header, err := request.SessionHeader(template, s)
	if err != nil {
		return paced.Ref{}, err
	}
	ref, err := o.session.Ref(s, header, o.app.env.lookup("SMP_SESSION"))
	if err == nil {
		err = request.CheckSession(template.Guard, "the session", ref.Value)
	}
	return ref, err
}

// keepCookies makes the fetch keep the cookies of answers if -b read a jar or -c writes
// one.
func (p *fetchPlan) keepCookies(read *curl.Jar, written bool) {
	if read == nil && written {
		read = &curl.Jar{}
	}
	if p.jar = read; read != nil {
		p.job.Jar = read
	}
}

func (o *fetchOptions) job(template *curl.Template, raw string, ref paced.Ref, s *config.Settings) (*paced.Job, error) {
	request, err := template.Request(raw)
	if err != nil {
		return nil, err
	}
	if o.follow.Rules.Retry > 0 && template.ReadsOnce() {
		return nil, cli.Usagef("--retry cannot repeat a body of more than 1 MiB from a pipe").Hint("keep it in a file: -d @FILE")
	}
	job := &paced.Job{
		Request:      request,
		Session:      ref,
		Delay:        s.DelayFor,
		Unpaced:      o.session.Unpaced,
		Timeout:      s.Timeout,
		Rules:        o.follow.Rules,
		MaxRedirects: o.follow.MaxRedirects,
		KeepMethod:   o.request.Method != "",
	}
	job.MaxWait = o.session.MaxWait()
	return job, nil
}

// theURL is the one argument of the command.
func theURL(args []string, json bool) (string, error) {
	switch len(args) {
	case 0:
		return "", cli.Usagef("no URL to fetch").Hint("smp fetch [--session ID] URL")
	case 1:
		if args[0] == "-" {
			return "", cli.Usagef("%q is not a URL", args[0]).Hint("URLs from stdin: smp batch -")
		}
		return args[0], nil
	}
	if json && strings.ContainsAny(args[0][:min(1, len(args[0]))], "{[@\"") {
		return "", cli.Usagef("--json takes no value: it prints the answer as a JSON document").
			Hint("curl's --json is --json-body here: smp fetch --json-body %s URL", term.Quote(args[0]))
	}
	return "", cli.Usagef("one URL at a time, and %q is a second one", args[1]).
		Hint("many URLs: smp batch FILE, or a loop over smp fetch")
}
