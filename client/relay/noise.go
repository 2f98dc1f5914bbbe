package relay

import (
	"net/url"
	"strings"
)

// Noise lists what browsers ask for on their own account: updates, sign-in, safe
// browsing, captive portals, telemetry. Sent on, such requests take slots of the
// session before the first page does. An entry is a host, with "*." for all hosts
// below it, or a host with the start of a path.
//
// Chromium sent those to googleapis.com, clients2.google.com and accounts.google.com
// in spite of its flags against them; the others stand in the sources and documents
// of their browsers.
func Noise() []string { return noise }

var noise = []string{
	// Chromium and Chrome
	"accounts.google.com/ListAccounts",
	"accounts.google.com/RotateBoundCookies",
	"android.clients.google.com",
	"chromewebstore.googleapis.com",
	"clients1.google.com",
	"clients2.google.com",
	"clients2.googleusercontent.com/crx/",
	"clients3.google.com/generate_204",
	"clients4.google.com",
	"clientservices.googleapis.com",
	"connectivitycheck.gstatic.com",
	"content-autofill.googleapis.com",
	"*.gvt1.com",
	"mtalk.google.com",
	"optimizationguide-pa.googleapis.com",
	"passwordsleakcheck-pa.googleapis.com",
	"*.safebrowsing.google.com",
	"safebrowsing.google.com",
	"safebrowsing.googleapis.com",
	"safebrowsinghttpgateway.googleapis.com",
	"safebrowsingohttpgateway.googleapis.com",
	"sb-ssl.google.com",
	"update.googleapis.com",
	"www.google.com/async/",
	"www.gstatic.com/generate_204",
	// Firefox
	"aus5.mozilla.org",
	"*.cdn.mozilla.net",
	"detectportal.firefox.com",
	"incoming.telemetry.mozilla.org",
	"*.services.mozilla.com",
	"versioncheck-bg.addons.mozilla.org",
	// Edge
	"*.api.cdp.microsoft.com",
	"config.edge.skype.com",
	"edge.microsoft.com",
	"*.smartscreen.microsoft.com",
	"www.msftconnecttest.com",
	// Brave
	"go-updater.brave.com",
	"safebrowsing.brave.com",
	"static1.brave.com",
	"variations.brave.com",
	// Safari
	"captive.apple.com",
}

func isNoise(u *url.URL) bool {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	for _, entry := range noise {
		name, path, _ := strings.Cut(entry, "/")
		if isHost(host, name) && strings.HasPrefix(u.Path, "/"+path) {
			return true
		}
	}
	return false
}

func isHost(host, name string) bool {
	if parent, all := strings.CutPrefix(name, "*"); all {
		return strings.HasSuffix(host, parent)
	}
	return host == name
}
