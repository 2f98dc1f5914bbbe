package commands

import (
	"strings"

	"smp/client"
	"smp/client/paced"
)

// noticeSurprises says what the service did not do as asked, or may not have done.
func (o *fetchOptions) noticeSurprises(job *paced.Job, result *paced.Result, failed error) {
	if job.Session.Kind == paced.RefCreate && failed == nil && !result.Created {
		o.app.messages.Info("the answer names no new session")
	}
	if result.Dialect != client.DialectZyte || o.app.config.Service == client.ZyteAPI {
		return
	}
	o.app.messages.Trace("* Zyte API answers at this endpoint: it follows redirects itself, and does not tell")
	if ignored := o.ignoredByZyte(); len(ignored) > 0 {
		o.app.messages.Info("Zyte API answers at this endpoint, and ignores %s", strings.Join(ignored, ", "))
	}
}

// ignoredByZyte names the flags given whose headers are not among the six that Zyte
// API is documented to act on.
func (o *fetchOptions) ignoredByZyte() []string {
	var ignored []string
	for _, f := range []struct{ header, flag string }{
		{"X-Crawlera-Max-Retries", "--max-retries"},
		{"X-Crawlera-Timeout", "--proxy-timeout"},
		{"X-Crawlera-No-Bancheck", "--no-bancheck"},
		{"X-Crawlera-Debug", "--debug"},
	} {
		if o.request.Extra[f.header] != "" {
			ignored = append(ignored, f.flag)
		}
	}
	return ignored
}
