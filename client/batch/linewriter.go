package batch

import (
	"bufio"
	"io"
)

// lineWriter writes whole lines, many at a time.
type lineWriter struct{ *bufio.Writer }

func newLineWriter(dst io.Writer) lineWriter {
	return lineWriter{bufio.NewWriterSize(dst, 64<<10)}
}

func (w lineWriter) line(text []byte) error {
	if _, err := w.Write(text); err != nil {
		return err
	}
	return w.WriteByte('\n')
}
