//go:build unix

package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

// piece is how much of a body is written at once.
const piece = 1 << 20

// bareProxy is the least that a client of the service can be measured against.
// It serves http requests and CONNECT with TLS, and answers with text. Uploads
// are thrown away; of the sessions API only the calls of a batch are served.
// It checks nothing.
type bareProxy struct {
	tunnels  *tls.Config
	sessions atomic.Int64
	text     []byte // a piece of a body
}

// serveProxy serves on a free port, which it prints as an endpoint, and writes
// the CA of its targets to the file named.
func serveProxy(args []string) error {
	tunnels, ca, err := certificates(target)
	if err != nil {
		return err
	}
	if err := os.WriteFile(args[0], ca, 0o644); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", l.Addr())
	p := newBareProxy(tunnels)
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go p.serve(c)
	}
}

func newBareProxy(tunnels *tls.Config) *bareProxy {
	line := []byte("What a page of text might hold, a line.\n")
	return &bareProxy{tunnels: tunnels, text: bytes.Repeat(line, piece/len(line)+1)[:piece]}
}

// head is what the proxy reads of a request.
type head struct {
	method, target string
	session        string
	length         int64
	expects        bool // Expect: 100-continue
}

func (p *bareProxy) serve(c net.Conn) {
	defer c.Close()
	r := bufio.NewReaderSize(c, 256<<10)
	for {
		h, err := readHead(r)
		if err != nil {
			return
		}
		if h.method == "CONNECT" {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
			p.serve(tls.Server(c, p.tunnels))
			return
		}
		if err := p.answer(c, r, h); err != nil {
			return
		}
	}
}

func readHead(r *bufio.Reader) (head, error) {
	var h head
	first, err := r.ReadString('\n')
	if err != nil {
		return h, err
	}
	h.method, h.target, _ = strings.Cut(first, " ")
	h.target, _, _ = strings.Cut(h.target, " ")
	for {
		field, err := r.ReadString('\n')
		if err != nil || field == "\r\n" {
			return h, err
		}
		name, value, _ := strings.Cut(field, ":")
		value = strings.TrimSpace(value)
		switch strings.ToLower(name) {
		case "content-length":
			h.length, _ = strconv.ParseInt(value, 10, 64)
		case "expect":
			h.expects = true
		case "x-crawlera-session":
			h.session = value
		}
	}
}

func (p *bareProxy) answer(w io.Writer, r *bufio.Reader, h head) error {
	if h.expects {
		if _, err := io.WriteString(w, "HTTP/1.1 100 Continue\r\n\r\n"); err != nil {
			return err
		}
	}
	if _, err := r.Discard(int(h.length)); err != nil {
		return err
	}
	switch {
	case h.target == "/sessions":
		return reply(w, []byte(strconv.FormatInt(p.sessions.Add(1), 10)))
	case strings.HasPrefix(h.target, "/sessions/"):
		_, err := io.WriteString(w, "HTTP/1.1 204 No Content\r\nX-Crawlera-Version: 1\r\n\r\n")
		return err
	}
	_, size, _ := strings.Cut(h.target, "/bytes/")
	size, _, _ = strings.Cut(size, "?")
	length, err := strconv.ParseInt(size, 10, 64)
	if err != nil {
		return err
	}
	if length < piece {
		return reply(w, p.text[:length], "X-Crawlera-Slave: 198.18.0.1:80\r\nX-Crawlera-Session: "+h.session+"\r\n")
	}
	return p.stream(w, length)
}

// reply writes head and body at once.
func reply(w io.Writer, body []byte, fields ...string) error {
	answer := fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nX-Crawlera-Version: 1\r\n%sContent-Length: %d\r\n\r\n", strings.Join(fields, ""), len(body))
	_, err := w.Write(append(answer, body...))
	return err
}

func (p *bareProxy) stream(w io.Writer, length int64) error {
	if _, err := fmt.Fprintf(w, "HTTP/1.1 200 OK\r\nX-Crawlera-Version: 1\r\nContent-Length: %d\r\n\r\n", length); err != nil {
		return err
	}
	for length > 0 {
		n := min(length, piece)
		if _, err := w.Write(p.text[:n]); err != nil {
			return err
		}
		length -= n
	}
	return nil
}
