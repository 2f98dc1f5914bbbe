//go:build unix

package client

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// pair gives both ends of a TCP connection, the first as the client reads it.
func pair(t *testing.T) (*floodReader, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close(); far.Close() })
	return readingFloods(near).(*floodReader), far
}

func TestFloodArrivesWhole(t *testing.T) {
	near, far := pair(t)
	want := bytes.Repeat([]byte("what a page of text might hold\n"), 1<<18)
	go func() {
		_, _ = far.Write(want)
		far.Close()
	}()
	var got bytes.Buffer
	flooded := false
	for buffer := make([]byte, 256<<10); ; {
		n, err := near.Read(buffer)
		got.Write(buffer[:n])
		flooded = flooded || near.flood
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%d bytes arrived of %d, or others", got.Len(), len(want))
	}
	if !flooded {
		t.Error("8 MB did not make a flood")
	}
}

// What ends a read ends it in a flood as well.
func TestFloodEnds(t *testing.T) {
	inFlood := func(t *testing.T) (*floodReader, net.Conn) {
		near, far := pair(t)
		near.flood = true
		return near, far
	}
	t.Run("deadline", func(t *testing.T) {
		near, _ := inFlood(t)
		near.SetReadDeadline(time.Now().Add(time.Millisecond))
		if n, err := near.Read(make([]byte, 10)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%d, %v", n, err)
		}
	})
	t.Run("close", func(t *testing.T) {
		near, _ := inFlood(t)
		go near.Close()
		if n, err := near.Read(make([]byte, 10)); n != 0 || !errors.Is(err, net.ErrClosed) {
			t.Errorf("%d, %v", n, err)
		}
	})
	t.Run("reset", func(t *testing.T) {
		near, far := inFlood(t)
		far.(*net.TCPConn).SetLinger(0)
		far.Close()
		if n, err := near.Read(make([]byte, 10)); n != 0 || err == nil || err == io.EOF {
			t.Errorf("%d, %v", n, err)
		}
	})
	t.Run("nothing asked for", func(t *testing.T) {
		near, far := inFlood(t)
		if _, err := far.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if n, err := near.Read(nil); n != 0 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	})
}
