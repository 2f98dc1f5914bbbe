package commands

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
)

// output is stdout: data, in the form that its reader wants.
type output struct {
	stream   Stream
	style    styles
	json     bool            // --json
	document bool            // the one JSON document is printed
	before   func()          // clears the way on a terminal that stderr shares
	ctx      context.Context // its end is that of writes that nobody reads; nil: nothing is
}

func newOutput(env Env, before func()) *output {
	return &output{stream: env.Stdout, style: newStyles(env.Stdout, env), before: before}
}

// Write writes data as it is. Its errors are *outputError, or the cause of a
// signal's that came while nobody read.
func (o *output) Write(p []byte) (int, error) {
	if o.ctx == nil || o.stream.Unread != nil && o.stream.Unread() {
		return o.write(p)
	}
	written := 0
	done, err := interruptibly(o.ctx, func() (err error) {
		written, err = o.write(p)
		return err
	})
	if !done {
		return 0, err
	}
	return written, err
}

// unguarded writes as o does, without a look at signals at every piece: for large
// bodies, and callers that see to signals themselves.
func (o *output) unguarded() io.Writer { return unguardedOutput{o} }

type unguardedOutput struct{ *output }

func (u unguardedOutput) Write(p []byte) (int, error) { return u.write(p) }

func (o *output) write(p []byte) (int, error) {
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
	document := b.Bytes()
	if o.stream.Terminal {
		document = escapeInJSON(document)
	}
	_, err := o.Write(document)
	return err
}

// shown is w for pieces of a JSON document that no character crosses, and that may
// be too many to be kept.
func (o *output) shown(w io.Writer) io.Writer {
	if o.stream.Terminal {
		return shownJSON{w}
	}
	return w
}

type shownJSON struct{ w io.Writer }

func (s shownJSON) Write(p []byte) (int, error) {
	if _, err := s.w.Write(escapeInJSON(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// outputError says that stdout cannot be written.
type outputError struct{ err error }

func (e *outputError) Error() string { return "write to stdout: " + e.err.Error() }
func (e *outputError) Unwrap() error { return e.err }
