package commands

import (
	"fmt"
	"slices"
	"strings"

	"smp/client/paced"
	"smp/commands/cli"
	"smp/commands/process"
	"smp/commands/request"
)

// environment checks the variables that are no settings: the session of what names none,
// and those that mislead.
func (e *examination) environment() {
	e.session()
	e.unknownVariables()
	e.proxies()
	for _, command := range []string{"mock", "relay"} {
		e.server(command)
	}
}

// session checks SMP_SESSION as a fetch would.
func (e *examination) session() {
	text := e.app.env.lookup("SMP_SESSION")
	if text == "" || e.config == nil {
		return
	}
	ref, err := request.SessionRef(e.config.Service, text)
	if err == nil && ref.Kind != paced.RefNone {
		err = e.config.CheckDelays()
	}
	if err != nil {
		e.unusable("session", cli.Usagef("SMP_SESSION: %v", err), mend("session", "SMP_SESSION"))
		return
	}
	e.note(finding{grade: gradeOK, name: "session", detail: ref.String(), origin: "SMP_SESSION"})
}

// unknownVariables warns of variables that look like ours and are none.
func (e *examination) unknownVariables() {
	var names []string
	for _, v := range environmentVariables() {
		names = append(names, strings.Split(v.name, ", ")...)
	}
	for _, entry := range e.app.env.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "SMP_") || value == "" || slices.Contains(names, name) {
			continue
		}
		advice := "unset " + name
		if near := cli.Nearest(name, names); near != "" {
			advice = "did you mean " + near
		}
		e.warn("environment", advice, "%s is set, which smp does not know", name)
	}
}

// proxies warns of a proxy that other programs go through, and smp does not.
func (e *examination) proxies() {
	if e.app.env.lookup("SMP_RELAY") != "" || !e.isRemote() {
		return // they are the relay's, or lead nowhere that matters
	}
	var set []string
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"} {
		if e.app.env.lookup(name) != "" {
			set = append(set, name)
		}
	}
	if len(set) > 0 {
		e.warn("environment", "see that "+e.config.Endpoint.Host+" can be reached from here directly",
			"%s set and not used: smp connects to the endpoint itself", isAre(set))
	}
}

func isAre(names []string) string {
	verb := " is"
	if len(names) > 1 {
		verb = " are"
	}
	return strings.Join(names, ", ") + verb
}

// server warns of a server in the background that is gone, and whose variables are not.
func (e *examination) server(command string) {
	if pid, gone := e.app.background(process.Server{Command: command}).Gone(); gone {
		e.warn(command, fmt.Sprintf(`eval "$(smp %s --stop)" unsets them`, command),
			"process %s has ended, and the variables that it gave to this shell are still set", pid)
	}
}
