package config

import (
	"smp/client"
	"smp/commands/cli"
)

// Flags are the values of flags as they were given; an empty text was not given.
type Flags struct {
	Service, Endpoint, APIKeyFile string
	CACert                        string
	Insecure, ProxyInsecure       string // "true" or "false", however spelled
	Timeout, ConnectTimeout       string
	Delay, RPM                    string
	Ledger                        string
}

// group is the heading of the flags in help.
const group = "Connection"

// Pace declares the flags of the pace.
func (f *Flags) Pace() []cli.Flag {
	return []cli.Flag{
		{
			Name: "delay", Value: "D", Group: group, Env: "SMP_DELAY", Def: "12s; 0 of Zyte API",
			Usage: "time between two requests of one outgoing IP", Set: cli.NonEmpty(&f.Delay),
		},
		{
			Name: "rpm", Value: "N", Group: group, Env: "SMP_RPM",
			Usage: "send at most N requests of the API key in a minute, evenly", Set: cli.NonEmpty(&f.RPM),
		},
	}
}

// Connection declares the flags of the connection to the service, the ledger among them.
func (f *Flags) Connection() []cli.Flag {
	return []cli.Flag{
		{
			Name: "service", Value: "NAME", Group: group, Env: "SMP_SERVICE", Def: "by the endpoint", Offer: []string{client.SPM.Name, client.ZyteAPI.Name},
			Usage: "what is there: spm or zyte-api", Set: cli.NonEmpty(&f.Service),
		},
		{
			Name: "endpoint", Value: "URL", Group: group, Env: "SMP_ENDPOINT", Def: "the service's",
			Usage: "where the service listens", Set: cli.NonEmpty(&f.Endpoint),
		},
		{
			Name: "api-key-file", Value: "FILE", Group: group, Env: "SMP_API_KEY_FILE",
			Usage: "read the API key from FILE, - for stdin", Set: cli.NonEmpty(&f.APIKeyFile),
		},
		{
			Name: "cacert", Value: "FILE", Group: group, Env: "SMP_CACERT", Def: "the system's",
			Usage: "trust the CAs in FILE (PEM)", Set: cli.NonEmpty(&f.CACert),
		},
		{
			Name: "insecure", Short: "k", Group: group, Env: "SMP_INSECURE",
			Usage: "do not verify certificates of targets", Set: switchText(&f.Insecure),
		},
		{
			Name: "proxy-insecure", Group: group, Env: "SMP_PROXY_INSECURE",
			Usage: "do not verify the certificate of an https endpoint", Set: switchText(&f.ProxyInsecure),
		},
		{
			Name: "ledger", Value: "URL", Group: group, Env: "SMP_LEDGER", Def: "files of this user",
			Usage: "keep one pace with other machines, by redis://HOST:PORT/DB", Set: cli.NonEmpty(&f.Ledger),
		},
		{
			Name: "timeout", Short: "m", Also: []string{"max-time"}, Value: "D", Group: group, Env: "SMP_TIMEOUT",
			Def: "20m, 60s for session calls", Usage: "limit of one request, own waiting excluded", Set: cli.NonEmpty(&f.Timeout),
		},
		{
			Name: "connect-timeout", Value: "D", Group: group, Env: "SMP_CONNECT_TIMEOUT", Def: "30s",
			Usage: "limit of connecting", Set: cli.NonEmpty(&f.ConnectTimeout),
		},
	}
}

// switchText keeps a switch as text, since configuration is text.
func switchText(p *string) func(string) error {
	return func(s string) error {
		_, err := cli.ParseSwitch(s)
		*p = s
		return err
	}
}
