//go:build unix

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

// The proxy and the client of the bench get on, request after request.
func TestProxy(t *testing.T) {
	t.Parallel()
	client, server := net.Pipe()
	go newBareProxy(nil).serve(server)
	defer client.Close()
	r := bufio.NewReader(client)
	if err := once(client, r, request("GET", "http://"+target+"/bytes/1024?x", "7")); err != nil {
		t.Error(err)
	}
	fmt.Fprintf(client, "PUT http://%s/bytes/%d HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", target, 3*piece/2)
	if first, _ := r.ReadString('\n'); !strings.HasPrefix(first, "HTTP/1.1 100 ") {
		t.Errorf("%q", first)
	}
	go io.WriteString(client, "abc")
	_, _ = r.ReadString('\n')
	for length := ""; ; {
		field, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if value, ok := strings.CutPrefix(field, "Content-Length: "); ok {
			length = strings.TrimSpace(value)
		}
		if field == "\r\n" {
			if length != fmt.Sprint(3*piece/2) {
				t.Errorf("length %q", length)
			}
			break
		}
	}
	if n, err := io.CopyN(io.Discard, r, 3*piece/2); err != nil {
		t.Errorf("%d bytes: %v", n, err)
	}
}
