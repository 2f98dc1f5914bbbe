package batch

import "fmt"

// Done is which lines of a list earlier runs have finished. It keeps nine bytes a
// line. The nil Done knows of none.
type Done struct {
	chunks    map[int]*doneChunk
	successes int
}

const chunkLines = 1024

type doneChunk struct {
	digest  [chunkLines]Digest // 0: not seen
	success [chunkLines]bool
}

// ChangedError says that a line is not the one that earlier results are about.
type ChangedError struct {
	Number int // of the line; 0: the list ends before the last line with a result
}

func (e *ChangedError) Error() string {
	if e.Number == 0 {
		return "the list is shorter than the one that the results are of"
	}
	return fmt.Sprintf("line %d of the list is not the one that the results are of", e.Number)
}

// Successes is the number of lines with a success.
func (d *Done) Successes() int {
	if d == nil {
		return 0
	}
	return d.successes
}

// add remembers a result. It says whether the result is the line's first success,
// or the line has none so far.
func (d *Done) add(number int, digest Digest, success bool) bool {
	if d.chunks == nil {
		d.chunks = map[int]*doneChunk{}
	}
	chunk := d.chunks[number/chunkLines]
	if chunk == nil {
		chunk = new(doneChunk)
		d.chunks[number/chunkLines] = chunk
	}
	i := number % chunkLines
	if chunk.success[i] {
		return false
	}
	chunk.digest[i] = max(1, digest)
	chunk.success[i] = success
	if success {
		d.successes++
	}
	return true
}

// Skip reports whether a line is done. The error is a *ChangedError where an earlier
// result of this line is about another one.
func (d *Done) Skip(line *Line) (bool, error) {
	if d == nil {
		return false, nil
	}
	chunk := d.chunks[line.Number/chunkLines]
	if chunk == nil {
		return false, nil
	}
	i := line.Number % chunkLines
	if chunk.digest[i] != 0 && chunk.digest[i] != max(1, line.Digest) {
		return false, &ChangedError{Number: line.Number}
	}
	return chunk.success[i], nil
}

// complete reports whether a list that ends with line number last can be the one that
// the results are of.
func (d *Done) complete(last int) error {
	if d != nil && d.last() > last {
		return &ChangedError{}
	}
	return nil
}

// last is the highest line number with a result.
func (d *Done) last() int {
	last := 0
	for n, chunk := range d.chunks {
		for i, digest := range chunk.digest {
			if digest != 0 {
				last = max(last, n*chunkLines+i)
			}
		}
	}
	return last
}
