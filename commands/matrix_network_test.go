package commands

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// networkFaults are broken exchanges that end by themselves.
func networkFaults() []fault {
	closed := func(text string) func(*peer) { return func(p *peer) { p.say(text) } }
	// The effect of a deletion is in the status; so is all of a CONNECT's answer.
	body := func(f fault) fault {
		f.exits = map[string]int{"delete": 0}
		f.only = func(p plane) bool { return p.site != atConnect }
		return f
	}
	faults := []fault{
		{name: "closed without a word", says: "closed|ended early", play: closed("")},
		{name: "reset before the headers", says: "reset", play: (*peer).reset},
		{name: "half a status line", says: "", play: closed("HTTP/1.1 2")},
		{name: "half a header", says: "", play: closed("HTTP/1.1 200 OK\r\nContent-Le")},
		{name: "garbage", says: "malformed", play: closed("\x00\x01\x02\xff\x1b[2J garbage\r\n\r\n")},
		{name: "another protocol", says: "malformed", play: closed("220 mail.example.com ESMTP\r\n")},
		{name: "HTTP/0.9", says: "malformed", play: closed("<html>hello</html>\n")},
		{name: "HTTP/2", says: "malformed", play: closed("\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00d")},
		{name: "status of letters", says: "malformed", play: closed("HTTP/1.1 OK OK\r\n\r\n")},
		{name: "header without a colon", says: "malformed", play: closed("HTTP/1.1 200 OK\r\nnonsense\r\n\r\n")},
		{name: "a name that is none", says: "Odd[Name]", play: closed("HTTP/1.1 200 OK\r\nOdd[Name]: 1\r\n\r\n")},
		{name: "a coding that was dropped", says: "identity", play: closed("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nok")},
		{name: "two lengths", says: "", play: closed("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), only: func(p plane) bool { return p.site != atConnect }},
		{name: "negative length", says: "", play: closed("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), only: func(p plane) bool { return p.site != atConnect }},
		{name: "closed after a hint", says: "", play: closed("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")},
		{name: "a header of 1 GB", says: "300 KiB|ended early", play: flood("HTTP/1.1 200 OK\r\nX-Big: ", "x"), check: checkTaken},
		{name: "endless headers", says: "300 KiB|malformed|ended early", play: flood("HTTP/1.1 200 OK\r\n", "X-More: more\r\n"), check: checkTaken},
		{name: "endless hints", says: "300 KiB|informational", play: flood("", "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"), check: checkTaken},
		{name: "endless status line", says: "", play: flood("HTTP/1.1 200 ", "y"), check: checkTaken},
		body(fault{name: "short body", says: "ended early", play: func(p *peer) {
			p.answer("200 OK", []string{"Content-Length: 1000"}, p.piece())
		}}),
		body(fault{name: "reset in the body", says: "", play: func(p *peer) {
			p.answer("200 OK", []string{"Content-Length: 1000000"}, p.piece())
			p.reset()
		}}),
		body(fault{name: "broken chunk size", says: "malformed", play: func(p *peer) {
			p.answer("200 OK", []string{"Transfer-Encoding: chunked"}, p.chunk()+"ZZ\r\nmore\r\n0\r\n\r\n")
		}}),
		body(fault{name: "chunks without an end", says: "ended early", play: func(p *peer) {
			p.answer("200 OK", []string{"Transfer-Encoding: chunked"}, p.chunk())
		}}),
		body(fault{name: "a chunk too short", says: "", play: func(p *peer) {
			p.answer("200 OK", []string{"Transfer-Encoding: chunked"}, "ffff\r\n"+p.piece()+"\r\n")
		}}),
		body(fault{name: "an endless chunk size", says: "", play: flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "0"), check: checkTaken}),
	}
	for name, packed := range map[string]string{
		"no gzip": "no gzip at all", "half a gzip": "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xcaH", "broken gzip": "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff",
	} {
		faults = append(faults, fault{name: name, args: []string{"--compressed"}, only: plane.target, play: func(p *peer) {
			p.answer("200 OK", []string{"Content-Encoding: gzip", fmt.Sprintf("Content-Length: %d", len(packed))}, packed)
		}})
	}
	faults = append(faults, fault{name: "too many codings", says: "content codings", args: []string{"--compressed"}, only: plane.target, play: func(p *peer) {
		p.answer("200 OK", []string{"Content-Encoding: gzip, gzip, gzip, gzip, gzip, gzip", "Content-Length: 5"}, "hello")
	}})
	for i := range faults {
		if faults[i].exit == 0 {
			faults[i].exit = exitNetwork
		}
	}
	faults = append(faults, fault{
		name: "switching protocols", says: "101|informational", exit: exitNetwork, // the target did so unasked
		play:  closed("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhello"),
		exits: map[string]int{"create": 1, "list": 1, "delete": 1},
	})
	return append(faults, redirectFaults()...)
}

// redirectFaults lead in circles, or away. The sessions API is never followed.
func redirectFaults() []fault {
	circle := func(p *peer) {
		p.answer("302 Found", []string{"Location: /", "Content-Length: 0", "Connection: close"}, "")
	}
	return []fault{
		{
			name: "redirect loop", args: []string{"-L", "--max-redirs", "4", "--delay", "0"}, says: "redirect", exit: 1, play: circle, sent: 5,
			only: plane.target,
		},
		{
			name: "redirects with large heads", args: []string{"-L", "--delay", "0"}, says: "over 2 MiB", exit: 1, sent: 9,
			only: func(p plane) bool { return p.target() && !p.batch }, // -D is what keeps them
			play: func(p *peer) {
				p.answer("302 Found", []string{"Location: /", "X-Large: " + strings.Repeat("x", 250<<10), "Content-Length: 0", "Connection: close"}, "")
			},
		},
		{name: "redirect of the sessions API", says: "302", exit: 1, play: circle, only: plane.api},
		{name: "redirect of a CONNECT", says: "302", exit: 1, play: circle, only: func(p plane) bool { return p.site == atConnect }},
		{
			name: "407 loop", says: "407", exit: 3,
			play: func(p *peer) {
				for p.answer("407 Proxy Authentication Required", []string{`Proxy-Authenticate: Basic realm="x"`, "Content-Length: 0"}, "") {
					if _, err := http.ReadRequest(bufio.NewReader(p)); err != nil {
						return
					}
					p.server.note(p.request)
				}
			},
		},
	}
}

// flood writes head and then more of the same, up to a gigabyte, until the client
// has had enough.
func flood(head, more string) func(*peer) {
	piece := strings.Repeat(more, 64<<10/len(more)+1)
	return func(p *peer) {
		if !p.say(head) {
			return
		}
		for sent := 0; sent < 1<<30 && p.say(piece); sent += len(piece) {
			p.server.taken.Add(int64(len(piece)))
		}
	}
}

// mostTaken is what a client may take of a flood: what it allows, and what sockets
// and TLS keep on the way.
const mostTaken = 24 << 20

func checkTaken(t *testing.T, s *hostile, _ run) {
	t.Helper()
	if taken := s.taken.Load(); taken > mostTaken {
		t.Errorf("the client took %d MiB", taken>>20)
	}
}

// stallFaults never end by themselves. Where the head of an answer has decided, its
// body is waited for some seconds, whatever the timeouts.
func stallFaults() []fault {
	begun := func(text string) func(*peer) {
		return func(p *peer) {
			p.say(text)
			p.wait()
		}
	}
	drip := func(head, text string) func(*peer) {
		return func(p *peer) {
			if head != "" && !p.answer(head, []string{"Content-Length: 1000000"}, p.piece()) {
				return
			}
			tick := time.NewTicker(10 * time.Millisecond)
			defer tick.Stop()
			for i := 0; p.say(text[i%len(text) : i%len(text)+1]); i++ {
				<-tick.C
			}
		}
	}
	notConnect := func(p plane) bool { return p.site != atConnect }
	whole := map[string]int{"delete": 0}
	faults := []fault{
		{name: "stall before the answer", play: (*peer).wait},
		{name: "stall in the status line", play: begun("HTTP/1.1 2")},
		{name: "stall in the headers", play: begun("HTTP/1.1 200 OK\r\nContent-Le")},
		{name: "stall after a hint", play: begun("HTTP/1.1 103 Early Hints\r\n\r\n")},
		{name: "drip of headers", play: drip("", "HTTP/1.1 200 OK\r\nX-Slow: "+strings.Repeat("slow ", 1000))},
		{name: "drip of hints", play: drip("", "HTTP/1.1 103 Early Hints\r\n\r\n")},
		{name: "stall at the body", play: func(p *peer) {
			p.answer("200 OK", []string{"Content-Length: 9"}, "")
			p.wait()
		}, only: notConnect, exits: whole},
		{name: "stall in the body", play: func(p *peer) {
			p.answer("200 OK", []string{"Content-Length: 9"}, "187")
			p.wait()
		}, only: notConnect, exits: whole},
		{name: "drip of a body", play: drip("200 OK", " "), only: notConnect, exits: whole},
		{name: "endless body", play: func(p *peer) {
			if !p.answer("200 OK", []string{"Connection: close"}, "") {
				return
			}
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for p.say(strings.Repeat("x", 16<<10)) {
				<-tick.C
			}
		}, only: notConnect, exits: map[string]int{"delete": 0, "create": 1, "list": 1}},
		{name: "stall in a refusal", exit: 6, says: "banned", play: func(p *peer) {
			p.answer("503 Service Unavailable", []string{"X-Crawlera-Error: banned", "Content-Length: 9"}, "All")
			p.wait()
		}},
		{name: "stall in the handshake of the tunnel", inPlaceOfTLS: (*peer).wait, only: plane.tunnelled},
	}
	for i := range faults {
		f := &faults[i]
		f.sent = maybeSent
		if f.exit == 0 {
			f.exit = exitNetwork
		}
		f.timesOut = f.exit == exitNetwork
	}
	return faults
}

// endpointFaults keep a request from being sent at all.
func endpointFaults() []fault {
	faults := []fault{
		{name: "connection refused", endpoint: "http://127.0.0.1:1", says: "refused"},
		{name: "unknown host", endpoint: "http://no..host:8011", says: "no..host"},
		{name: "endpoint: untrusted", endpointTLS: showing(func(a *testAuthority) tls.Certificate { return a.own }), says: "unknown authority"},
		{name: "endpoint: wrong host", endpointTLS: showing(func(a *testAuthority) tls.Certificate { return a.elsewhere }), says: "not valid"},
		{name: "endpoint: expired", endpointTLS: showing(func(a *testAuthority) tls.Certificate { return a.expired }), says: "expired"},
		{name: "endpoint: old TLS", endpointTLS: oldTLS, says: "protocol version"},
		{name: "tunnel: untrusted", targetTLS: showing(func(a *testAuthority) tls.Certificate { return a.own }), says: "unknown authority", only: plane.tunnelled},
		{name: "tunnel: wrong host", targetTLS: showing(func(a *testAuthority) tls.Certificate { return a.elsewhere }), says: "not valid", only: plane.tunnelled},
		{name: "tunnel: expired", targetTLS: showing(func(a *testAuthority) tls.Certificate { return a.expired }), says: "expired", only: plane.tunnelled},
		{name: "tunnel: old TLS", targetTLS: oldTLS, says: "protocol version", only: plane.tunnelled},
		{name: "tunnel: closed at once", inPlaceOfTLS: func(*peer) {}, says: "closed|reset", only: plane.tunnelled, sent: 1},
		{name: "tunnel: reset", inPlaceOfTLS: (*peer).reset, says: "reset", only: plane.tunnelled, sent: 1},
		{name: "tunnel: no TLS", inPlaceOfTLS: func(p *peer) { p.say("HTTP/1.1 400 Bad Request\r\n\r\n") }, says: "TLS", only: plane.tunnelled, sent: 1},
	}
	for i := range faults {
		f := &faults[i]
		f.exit = exitNetwork
		if f.sent == 0 {
			f.sent = neverSent
		}
		if f.play == nil {
			f.play = func(*peer) {}
		}
	}
	return faults
}

func oldTLS(a *testAuthority) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{a.good}, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
}
