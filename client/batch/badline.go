package batch

import "encoding/json"

// fail records a bad line. What is wrong with it may be that it holds a secret, and
// a message may quote any part of it.
func (r *reading) fail(line *Line, bad error) error {
	record := &Record{
		Line:   line.Number,
		Digest: line.Digest,
		ID:     r.secretlessID(line),
		URL:    r.secretless(line.URL),
		Error:  &Failure{Message: r.secretless(bad.Error())},
	}
	if err := r.sink.write(record); err != nil {
		return err
	}
	r.count.failed(classInput)
	r.notify(LineFailed{Number: line.Number, Bad: true, Err: bad})
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
		return appendString(nil, shown)
	}
	return line.ID
}
