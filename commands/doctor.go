package commands

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"smp/commands/cli"
	"smp/commands/config"
)

type doctorOptions struct {
	app   *app
	relay bool // look for relays, too
}

func newDoctor(a *app) *cli.Command {
	o := &doctorOptions{app: a}
	return &cli.Command{
		Name:    "doctor",
		Summary: "check the configuration, then the endpoint",
		About: "A line for each check: ok, warn or fail, its name, what was found and where it comes from, and what to do. A " +
			"pipe gets them tab-separated. What needs no network is looked at first.\n\n" +
			"The API key is sent only to an endpoint that has shown, without it, to be the service. No target is asked " +
			"for anything: a tunnel is opened to " + probeHost + ", and nothing is sent through it.\n\n" +
			"The exit code is that of the first failure; warnings are none.",
		Examples: []cli.Example{
			{Line: "smp doctor", Does: "what is wrong, and what to do about it"},
			{Line: "smp doctor | grep -v ^ok || true", Does: "what is not in order, in a script"},
		},
		Flags:  []cli.Flag{{Name: "relay", Usage: "check the relay of this shell too, and what killed relays left behind", Set: cli.Switch(&o.relay)}},
		Shared: a.sharedFlags(0),
		Run:    o.run,
	}
}

// run checks everything that can be checked: a failure does not end it.
func (o *doctorOptions) run(ctx context.Context, args []string) error {
	if err := cli.NoArgs(args); err != nil {
		return err
	}
	e := &examination{app: o.app}
	e.settings(ctx)
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	e.environment()
	e.authorities()
	e.stateDir(ctx)
	e.ledger(ctx)
	e.clock()
	if o.relay {
		e.relay(ctx)
	}
	e.endpoint(ctx)
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	failed := e.failure()
	return errors.Join(failed, e.print(ctx, failed))
}

// examination collects the findings of a run of doctor.
type examination struct {
	app      *app
	config   *config.Settings // as far as it could be read; nil: not at all
	findings []finding
}

// finding is what one check found.
type finding struct {
	grade  grade
	name   string
	detail string
	origin string // of a setting: where its value comes from; "" for other checks
	advice string // what to do; "" for nothing
	code   int    // exit code of a failure
}

type grade string

const (
	gradeOK   grade = "ok"
	gradeWarn grade = "warn"
	gradeFail grade = "fail"
)

func (e *examination) note(f finding) { e.findings = append(e.findings, f) }

func (e *examination) ok(name, format string, args ...any) {
	e.note(finding{grade: gradeOK, name: name, detail: fmt.Sprintf(format, args...)})
}

func (e *examination) warn(name, advice, format string, args ...any) {
	e.note(finding{grade: gradeWarn, name: name, detail: fmt.Sprintf(format, args...), advice: advice})
}

// fail notes a failure, with the exit code that err has elsewhere. An empty advice is
// the first hint that err has elsewhere, unless that is to run doctor.
func (e *examination) fail(name string, err error, advice string) {
	d := classify(err)
	if advice == "" && len(d.hints) > 0 {
		advice = d.hints[0]
	}
	if strings.HasSuffix(advice, ": smp doctor") {
		advice = "see where it breaks: smp doctor -v"
	}
	e.note(finding{grade: gradeFail, name: name, detail: err.Error(), advice: advice, code: d.code})
}

// failure is the first failure; nil is none.
func (e *examination) failure() error {
	var first *finding
	count := 0
	for i := range e.findings {
		if f := &e.findings[i]; f.grade == gradeFail {
			if count++; first == nil {
				first = f
			}
		}
	}
	if first == nil {
		return nil
	}
	err := fmt.Errorf("%s: %s", first.name, first.detail)
	if count > 1 {
		err = fmt.Errorf("%w (the first of %d failures)", err, count)
	}
	return &exitError{code: first.code, err: err, hints: []string{}}
}
