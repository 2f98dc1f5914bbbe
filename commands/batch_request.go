package commands

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"smp/client"
	"smp/client/batch"
)

// requestOfLine is the template for one line of a batch. What the line says wins
// over the flags.
func (t *requestTemplate) requestOfLine(line *batch.Line) (client.Request, error) {
	req, err := t.request(line.URL)
	if err != nil {
		return req, err
	}
	if err := t.guard.checkLine(line); err != nil {
		return req, err
	}
	for name, values := range line.Header {
		if err := t.putHeader(req.Header, name, values); err != nil {
			return req, err
		}
	}
	if line.Body != nil {
		putBody(&req, *line.Body)
		if req.Method == http.MethodGet && line.Method == "" {
			req.Method = http.MethodPost
		}
	}
	return req, putMethod(&req, line.Method)
}

// checkLine looks at what neither the URL nor a header is. An ID is not sent, but
// written down.
func (g keyGuard) checkLine(line *batch.Line) error {
	if g.check("", line.IDText()) != nil {
		return errors.New(`the "id" holds the API key, which belongs in no result`)
	}
	return g.check("the method", line.Method)
}

// putHeader sets a header as a line has it; without values it is not sent.
func (t *requestTemplate) putHeader(header http.Header, name string, values []string) error {
	if strings.EqualFold(name, headerSession) || strings.EqualFold(name, headerRegion) {
		return fmt.Errorf("the header %s is the pool's, not a line's", name)
	}
	if strings.EqualFold(name, "Content-Length") || strings.EqualFold(name, "Transfer-Encoding") {
		return fmt.Errorf("the header %s follows from the body", name)
	}
	key := headerKey(header, name)
	header[key] = nil
	for _, value := range values {
		if err := t.guard.checkHeader(name + ":" + value); err != nil {
			return err
		}
		_, value, _, err := parseHeaderLine(name + ":" + value)
		if err != nil {
			return err
		}
		header[key] = append(header[key], value)
	}
	if !isToken(name) {
		return fmt.Errorf("%q is no name of a header", name)
	}
	return nil
}

func putBody(req *client.Request, text string) {
	req.Length = int64(len(text))
	req.Body = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
}

func putMethod(req *client.Request, method string) error {
	switch {
	case method == "":
		return nil
	case !isToken(method):
		return fmt.Errorf("%q is no method", method)
	case method == http.MethodConnect:
		return errors.New("CONNECT is what smp does for https targets by itself")
	}
	req.Method = method
	return nil
}

// cookieJar is the jar of files that -b names, nil for none.
func (t *requestTemplate) cookieJar() http.CookieJar {
	if t.jar == nil {
		return nil
	}
	return t.jar
}
