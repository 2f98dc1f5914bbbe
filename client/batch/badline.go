package batch

import (
	"encoding/json"
	"errors"
	"strings"

	"smp/client/paced"
)

// fail records a bad line. What is wrong with it may be that it holds a secret, and
// a message may quote any part of it, or all.
func (r *reading) fail(line *Line, bad error) error {
	message := inShort(r.secretless(bad.Error()))
	record := &Record{
		Line:   line.Number,
		Digest: line.Digest,
		ID:     r.secretlessID(line),
		Report: paced.Report{URL: r.secretless(line.URL), Error: &paced.Failure{Message: message}},
	}
	if err := r.sink.write(record); err != nil {
		return err
	}
	r.count.failed(classInput)
	r.notify(LineFailed{Number: line.Number, Bad: true, Err: errors.New(message)})
	return nil
}

func (r *reading) secretless(text string) string {
	if r.Redact == nil {
		return text
	}
	return r.Redact(text)
}

// secretlessID is the line's own where it holds no secret, however it is escaped.
func (r *reading) secretlessID(line *Line) json.RawMessage {
	text := line.IDText()
	if shown := r.secretless(text); shown != text {
		return paced.AppendString(nil, shown)
	}
	return line.ID
}

// mostTold bounds, in bytes, what is told of a bad line: a line may have megabytes.
const mostTold = 300

// inShort leaves out the middle of a long message, whose ends say what is wrong.
func inShort(message string) string {
	if len(message) <= mostTold {
		return message
	}
	first, last := message[:mostTold*2/3], message[len(message)-mostTold/3:]
	return strings.ToValidUTF8(first, "") + "…" + strings.ToValidUTF8(last, "")
}
