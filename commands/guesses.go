package commands

import (
	"strings"

	"smp/commands/cli"
)

// aliases are words for ours that work.
func aliases() map[string]string {
	return map[string]string{"ls": "list", "rm": "delete", "version": "--version"}
}

// synonyms are words of other programs that are answered with ours.
func synonyms() map[string]string {
	return map[string]string{
		"remove": "delete", "new": "create", "add": "create", "get": "fetch", "curl": "fetch", "wget": "fetch", "proxy": "relay", "serve": "relay",
	}
}

// guessCommand says what to do for a word that is no command, where no other word of
// ours is meant.
func guessCommand(words []string, word string) string {
	group := strings.Join(words, " ")
	switch {
	case group == "" && strings.Contains(word, "://"):
		return "did you mean smp fetch URL"
	case group == "session":
		return sessionGuesses[word]
	case group == "":
		return programGuesses[word]
	}
	return ""
}

var sessionGuesses = map[string]string{
	"show": "one session: smp session list ID|@NAME", "info": "one session: smp session list ID|@NAME",
	"get": "one session: smp session list ID|@NAME", "inspect": "one session: smp session list ID|@NAME",
	"rename": "a name goes to a new session: smp session forget @NAME, then smp session create --name NAME",
	"prune":  "those of this machine that nothing uses: smp session delete --mine", "clean": "those of this machine that nothing uses: smp session delete --mine",
	"exec": "did you mean smp session run -- COMMAND",
}

var programGuesses = map[string]string{
	"config": "what smp goes by, and where it comes from: smp doctor", "env": "what smp goes by, and where it comes from: smp doctor",
	"status": "what smp goes by, and whether the endpoint answers: smp doctor", "ping": "whether the endpoint answers: smp doctor",
	"login": "export SMP_API_KEY=…, then see whether it is accepted: smp doctor", "auth": "export SMP_API_KEY=…, then see whether it is accepted: smp doctor",
	"man": "smp help --man | man -l -", "show": "one session: smp session list ID|@NAME",
	"run": "did you mean smp session run -- COMMAND, or smp exec -- COMMAND",
}

const keyElsewhere = "the API key is never in the command line: export SMP_API_KEY, or --api-key-file FILE"

// foreignFlags are those of curl and of habit. Where names a flag that only the
// commands meant have: "write-out" is fetch, "sessions" batch, "request" both.
func foreignFlags() []cli.ForeignFlag {
	return []cli.ForeignFlag{
		{Spellings: "-x --proxy --preproxy --socks4 --socks4a --socks5 --socks5-hostname --noproxy", Instead: "the proxy is the endpoint: --endpoint http://HOST:PORT"},
		{Spellings: "-U --proxy-user --api-key --apikey --key", Instead: keyElsewhere},
		{Spellings: "-K --config", Instead: "settings come from a config file: export SMP_CONFIG=FILE"},
		{Spellings: "--proxy-cacert", Instead: "an https endpoint is verified with it too: --cacert FILE"},

		{Spellings: "-j -Z -P --parallel --jobs --concurrency --workers --threads", Instead: "as many at once as there are sessions: --sessions N", Where: "sessions"},
		{Spellings: "-n --count", Instead: "--sessions N", Where: "sessions"},
		{Spellings: "-o -O --output --out --directory --remote-name", Instead: "a directory for the bodies and results.jsonl: --output-dir DIR", Where: "sessions"},
		{Spellings: "--continue --continue-at -C", Instead: "go on with an earlier run: --resume --output-dir DIR", Where: "sessions"},
		{Spellings: "-i --input --input-file", Instead: "the list needs no flag: smp batch FILE", Where: "sessions"},

		{Spellings: "--session", Instead: "it makes a new one; in one that is there: smp exec --session ID|@NAME -- COMMAND", Where: "name"},

		{Spellings: "-Z --parallel --next -j", Instead: "many URLs at once: smp batch FILE"},
		{Spellings: "-T --upload-file", Instead: "send a file: -X PUT --data-binary @FILE", Where: "request"},
		{Spellings: "--url", Instead: "the URL needs no flag: smp fetch URL", Where: "write-out"},
		{Spellings: "-r --range", Instead: "ask with a header: -H 'Range: bytes=0-99'", Where: "request"},
		{Spellings: "-n --netrc --netrc-file --netrc-optional --basic --anyauth --digest --ntlm --negotiate", Instead: "the target's credentials, sent as Basic ones: --user NAME:PASS", Where: "request"},
		{Spellings: "--bearer --oauth2-bearer --token", Instead: "ask with a header: -H 'Authorization: Bearer TOKEN'", Where: "request"},
		{Spellings: "-E --cert --cert-type --pass --key-type", Instead: "targets see no client certificate: the service speaks TLS with them", Where: "request"},
		{Spellings: "--rate --limit-requests", Instead: "the pace is the time between two requests of an outgoing IP: --delay D", Where: "request"},
		{Spellings: "--limit-rate -Y --speed-limit -y --speed-time", Instead: "leave it out: bodies come as fast as the service sends them; --timeout limits a whole request", Where: "request"},
		{Spellings: "-C --continue-at", Instead: "ask for the rest: -H 'Range: bytes=N-' and >>FILE", Where: "write-out"},
		{Spellings: "-N --no-buffer", Instead: "leave it out: bodies are passed on as they come", Where: "request"},
		{Spellings: "-p --proxytunnel", Instead: "leave it out: https targets are always reached through a tunnel", Where: "request"},
		{Spellings: "--proxy-header", Instead: "X-Crawlera-* headers go to the proxy anyway: --header LINE", Where: "request"},
		{Spellings: "-# --progress-bar --no-progress-meter --progress", Instead: "leave it out: a terminal is told what a fetch waits for; --quiet says nothing", Where: "request"},
		{Spellings: "--http0.9 --http1.0 --http1.1 --http2 --http2-prior-knowledge --http3 -0", Instead: "leave it out: HTTP/1.1 is spoken throughout", Where: "request"},
		{Spellings: "--tlsv1.0 --tlsv1.1 --tlsv1.2 --tlsv1.3 --ciphers --resolve --connect-to --interface --ipv4 --ipv6 -4 -6 --dns-servers --doh-url", Instead: "leave it out: the service connects to the target", Where: "request"},
		{Spellings: "--location-trusted", Instead: "credentials do not follow to another host: --location, and ask there again", Where: "request"},
		{Spellings: "--retries --max-tries", Instead: "--retry N", Where: "request"},
		{Spellings: "--capath --ca-bundle --ca", Instead: "--cacert FILE"},
		{Spellings: "--max-redirects", Instead: "--max-redirs N", Where: "request"},
		{Spellings: "--cookies-file --load-cookies", Instead: "--cookie FILE", Where: "request"},
		{Spellings: "--save-cookies", Instead: "--cookie-jar FILE", Where: "write-out"},

		{Spellings: "-p --port", Instead: "--listen 127.0.0.1:PORT", Where: "listen"},
		{Spellings: "-d --detach --daemon", Instead: "--background", Where: "background"},
	}
}
