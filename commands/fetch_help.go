package commands

const fetchAbout = `The body of the answer goes to stdout, byte for byte. The answer of the
target is data, whatever its status; --fail makes 400 and above exit 22. What
the service itself refuses goes to stderr, and the exit code says what can be
done about it.

In a session, requests of one outgoing IP are a delay apart, across all
processes of this user on this machine: smp waits for the slot. Flags that
curl has too have its letters, names and meaning.`

var fetchExamples = []example{
	{"smp fetch https://httpbin.org/ip", "through the proxy, without a session"},
	{"smp fetch --session create https://httpbin.org/ip", "in a new session; its id is told on stderr"},
	{"smp fetch --session @shop -o page.html https://shop.com/", "in the session named shop, made on first use"},
	{"smp fetch -fsSL -o file.zip https://shop.com/file", "as a script does: errors alone, redirects followed"},
	{"smp fetch --session @shop -d user=me -b jar -c jar https://shop.com/login", "log in, and keep the cookies"},
	{"smp fetch --meta meta.json -w '%{ip}\\n' -o page http://httpbin.org/get", "what is known of a fetch"},
}
