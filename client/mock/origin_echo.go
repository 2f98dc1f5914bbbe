package mock

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

const (
	maxEcho       = 1 << 30 // bytes of a request body that is echoed
	maxParsedEcho = 1 << 20 // bytes of a form or a JSON document that is taken apart as well
)

// emptyData stands in httpbin's description of a request without a body. No text
// from outside can look like that: its quotation marks are escaped.
const emptyData = `"data": ""`

// echo describes a request with its body, as httpbin.org does: text as it is,
// anything else in base64. httpbin's own would hold five copies of the body; here
// it goes through a file.
func (b bin) echo(w http.ResponseWriter, r *http.Request, describe http.HandlerFunc) {
	body, err := newSpool(http.MaxBytesReader(w, r.Body, maxEcho))
	if tooLong := new(http.MaxBytesError); errors.As(err, &tooLong) {
		http.Error(w, tooLong.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		badRequest(w, "reading the request's body: %v", err)
		return
	}
	defer body.close()
	if body.size <= maxParsedEcho && isForm(r.Header.Get("Content-Type")) {
		r.Body, r.ContentLength = body.reader(), body.size
		describe(w, r)
		return
	}
	r.Body, r.ContentLength = http.NoBody, 0
	description := &keptBody{ResponseWriter: w, status: http.StatusOK}
	describe(description, r)
	before, after, found := bytes.Cut(description.body.Bytes(), []byte(emptyData))
	if found {
		w.Header().Del("Content-Length")
	}
	w.WriteHeader(description.status)
	if !found {
		_, _ = w.Write(before)
		return
	}
	_, _ = w.Write(before)
	_, _ = io.WriteString(w, `"data": "`)
	if writeData(w, body) == nil {
		_, _ = io.WriteString(w, `"`)
		_, _ = w.Write(withJSON(after, body))
	}
}

// keptBody keeps the status and the body of an answer, and sends neither.
type keptBody struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (w *keptBody) WriteHeader(status int)      { w.status = status }
func (w *keptBody) Write(p []byte) (int, error) { return w.body.Write(p) }

func isForm(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	return media == "application/x-www-form-urlencoded" || media == "multipart/form-data"
}

// writeData writes a body as the inside of a JSON string.
func writeData(w io.Writer, body *spool) error {
	if isText(body.reader()) {
		return writeText(w, body.reader())
	}
	if _, err := io.WriteString(w, "data:application/octet-stream;base64,"); err != nil {
		return err
	}
	encoder := base64.NewEncoder(base64.StdEncoding, w)
	if _, err := io.Copy(encoder, body.reader()); err != nil {
		return err
	}
	return encoder.Close()
}

// isText reports whether a body is a string as httpbin.org has it. One with a zero
// byte would be six times as long in JSON, and is hardly meant to be read.
func isText(body io.Reader) bool {
	text := true
	err := eachPiece(body, func(piece []byte) error {
		text = text && utf8.Valid(piece) && bytes.IndexByte(piece, 0) < 0
		return nil
	})
	return text && err == nil
}

func writeText(w io.Writer, body io.Reader) error {
	return eachPiece(body, func(piece []byte) error {
		quoted, err := json.Marshal(string(piece))
		if err == nil {
			_, err = w.Write(quoted[1 : len(quoted)-1])
		}
		return err
	})
}

// eachPiece hands a body on in pieces that end between two characters.
func eachPiece(body io.Reader, use func([]byte) error) error {
	buf, kept := make([]byte, streamChunk), 0
	for {
		n, err := io.ReadFull(body, buf[kept:])
		piece := buf[:kept+n]
		whole := len(piece)
		if err == nil {
			whole -= partOfRune(piece)
		}
		if whole > 0 {
			if err := use(piece[:whole]); err != nil {
				return err
			}
		}
		kept = copy(buf, piece[whole:])
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// partOfRune counts the bytes at the end that begin a character but do not end it.
func partOfRune(piece []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(piece); n++ {
		if b := piece[len(piece)-n]; utf8.RuneStart(b) {
			if utf8.FullRune(piece[len(piece)-n:]) {
				return 0
			}
			return n
		}
	}
	return 0
}

// withJSON puts a body that is a JSON document behind its description.
func withJSON(description []byte, body *spool) []byte {
	if body.size > maxParsedEcho {
		return description
	}
	document, err := io.ReadAll(body.reader())
	if err != nil || !json.Valid(document) {
		return description
	}
	return bytes.Replace(description, []byte(`"json": null`), append([]byte(`"json": `), bytes.TrimSpace(document)...), 1)
}
