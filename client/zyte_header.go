package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// maxTags bounds the tags of a request (DOC).
const maxTags = 512

// Tags is the value of Zyte-Tags: a JSON object in ASCII.
func Tags(tags map[string]string) (string, error) {
	text, err := json.Marshal(tags)
	if err != nil {
		return "", err
	}
	var ascii strings.Builder
	for _, r := range string(text) {
		switch {
		case r < 0x7f:
			ascii.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&ascii, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&ascii, `\u%04x`, r)
		}
	}
	if ascii.Len() >= maxTags {
		return "", fmt.Errorf("the tags take %d bytes, and the service takes less than %d", ascii.Len(), maxTags)
	}
	return ascii.String(), nil
}

// protected are the headers that Zyte API replaces by its own unless it is asked not to.
var protected = []string{"Accept", "Accept-Encoding", "User-Agent"}

// forZyte adds what every request to Zyte API carries: the client's name, and
// that the service is to follow no redirects. It also names the protected
// headers of the caller's own, which are to be sent on.
func (c *Client) forZyte(header http.Header, own []string) {
	header["Zyte-Client"] = []string{c.cfg.UserAgent}
	if header.Get("Zyte-Browser-Html") != "true" {
		header["Zyte-Disable-Follow-Redirect"] = []string{"true"}
	}
	listed := strings.Join(header[headerZyteOverride], ",")
	for _, name := range own {
		if !lists(listed, name) {
			listed = strings.TrimPrefix(listed+","+name, ",")
		}
	}
	if listed != "" {
		header[headerZyteOverride] = []string{listed}
	}
}

// ownHeaders are the protected headers that a request's caller has set.
func ownHeaders(header http.Header) (own []string) {
	for _, name := range protected {
		if len(header[name]) > 0 {
			own = append(own, name)
		}
	}
	return own
}

func lists(list, name string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(one), name) {
			return true
		}
	}
	return false
}
