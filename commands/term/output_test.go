package term

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// lookup finds variables in a list of NAME=value.
func lookup(variables ...string) Lookup {
	return func(name string) string {
		for _, v := range variables {
			if value, ok := strings.CutPrefix(v, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

// outputTo makes an output whose stream is like s and writes into text.
func outputTo(s Stream, variables ...string) (out *Output, text *bytes.Buffer) {
	text = new(bytes.Buffer)
	s.Writer = text
	return NewOutput(s, lookup(variables...), NewMessages(Stream{Writer: io.Discard}, lookup())), text
}

func TestWriteErrorsAreTheOutputs(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	r.Close()
	o := NewOutput(Stream{Writer: w}, lookup(), NewMessages(Stream{Writer: io.Discard}, lookup()))
	if _, ok := errors.AsType[*WriteError](o.Text(t.Context(), "x")); !ok {
		t.Error("a failure to write stdout is not told as such")
	}
}
