package commands

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"smp/client"
	"smp/client/batch"
	"smp/commands/config"
	"smp/commands/curl"
	"smp/commands/request"
)

// lineRequest is the request for one line of a batch. What the line says wins over
// the flags.
func lineRequest(t *curl.Template, s *config.Settings, line *batch.Line) (client.Request, error) {
	req, err := t.Request(line.URL)
	if err != nil {
		return req, err
	}
	if t.Guard.Check("", line.IDText()) != nil {
		return req, errors.New(`the "id" holds the API key, which belongs in no result`)
	}
	for name, values := range line.Header {
		if err := setLineHeader(t.Guard, s, req.Header, name, values); err != nil {
			return req, err
		}
	}
	if line.Body != nil {
		if err := t.Guard.CheckEscaped(`the "body"`, *line.Body); err != nil {
			return req, err
		}
		setLineBody(&req, *line.Body)
		if req.Method == http.MethodGet {
			req.Method = http.MethodPost
		}
	}
	if line.Method == "" {
		return req, nil
	}
	req.Method = line.Method
	return req, errors.Join(t.Guard.Check("the method", line.Method), curl.CheckMethod(line.Method))
}

// setLineHeader sets a header as a line has it; without values it is not sent.
func setLineHeader(guard curl.Guard, s *config.Settings, header http.Header, name string, values []string) error {
	switch {
	case slices.ContainsFunc(s.Service.SessionHeaders(), func(of string) bool { return strings.EqualFold(name, of) }):
		return fmt.Errorf("the header %s is the pool's, not a line's", name)
	case strings.EqualFold(name, "Content-Length"), strings.EqualFold(name, "Transfer-Encoding"):
		return fmt.Errorf("the header %s follows from the body", name)
	}
	if err := request.CheckHeaders(s.Service, http.Header{name: values}); err != nil {
		return err
	}
	return guard.SetHeader(header, name, values)
}

func setLineBody(req *client.Request, text string) {
	req.Length = int64(len(text))
	req.Body = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
}
