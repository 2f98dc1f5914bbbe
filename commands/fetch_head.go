package commands

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"smp/client"
	"smp/client/paced"
)

// heads writes the heads of all answers of a fetch, redirects first, as -i, -I and
// -D show them. Within a head the order of the headers is by name: the order on the
// wire is not kept.
func heads(result *paced.Result) string {
	var b strings.Builder
	for _, resp := range result.History {
		writeHead(&b, resp)
	}
	writeHead(&b, result.Response)
	return b.String()
}

func writeHead(b *strings.Builder, resp *client.Response) {
	fmt.Fprintf(b, "%s %d %s\r\n", resp.Proto, resp.Status, resp.Reason)
	for _, name := range sortedNames(resp.Header) {
		for _, value := range resp.Header[name] {
			fmt.Fprintf(b, "%s: %s\r\n", name, value)
		}
	}
	b.WriteString("\r\n")
}

func sortedNames(h http.Header) []string {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
