package commands

import (
	"strings"

	"smp/client/relay"
	"smp/commands/cli"
)

const execAbout = `Starts a proxy on a free port of loopback, and runs COMMAND with variables that make tools use it and trust its certificates. What COMMAND asks for goes out through the endpoint, in one session, at its slots: the same ledger, names and feedback as smp fetch. Nothing goes around the endpoint. Without --session it makes a session of its own and deletes it at the end. COMMAND is not given the API key.

The exit code is COMMAND's, or 125: smp failed before it ran, 126: it cannot be executed, 127: it is not there, 128+N: signal N killed it.

curl, wget, git, Python, Go, Perl, Ruby, PHP, npm, cargo and Chromium read the variables. Node reads them from 22.21 and 24 on (NODE_USE_ENV_PROXY, which is set); before, it goes direct. Java needs JAVA_TOOL_OPTIONS with -Dhttp.proxyHost, -Dhttp.proxyPort, -Dhttps.proxyHost and -Dhttps.proxyPort of $SMP_RELAY, and -Djavax.net.ssl.trustStore with a store that keytool -importcert -file "$SMP_RELAY_CA" has made. Chromium trusts the relay by --ignore-certificate-errors-spki-list="$SMP_RELAY_SPKI"; on a desktop it reads the desktop's settings, so give it --proxy-server="$SMP_RELAY" too. If nothing came through the relay, a line at the end says so: COMMAND went direct.`

const relayAbout = `Serves until it is stopped. What is sent to it goes out through the endpoint, in a session, at its slots: the same ledger, names and feedback as smp fetch. Nothing goes around the endpoint. It prints the variables that make tools use it; eval them in a shell. smp help exec says which tools need more.

The session of a request is the first of: its own header X-Crawlera-Session (ID, create, @NAME or none); the user name of its proxy credentials (NAME for @NAME, id.ID, none); the one behind the port's --listen; --session; none.

Failures reach the client as answers, for http and https alike: the service's status (502 for its 407), X-Crawlera-Error or Zyte-Error-Type, Proxy-Status and Retry-After. GET /_relay/stats, /_relay/ca.pem and /_relay/spki answer on loopback. On Linux the connections of other users are closed.`

// whatGoes says what goes in the session, and what is not sent at all.
const whatGoes = `Pages and data (what no browser marks, too) go in the session, one at a time, pages first. Scripts, styles, fonts, images and media go without a session unless --static or --keep says otherwise: a page of fifty parts would take ten minutes. Requests are told apart by Sec-Fetch-Dest, else by Accept and extension. What browsers ask for on their own account is answered 204: `

// aboutRelay is about, with what smp relay and smp exec have in common.
func aboutRelay(about string) string {
	return about + "\n\n" + whatGoes + strings.Join(relay.Noise(), ", ") + "."
}

var execExamples = []cli.Example{
	{Line: "smp exec -- curl -s https://httpbin.org/ip", Does: "one tool, a session of its own"},
	{Line: "smp exec --session @shop -- sh script.sh", Does: "every tool of a script, in the session that @shop names"},
	{Line: "smp exec --static session -- sh script.sh", Does: "files that a page is made of go in the session, too"},
	{Line: "smp exec --quiet -- env", Does: "the variables that COMMAND gets"},
}

var relayExamples = []cli.Example{
	{Line: "smp relay --session @shop", Does: "a proxy at 127.0.0.1:8012 for whatever is started later"},
	{Line: "smp relay --listen 127.0.0.1:8012=@shop --listen 127.0.0.1:8013=none", Does: "a port for each session"},
	{Line: `eval "$(smp relay --background --listen 127.0.0.1:0)"`, Does: "one for this shell; end it with: eval \"$(smp relay --stop)\""},
	{Line: "curl -x http://shop@127.0.0.1:8012 http://httpbin.org/ip", Does: "the session by user name: @shop"},
}
