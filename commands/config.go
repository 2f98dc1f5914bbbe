package commands

import (
	"context"
	"os"
	"strings"
	"time"

	"smp/client"
	"smp/commands/cli"
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

// settings reads the configuration, once a run. The file of the API key may be a pipe,
// which is waited for until ctx ends.
func (a *app) settings(ctx context.Context) (*settings, error) {
	if a.config != nil {
		return a.config, nil
	}
	file, err := readConfigFile(a.env)
	if err != nil {
		return nil, err
	}
	c := &configReader{app: a, file: file, into: &settings{delays: file.delays, targets: file.targets}}
	if err := c.all(ctx); err != nil {
		return nil, err
	}
	a.config = c.into
	a.messages.Redactor = redactor(a.config.key)
	return a.config, nil
}

// configReader reads settings from their sources.
type configReader struct {
	app  *app
	file configFile
	into *settings
}

func (c *configReader) all(ctx context.Context) error {
	for _, step := range c.steps(ctx) {
		if err := step.read(); err != nil {
			return err
		}
	}
	return nil
}

// configStep reads some settings; it is named after the first of them.
type configStep struct {
	name string
	read func() error
}

func (c *configReader) steps(ctx context.Context) []configStep {
	return []configStep{
		{"time_scale", c.timeScale},
		{"service", c.service},
		{"endpoint", c.endpoint},
		{"api_key", func() error { return c.apiKey(ctx) }},
		{"cacert", c.trust},
		{"timeout", c.times},
		{"state_dir", c.state},
		{"ledger", c.ledger},
	}
}

// pick finds the value of a key and notes it. typed is the value of its flag.
func (c *configReader) pick(key, typed, otherwise string) setting {
	return c.note(c.find(key, typed, otherwise))
}

func (c *configReader) find(key, typed, otherwise string) setting {
	flag, variable := "--"+strings.ReplaceAll(key, "_", "-"), "SMP_"+strings.ToUpper(key)
	found := setting{key: key, value: otherwise, origin: "default"}
	if value, ok := c.file.values[key]; ok {
		found.value, found.origin = value, c.file.path
	}
	if value := c.app.env.lookup(variable); value != "" {
		found.value, found.origin = value, variable
	}
	if typed != "" {
		found.value, found.origin = typed, flag
	}
	return found
}

func (c *configReader) note(s setting) setting {
	c.into.list = append(c.into.list, s)
	return s
}

func (c *configReader) timeScale() error {
	c.into.scale = 1
	if value := c.app.env.lookup("SMP_TIME_SCALE"); value != "" {
		if err := cli.Number(&c.into.scale)(value); err != nil {
			return cli.Usagef("SMP_TIME_SCALE: %v", err)
		}
		if c.into.scale < leastTimeScale || c.into.scale > greatestTimeScale {
			return cli.Usagef("SMP_TIME_SCALE: %q is not from 0.000001 to 1000000", value)
		}
		c.note(setting{key: "time_scale", value: value, origin: "SMP_TIME_SCALE"})
	}
	return nil
}

// endpoint reads where the service listens. Userinfo in the environment or the
// config file is the API key; a command line is no place for one.
func (c *configReader) endpoint() error {
	found := c.pick("endpoint", c.app.shared.endpoint, c.into.service.Endpoint)
	endpoint, key, err := client.ParseEndpoint(found.value)
	noted := &c.into.list[len(c.into.list)-1]
	if err != nil {
		noted.value, noted.secret = "", true
		return found.invalid(err)
	}
	noted.value = endpoint.String()
	if key != "" && found.origin == "--endpoint" {
		return cli.Usagef("--endpoint holds an API key, which every process of this machine could read").
			Hint("export SMP_API_KEY, or give --api-key-file FILE")
	}
	if key != "" && found.origin == c.file.path {
		if err := c.file.private(); err != nil {
			return err
		}
	}
	c.into.endpoint, c.into.key = endpoint, key
	return nil
}

func (c *configReader) trust() (err error) {
	file, err := c.pickPath("cacert", c.app.shared.caCert)
	if err != nil {
		return err
	}
	if file.value != "" {
		if c.into.caCert, err = os.ReadFile(file.value); err != nil {
			return file.invalid(err)
		}
	}
	if c.into.insecure, err = c.boolean("insecure", c.app.shared.insecure); err != nil {
		return err
	}
	c.into.proxyInsecure, err = c.boolean("proxy_insecure", c.app.shared.proxyInsecure)
	return err
}

func (c *configReader) boolean(key, typed string) (bool, error) {
	found := c.pick(key, typed, "false")
	value, err := cli.ParseSwitch(found.value)
	if err != nil {
		return false, found.invalid(err)
	}
	return value, nil
}

func (c *configReader) times() error {
	s, typed := c.into, c.app.shared
	timeout, err := c.duration("timeout", typed.timeout, &s.timeout, s.scaled(defaultTimeout))
	if err != nil {
		return err
	}
	s.sessionTimeout = s.timeout
	if timeout.origin == "default" {
		s.sessionTimeout = max(s.scaled(defaultSessionTimeout), leastNetworkTimeout)
	}
	connectTimeout := max(s.scaled(defaultConnectTimeout), leastNetworkTimeout)
	if _, err := c.duration("connect_timeout", typed.connectTimeout, &s.connectTimeout, connectTimeout); err != nil {
		return err
	}
	s.delayTyped = typed.delay != ""
	if _, err = c.duration("delay", typed.delay, &s.delay, s.scaled(s.service.Delay)); err != nil {
		return err
	}
	return c.rpm()
}

func (c *configReader) duration(key, typed string, into *time.Duration, otherwise time.Duration) (setting, error) {
	found := c.pick(key, typed, brief(otherwise))
	d, err := cli.ParseDuration(found.value)
	if err != nil {
		return found, found.invalid(err)
	}
	*into = d
	return found, nil
}
