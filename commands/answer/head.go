package answer

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"smp/client"
)

// maxHeads bounds the heads of redirects, in bytes. No single head can be as long.
const maxHeads = 2 << 20

// HeadLog keeps the heads of the redirects of a fetch, as text: read into a map,
// a head takes up to ten times the memory.
type HeadLog struct{ text strings.Builder }

// Add keeps the head of a redirect. It refuses one that is too much beside the others.
func (l *HeadLog) Add(resp *client.Response) error {
	writeHead(&l.text, resp)
	if l.text.Len() > maxHeads {
		return errors.New("the heads of the redirects are over 2 MiB together")
	}
	return nil
}

// With gives the heads of all answers of a fetch, redirects first, as -i, -I and -D
// show them. Within a head the order of the headers is by name: the order on the wire
// is not kept.
func (l *HeadLog) With(last *client.Response) string {
	var b strings.Builder
	b.WriteString(l.text.String())
	writeHead(&b, last)
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
