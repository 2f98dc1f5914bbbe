package term

import (
	"fmt"
	"io"
	"strings"
)

// Stdin hands out standard input, once: two arguments that read it would each get a
// part.
type Stdin struct {
	reader io.Reader
	owner  string // the argument that has it; empty: nobody
}

// NewStdin gives out r; nil is an empty input.
func NewStdin(r io.Reader) *Stdin {
	if r == nil {
		r = strings.NewReader("")
	}
	return &Stdin{reader: r}
}

// Claim gives standard input to the argument named. A second claim is an error.
func (s *Stdin) Claim(argument string) (io.Reader, error) {
	if s.owner != "" {
		return nil, fmt.Errorf("both %s and %s read standard input: it can be read once", s.owner, argument)
	}
	s.owner = argument
	return s.reader, nil
}
