package batch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// lineObject is a line as JSON.
type lineObject struct {
	URL     *string                `json:"url"`
	Method  *string                `json:"method"`
	Headers map[string]headerValue `json:"headers"`
	Body    *string                `json:"body"`
	ID      json.RawMessage        `json:"id"`
}

// parseJSON reads a line that is a JSON object. A member that is not known is an
// error: what is written is meant. So is text that is no UTF-8, which would not be
// sent, nor be found in the results, as it is written.
func (l *Line) parseJSON(text []byte) error {
	if !utf8.Valid(text) {
		return errors.New("the JSON object is not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	var object lineObject
	if err := dec.Decode(&object); err != nil {
		return jsonError(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("something follows the JSON object")
	}
	if err := l.fill(&object); err != nil {
		return err
	}
	return checkOnce(text)
}

func (l *Line) fill(object *lineObject) error {
	if err := checkID(object.ID); err != nil {
		return err
	}
	if string(object.ID) != "null" {
		l.ID = object.ID
	}
	if object.URL == nil || *object.URL == "" {
		return errors.New(`"url" is missing or empty`)
	}
	l.URL, l.Body = *object.URL, object.Body
	if object.Method != nil {
		if *object.Method == "" {
			return errors.New(`"method" is empty`)
		}
		l.Method = *object.Method
	}
	for name, values := range object.Headers {
		if l.Header == nil {
			l.Header = map[string][]string{}
		}
		l.Header[name] = values
	}
	return nil
}

// checkID takes what can stand in the result as it is.
func checkID(id json.RawMessage) error {
	if len(id) > 0 && (id[0] == '{' || id[0] == '[' || id[0] == 't' || id[0] == 'f') {
		return errors.New(`"id" is neither a string nor a number`)
	}
	return nil
}

// jsonError says in one line what is wrong, without the names of Go's types.
func jsonError(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if wrong.Field == "" {
			return fmt.Errorf("the line is a JSON %s where an object belongs", wrong.Value)
		}
		return fmt.Errorf("%q is a JSON %s", wrong.Field, wrong.Value)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the JSON object is not complete")
	}
	return fmt.Errorf("malformed JSON: %s", strings.TrimPrefix(err.Error(), "json: "))
}

// headerValue is the value of a header, or several of them; none takes away the
// one that would be sent otherwise.
type headerValue []string

// UnmarshalJSON reads a string, an array of strings, or null.
func (v *headerValue) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	var one string
	if json.Unmarshal(text, &one) == nil {
		*v = []string{one}
		return nil
	}
	var many []string
	if err := json.Unmarshal(text, &many); err != nil || many == nil {
		return errors.New("the value of a header is neither a string nor an array of strings")
	}
	*v = many
	return nil
}
