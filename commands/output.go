package commands

import (
	"bytes"
	"encoding/json"
	"io"
)

// output is stdout: data, in the form that its reader wants.
type output struct {
	stream   Stream
	style    styles
	json     bool   // --json
	document bool   // the one JSON document is printed
	before   func() // clears the way on a terminal that stderr shares
}

func newOutput(env Env, before func()) *output {
	return &output{stream: env.Stdout, style: newStyles(env.Stdout, env), before: before}
}

// Write writes data as it is. Its errors are *outputError.
func (o *output) Write(p []byte) (int, error) {
	if o.stream.Terminal {
		o.before()
	}
	n, err := o.stream.Write(p)
	if err != nil {
		err = &outputError{err}
	}
	return n, err
}

// line writes one line of data.
func (o *output) line(s string) error {
	_, err := io.WriteString(o, s+"\n")
	return err
}

// printJSON prints v as the run's one JSON document.
func (o *output) printJSON(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if o.stream.Terminal {
		enc.SetIndent("", "  ")
	}
	if err := enc.Encode(v); err != nil {
		return err
	}
	o.document = true
	_, err := o.Write(b.Bytes())
	return err
}

// outputError says that stdout cannot be written.
type outputError struct{ err error }

func (e *outputError) Error() string { return "write to stdout: " + e.err.Error() }
func (e *outputError) Unwrap() error { return e.err }
