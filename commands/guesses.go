package commands

import "strings"
import "smp/commands/cli"

// synonyms are what people call things elsewhere.
func synonyms() map[string]string {
	return map[string]string{
		"ls": "list", "rm": "delete", "remove": "delete", "new": "create", "add": "create", "exec": "run",
		"get": "fetch", "curl": "fetch", "version": "--version",
	}
}

// guessURL suggests smp fetch if a URL stands in the place of a command.
func guessURL(words []string, word string) string {
	if len(words) == 0 && strings.Contains(word, "://") {
		return "smp fetch URL"
	}
	return ""
}

const keyElsewhere = "the API key is never in the command line: export SMP_API_KEY, or --api-key-file FILE"

// foreignFlags are those of curl and of habit.
func foreignFlags() []cli.ForeignFlag {
	return []cli.ForeignFlag{
		{Spellings: "-x --proxy --preproxy --socks4 --socks4a --socks5 --socks5-hostname --noproxy", Instead: "the proxy is the endpoint: --endpoint http://HOST:PORT"},
		{Spellings: "-U --proxy-user --api-key --apikey --key", Instead: keyElsewhere},
		{Spellings: "-K --config", Instead: "settings come from a config file: export SMP_CONFIG=FILE"},
		{Spellings: "--proxy-cacert", Instead: "an https endpoint is verified with it too: --cacert FILE"},
		{Spellings: "-Z --parallel --next", Instead: "many URLs at once: smp batch FILE"},
		{Spellings: "-T --upload-file", Instead: "send a file: -X PUT --data-binary @FILE"},
		{Spellings: "--url", Instead: "the URL needs no flag: smp fetch URL", Where: "request"},
		{Spellings: "-r --range", Instead: "ask with a header: -H 'Range: bytes=0-99'", Where: "request"},
		{Spellings: "-n --netrc --netrc-file", Instead: "the target's credentials: --user NAME:PASS", Where: "request"},
		{Spellings: "-N --no-buffer", Instead: "leave it out: bodies are passed on as they come", Where: "request"},
		{Spellings: "-p --proxytunnel", Instead: "leave it out: https targets are always reached through a tunnel", Where: "request"},
		{Spellings: "--proxy-header", Instead: "X-Crawlera-* headers go to the proxy anyway: --header LINE", Where: "request"},
		{Spellings: "-# --progress-bar --no-progress-meter", Instead: "leave it out: a fetch shows no progress", Where: "request"},
		{Spellings: "--http1.1 --http2 --http3", Instead: "leave it out: HTTP/1.1 is spoken throughout", Where: "request"},
		{Spellings: "-p --port", Instead: "--listen 127.0.0.1:PORT", Where: "listen"},
	}
}
