package client

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"strings"
)

// maxCodings bounds how often a body may be compressed, as curl does: each coding
// takes memory and time, and a head has room for thousands.
const maxCodings = 5

var errManyCodings = errors.New("the answer has more than 5 content codings")

// codingsToUndo lists the content codings to undo, outermost last; nil = pass the
// body on as it came. Zyte's dialect compresses unasked, and is decoded then.
func codingsToUndo(req *Request, resp *http.Response, dialect Dialect) ([]string, error) {
	if !req.Compressed && (dialect != DialectZyte || len(resp.Request.Header["Accept-Encoding"]) > 0) {
		return nil, nil
	}
	if req.Method == http.MethodHead || resp.Body == http.NoBody {
		return nil, nil
	}
	var codings []string
	for _, field := range resp.Header["Content-Encoding"] {
		for coding := range strings.SplitSeq(field, ",") {
			switch coding = strings.ToLower(strings.TrimSpace(coding)); coding {
			case "gzip", "x-gzip", "deflate":
				if len(codings) == maxCodings {
					return nil, errManyCodings
				}
				codings = append(codings, coding)
			case "identity", "":
			default:
				return nil, nil // one that we cannot undo hides the others
			}
		}
	}
	return codings, nil
}

// decode undoes codings. Closing it closes body.
func decode(body io.ReadCloser, codings []string) io.ReadCloser {
	var r io.Reader = body
	for i := len(codings) - 1; i >= 0; i-- {
		r = &decoder{src: bufio.NewReader(r), coding: codings[i]}
	}
	return struct {
		io.Reader
		io.Closer
	}{r, body}
}

// decoder undoes one coding. It begins at the first Read, so that an answer is
// returned before its body is there.
type decoder struct {
	src    *bufio.Reader
	coding string
	r      io.Reader
}

func (d *decoder) Read(p []byte) (int, error) {
	if d.r == nil {
		r, err := d.open()
		if err != nil {
			return 0, err
		}
		d.r = r
	}
	n, err := d.r.Read(p)
	if err == io.EOF {
		// Trailing bytes are no part of the content. Reading to their end lets the
		// connection serve again.
		_, _ = io.CopyN(io.Discard, d.src, 4096)
	}
	return n, err
}

// open begins decoding. An empty body decodes to an empty one. "deflate" means the
// zlib format, but some servers send the bare stream.
func (d *decoder) open() (io.Reader, error) {
	head, err := d.src.Peek(2)
	switch {
	case len(head) == 0:
		return nil, err
	case d.coding != "deflate":
		return gzip.NewReader(d.src)
	case len(head) == 2 && head[0]&0x0f == 8 && (uint(head[0])<<8|uint(head[1]))%31 == 0:
		return zlib.NewReader(d.src)
	}
	return flate.NewReader(d.src), nil
}
