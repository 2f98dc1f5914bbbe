package term

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
)

// Output is stdout: data, in the form that its reader wants. Its methods that take a
// context give up if ctx ends while the write is blocked, with an *AbandonedError. Their
// other errors are *WriteError.
type Output struct {
	Stream Stream
	Style  Styles
	JSON   bool // --json: one document is all that is printed

	printed     bool   // the one JSON document
	clearStatus func() // before a write to a terminal that stderr shares
}

// NewOutput writes to stream, and clears the status line of messages before it does.
func NewOutput(stream Stream, lookup Lookup, messages *Messages) *Output {
	return &Output{Stream: stream, Style: newStyles(stream, lookup), clearStatus: messages.ClearStatus}
}

// Writer writes data as it is.
func (o *Output) Writer(ctx context.Context) io.Writer { return &guardedWriter{o, ctx} }

// Unguarded is Writer without a look at a context: for large bodies, whose callers
// handle signals themselves.
func (o *Output) Unguarded() io.Writer { return unguardedWriter{o} }

// Text writes text as it is.
func (o *Output) Text(ctx context.Context, s string) error {
	_, err := io.WriteString(o.Writer(ctx), s)
	return err
}

// Redraw calls print so that what it prints replaces the screen: for a terminal that can
// move its cursor. Elsewhere an empty line parts it from what was printed before.
func (o *Output) Redraw(ctx context.Context, first bool, print func() error) error {
	switch {
	case o.Style.cursor && first:
		if err := o.Text(ctx, "\x1b[2J\x1b[H"); err != nil {
			return err
		}
	case o.Style.cursor:
		if err := o.Text(ctx, "\x1b[H\x1b[J"); err != nil {
			return err
		}
	case !first:
		if err := o.Text(ctx, "\n"); err != nil {
			return err
		}
	}
	return print()
}

// PrintJSON prints v as the run's one JSON document: indented to a terminal, on one
// line elsewhere.
func (o *Output) PrintJSON(ctx context.Context, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if o.Stream.Terminal {
		enc.SetIndent("", "  ")
	}
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := o.JSONWriter(o.Writer(ctx)).Write(b.Bytes())
	return err
}

// PrintedJSON reports whether the run's JSON document was begun.
func (o *Output) PrintedJSON() bool { return o.printed }

// JSONWriter makes pieces of JSON safe for the reader of stdout, and passes them to w,
// which leads there. A piece must not split a UTF-8 character.
func (o *Output) JSONWriter(w io.Writer) io.Writer {
	o.printed = true
	if o.Stream.Terminal {
		return escapingWriter{w}
	}
	return w
}

func (o *Output) write(p []byte) (int, error) {
	if o.Stream.Terminal {
		o.clearStatus()
	}
	n, err := o.Stream.Write(p)
	if err != nil {
		err = &WriteError{err}
	}
	return n, err
}

type guardedWriter struct {
	output *Output
	ctx    context.Context
}

// Write copies p for a writer that may be abandoned: the caller may reuse p.
func (w *guardedWriter) Write(p []byte) (int, error) {
	if s := w.output.Stream; s.NeverBlocks != nil && s.NeverBlocks() {
		return w.output.write(p)
	}
	data := bytes.Clone(p)
	return Await(w.ctx, func() (int, error) { return w.output.write(data) })
}

type unguardedWriter struct{ output *Output }

func (w unguardedWriter) Write(p []byte) (int, error) { return w.output.write(p) }

// escapingWriter escapes what a terminal might obey.
type escapingWriter struct{ w io.Writer }

func (e escapingWriter) Write(p []byte) (int, error) {
	if _, err := e.w.Write(EscapeJSON(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// WriteError says that stdout cannot be written.
type WriteError struct{ Err error }

func (e *WriteError) Error() string { return "write to stdout: " + e.Err.Error() }
func (e *WriteError) Unwrap() error { return e.Err }
