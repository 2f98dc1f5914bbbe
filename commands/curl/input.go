package curl

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"smp/commands/term"
)

// maxSpool bounds what is kept of a pipe: a body that fits has a known length, and can
// be sent again.
const maxSpool = 1 << 20

// openInput opens the file that an argument names, or standard input for "-", before
// anything is sent. A regular file is opened anew each time the piece is; of a pipe
// the first MiB is kept. Errors name the argument.
func openInput(stdin *term.Stdin, name, argument string) (piece, error) {
	if name == "-" {
		r, err := stdin.Claim(argument)
		if err != nil {
			return piece{}, err
		}
		return spool(io.NopCloser(r), argument)
	}
	if name == "" {
		return piece{}, fmt.Errorf("%s names no file", argument)
	}
	file, err := os.Open(name)
	if err != nil {
		return piece{}, fmt.Errorf("%s: %w", argument, err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return piece{}, fmt.Errorf("%s: %w", argument, err)
	}
	if info.IsDir() {
		file.Close()
		return piece{}, fmt.Errorf("%s: %s is a directory", argument, name)
	}
	if !info.Mode().IsRegular() {
		return spool(file, argument)
	}
	file.Close()
	return piece{size: info.Size(), open: func() (io.ReadCloser, error) { return os.Open(name) }}, nil
}

// spool reads the first MiB of r. A piece that ends there has a size and can be sent
// again; a longer one can be sent once.
func spool(r io.ReadCloser, argument string) (piece, error) {
	var head bytes.Buffer
	_, err := io.CopyN(&head, r, maxSpool)
	if err == io.EOF {
		return literal(head.Bytes()), r.Close()
	}
	if err != nil {
		r.Close()
		return piece{}, fmt.Errorf("%s: %w", argument, err)
	}
	used := false
	return piece{size: -1, once: true, open: func() (io.ReadCloser, error) {
		if used {
			return nil, errReadOnce
		}
		return &pipe{rest: io.MultiReader(&head, r), source: r, used: &used}, nil
	}}, nil
}

// pipe reads a source that can be read once. It can be opened again until something
// was read: the service may refuse a request before it takes the body.
type pipe struct {
	rest   io.Reader
	source io.Closer
	used   *bool
}

func (p *pipe) Read(b []byte) (int, error) {
	*p.used = true
	return p.rest.Read(b)
}

func (p *pipe) Close() error {
	if !*p.used {
		return nil
	}
	return p.source.Close()
}

// ReadSmall reads all of what an argument names, which must fit into a header or a
// URL: at most 1 MiB. Parameters are those of openInput.
func ReadSmall(stdin *term.Stdin, name, argument string) ([]byte, error) {
	p, err := openInput(stdin, name, argument)
	if err != nil {
		return nil, err
	}
	return p.readAll(argument)
}

// readAll reads the whole piece, at most 1 MiB.
func (p piece) readAll(argument string) ([]byte, error) {
	r, err := p.open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", argument, err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxSpool+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", argument, err)
	}
	if len(b) > maxSpool {
		return nil, fmt.Errorf("%s is larger than %d bytes", argument, maxSpool)
	}
	return b, nil
}
