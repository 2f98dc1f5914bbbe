package mock

import (
	"net"
	"testing"
	"time"
)

// A request has arrived when the system had it, however late the mock reads it.
func TestARequestArrivesBeforeItIsRead(t *testing.T) {
	t.Parallel()
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	client, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	accepted, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c := s.wrap(accepted, nil, nil)
	defer c.Close()
	if _, err := client.Write([]byte("GET")); err != nil {
		t.Fatal(err)
	}
	written := time.Since(s.started)
	const late = 200 * time.Millisecond
	<-time.After(late)
	var p [10]byte
	n, err := c.Read(p[:])
	if err != nil || string(p[:n]) != "GET" {
		t.Fatalf("read %q, %v", p[:n], err)
	}
	if at := time.Duration(c.lastRead.Load()); at > written+late/2 {
		t.Errorf("arrived %v after it was written", at-written)
	}
}
