package commands

import (
	"io"
	"testing"
	"testing/synctest"

	"smp/client"
)

// A terminal shows text as it comes: looking for binary data waits for no more than the
// first of it.
func TestPeekWaitsForLittle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		body, target := io.Pipe()
		go io.WriteString(target, "first\n")
		resp := &client.Response{Body: body}
		head, err := peek(resp, 1, sniffed)
		if string(head) != "first\n" || err != nil {
			t.Fatalf("got %q, %v", head, err)
		}
		go func() {
			io.WriteString(target, "last\n")
			target.Close()
		}()
		if all, err := io.ReadAll(resp.Body); string(all) != "first\nlast\n" || err != nil {
			t.Errorf("the body is %q, %v", all, err)
		}
	})
}
