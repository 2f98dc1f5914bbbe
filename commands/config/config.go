package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"smp/client"
	"smp/client/spell"
	"smp/commands/cli"
	"smp/commands/term"
)

const (
	defaultTimeout        = 20 * time.Minute // the service may hold a request for 15
	defaultSessionTimeout = time.Minute
	defaultConnectTimeout = 30 * time.Second

	// Outside these, scaled times are too long to add up, or no time at all.
	leastTimeScale, greatestTimeScale = 1e-6, 1e6

	// leastNetworkTimeout bounds what SMP_TIME_SCALE makes of the default timeouts for
	// connecting and for session calls: a mock scales the service's time, not the
	// machine's.
	leastNetworkTimeout = 5 * time.Second
)

// Source is where settings come from, besides the config file.
type Source struct {
	Flags  *Flags
	Lookup func(name string) string // of the environment; empty is unset
	Stdin  *term.Stdin              // for --api-key-file -
}

// Read reads the configuration. It blocks where a file is a pipe that nobody has written
// to. An error is a [cli.UsageError].
func Read(source Source) (*Settings, error) {
	file, err := ReadFile(source.Lookup)
	if err != nil {
		return nil, err
	}
	r := NewReader(source, file)
	for _, step := range r.Steps() {
		if err := step.Read(); err != nil {
			return nil, err
		}
	}
	return r.Settings, nil
}

// Reader reads settings from their sources, step by step, for a caller whom one bad
// setting must not keep from the others. [Read] suits everybody else.
type Reader struct {
	Source
	file     File
	Settings *Settings // what the steps taken so far have read
}

// NewReader returns a reader that has taken no step yet.
func NewReader(source Source, file File) *Reader {
	return &Reader{Source: source, file: file, Settings: &Settings{Delays: file.Delays, Targets: file.targets}}
}

// Step reads some settings; it is named after the first of them.
type Step struct {
	Name string
	Read func() error
}

// Steps gives the steps in the order in which they must be taken.
func (r *Reader) Steps() []Step {
	return []Step{
		{"time_scale", r.timeScale},
		{"service", r.service},
		{"endpoint", r.endpoint},
		{"api_key", r.apiKey},
		{"cacert", r.caCert},
		{"insecure", func() error { return r.boolean("insecure", r.Flags.Insecure, &r.Settings.Insecure) }},
		{"proxy_insecure", func() error { return r.boolean("proxy_insecure", r.Flags.ProxyInsecure, &r.Settings.ProxyInsecure) }},
		{"timeout", r.timeout},
		{"connect_timeout", r.connectTimeout},
		{"delay", r.delay},
		{"rpm", r.rpm},
		{"state_dir", r.state},
		{"ledger", r.ledger},
	}
}

// pick finds the value of a key and notes it, to be amended before the next is noted.
// typed is the value of its flag.
func (r *Reader) pick(key, typed, otherwise string) *Setting {
	return r.note(r.find(key, typed, otherwise))
}

func (r *Reader) find(key, typed, otherwise string) Setting {
	flag, variable := "--"+strings.ReplaceAll(key, "_", "-"), "SMP_"+strings.ToUpper(key)
	found := Setting{Key: key, Value: otherwise, Origin: "default"}
	if value, ok := r.file.Values[key]; ok {
		found.Value, found.Origin = value, r.file.Path
	}
	if value := r.Lookup(variable); value != "" {
		found.Value, found.Origin = value, variable
	}
	if typed != "" {
		found.Value, found.Origin = typed, flag
	}
	return found
}

func (r *Reader) note(s Setting) *Setting {
	r.Settings.List = append(r.Settings.List, s)
	return &r.Settings.List[len(r.Settings.List)-1]
}

func (r *Reader) timeScale() error {
	r.Settings.Scale = 1
	value := r.Lookup("SMP_TIME_SCALE")
	if value == "" {
		return nil
	}
	found, scale := r.note(Setting{Key: "time_scale", Value: value, Origin: "SMP_TIME_SCALE"}), 1.0
	if err := cli.Number(&scale)(value); err != nil {
		return found.Invalid(err)
	}
	if scale < leastTimeScale || scale > greatestTimeScale {
		return found.Invalid(fmt.Errorf("%q is not a number from 0.000001 to 1000000", value))
	}
	r.Settings.Scale = scale
	return nil
}

// endpoint reads where the service listens. Userinfo in the environment or the
// config file is the API key; a command line is no place for one.
func (r *Reader) endpoint() error {
	found := r.pick("endpoint", r.Flags.Endpoint, r.Settings.Service.Endpoint)
	endpoint, key, err := client.ParseEndpoint(found.Value)
	if err != nil {
		found.Value = "" // it may hold the key
		return found.Invalid(err)
	}
	found.Value = endpoint.String()
	if key != "" && found.Origin == "--endpoint" {
		return cli.Usagef("--endpoint holds an API key, which every process of this machine could read").
			Hint("export SMP_API_KEY, or give --api-key-file FILE")
	}
	if key != "" && found.Origin == r.file.Path {
		if err := r.file.private(); err != nil {
			return err
		}
	}
	r.Settings.Endpoint, r.Settings.Key = endpoint, key
	return nil
}

func (r *Reader) caCert() error {
	file, err := r.pickPath("cacert", r.Flags.CACert)
	if err != nil {
		return err
	}
	if file.Value != "" {
		if r.Settings.CACert, err = os.ReadFile(file.Value); err != nil && ofMock(file.Value) {
			return file.Invalid(errors.New("the mock that set it has ended")).(*cli.UsageError).
				Hint(`unset its variables: eval "$(smp mock --stop)"`)
		} else if err != nil {
			return file.Invalid(err)
		}
	}
	return nil
}

// ofMock reports whether a file lies in the folder of a mock, as smp mock calls it.
func ofMock(file string) bool {
	return strings.HasPrefix(filepath.Base(filepath.Dir(file)), "smp-mock-")
}

func (r *Reader) boolean(key, typed string, into *bool) error {
	found := r.pick(key, typed, "false")
	value, err := cli.ParseSwitch(found.Value)
	if err != nil {
		return found.Invalid(err)
	}
	*into = value
	return nil
}

func (r *Reader) timeout() error {
	s := r.Settings
	s.SessionTimeout = max(s.scaled(defaultSessionTimeout), leastNetworkTimeout)
	found, err := r.duration("timeout", r.Flags.Timeout, &s.Timeout, s.scaled(defaultTimeout))
	if found.Origin != "default" && s.Timeout > 0 { // 0 lifts the limit of requests: the service may hold those alone
		s.SessionTimeout = s.Timeout
	}
	return err
}

func (r *Reader) connectTimeout() error {
	otherwise := max(r.Settings.scaled(defaultConnectTimeout), leastNetworkTimeout)
	_, err := r.duration("connect_timeout", r.Flags.ConnectTimeout, &r.Settings.ConnectTimeout, otherwise)
	return err
}

func (r *Reader) delay() error {
	r.Settings.DelayTyped = r.Flags.Delay != ""
	_, err := r.duration("delay", r.Flags.Delay, &r.Settings.delay, r.Settings.ServiceDelay())
	return err
}

// duration reads a duration. Where what is configured is none, otherwise holds.
func (r *Reader) duration(key, typed string, into *time.Duration, otherwise time.Duration) (*Setting, error) {
	*into = otherwise
	found := r.pick(key, typed, spell.Duration(otherwise))
	d, err := cli.ParseDuration(found.Value)
	if err != nil {
		return found, found.Invalid(err)
	}
	*into = d
	return found, nil
}
