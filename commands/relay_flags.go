package commands

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"smp/client/paced"
	"smp/client/relay"
	"smp/commands/cli"
	"smp/commands/config"
	"smp/commands/curl"
	"smp/commands/request"
)

// relayFlags are what smp relay and smp exec have in common.
type relayFlags struct {
	session request.SessionFlags
	follow  request.RuleFlags
	service curl.Options // its Extra alone: headers of the service
	rules   relay.Rules
	expose  bool
	ca, log string
}

const relayGroup = "Relay"

func (o *relayFlags) flags() []cli.Flag {
	own := cli.Grouped(relayGroup, []cli.Flag{
		{Name: "static", Value: "WHAT", Def: "free", Offer: []string{"free", "session", "block"}, Usage: "scripts, styles, images, fonts, media: without a session, in it, or 204", Set: o.setStatic},
		{Name: "keep", Value: "REGEX", Usage: "send what matches HOST/PATH in the session, whatever it is", Set: expressions(&o.rules.Keep)},
		{Name: "block", Value: "REGEX", Usage: "answer what matches HOST/PATH with 403", Set: expressions(&o.rules.Block)},
		{Name: "noise", Value: "WHAT", Def: "drop", Offer: []string{"drop", "pass"}, Usage: "what browsers ask for on their own account: drop it, or let it pass", Set: o.setNoise},
		{Name: "expose", Usage: "leave the service's headers on answers, where scripts of a page see them", Set: cli.Switch(&o.expose)},
		{Name: "ca", Value: "FILE", Usage: "keep the CA in FILE (0600), for clients that import it by hand", Set: cli.NonEmpty(&o.ca)},
		{Name: "log", Value: "FILE", Usage: "append a JSON line for every request to FILE", Set: cli.NonEmpty(&o.log)},
	})
	// Redirects are the client's business.
	return slices.Concat(own, o.session.Declare(), cli.Without(o.follow.Declare(), "location", "max-redirs"), request.DeclareService(&o.service))
}

func (o *relayFlags) setStatic(s string) error {
	words := map[string]relay.StaticPolicy{"free": relay.StaticFree, "session": relay.StaticSession, "block": relay.StaticBlock}
	policy, ok := words[s]
	if !ok {
		return cli.NotAmong(s, "free", "session", "block")
	}
	o.rules.Static = policy
	return nil
}

func (o *relayFlags) setNoise(s string) error {
	var word string
	err := cli.OneOf(&word, "drop", "pass")(s)
	o.rules.Noise = word == "pass"
	return err
}

// expressions collects regular expressions.
func expressions(p *[]*regexp.Regexp) func(string) error {
	return func(s string) error {
		if s == "" {
			return cli.ErrEmpty
		}
		e, err := regexp.Compile(s)
		if err != nil {
			return fmt.Errorf("%q is not a regular expression: %s", s, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		}
		*p = append(*p, e)
		return nil
	}
}

// job is what every request is sent as, in session where it names none.
func (o *relayFlags) job(s *config.Settings, session paced.Ref) paced.Job {
	return paced.Job{
		Session: session,
		Delay:   s.DelayFor,
		MaxWait: o.session.MaxWait(),
		Unpaced: o.session.Unpaced,
		Timeout: s.Timeout,
		Rules:   o.follow.Rules,
	}
}

// header is what every request asks of the service.
func (o *relayFlags) header() http.Header {
	h := http.Header{}
	for name, value := range o.service.Extra {
		h[name] = []string{value}
	}
	return h
}

// check finds the session of requests that name none.
func (o *relayFlags) check(s *config.Settings, environment string) (paced.Ref, error) {
	if err := o.follow.Check(); err != nil {
		return paced.Ref{}, err
	}
	if err := request.Ask(s.Service, &o.service); err != nil {
		return paced.Ref{}, err
	}
	ref, err := o.session.Ref(s, nil, environment)
	if err != nil {
		return ref, cli.Usagef("%v", err)
	}
	return ref, o.checkIn(s, &ref)
}

// checkIn refuses what requests in a session cannot have, and an ID that the service has
// not. A nil ref is no session.
func (o *relayFlags) checkIn(s *config.Settings, ref *paced.Ref) (err error) {
	if ref == nil {
		return nil
	}
	if ref.Kind == paced.RefID {
		if ref.Value, err = s.Service.SessionID(ref.Value); err != nil {
			return cli.Usagef("%v", err)
		}
	}
	return request.CheckInSession(s, *ref, o.service.Extra[request.HeaderRegion])
}
