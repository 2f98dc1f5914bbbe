package commands

import "smp/commands/cli"

const fetchAbout = `The body of the answer goes to stdout, byte for byte. The answer of the
target is data, whatever its status; --fail makes 400 and above exit 22. What
the service itself refuses goes to stderr, and the exit code says what can be
done about it.

In a session, requests of one outgoing IP are a delay apart, across all
processes of this user on this machine: smp waits for the slot. Flags that
curl has too have its letters, names and meaning.`

var fetchExamples = []cli.Example{
	{Line: "smp fetch https://httpbin.org/ip", Does: "through the proxy, without a session"},
	{Line: "smp fetch --session create https://httpbin.org/ip", Does: "in a new session; its id is told on stderr"},
	{Line: "smp fetch --session @shop -o page.html https://shop.com/", Does: "in the session named shop, made on first use"},
	{Line: "smp fetch -fsSL -o file.zip https://shop.com/file", Does: "as a script does: errors alone, redirects followed"},
	{Line: "smp fetch --session @shop -d user=me -b jar -c jar https://shop.com/login", Does: "log in, and keep the cookies"},
	{Line: "smp fetch --meta meta.json -w '%{ip}\\n' -o page http://httpbin.org/get", Does: "what is known of a fetch"},
}
