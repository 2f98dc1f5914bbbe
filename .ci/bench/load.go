//go:build unix

package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// request is the head of a request at the proxy, in a session if one is named.
func request(method, url, session string) string {
	fields := "Host: " + target + "\r\nProxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(key+":")) + "\r\n"
	if session != "" {
		fields += "X-Crawlera-Session: " + session + "\r\n"
	}
	return method + " " + url + " HTTP/1.1\r\n" + fields + "\r\n"
}

// once sends a request and reads its answer.
func once(c io.Writer, r *bufio.Reader, request string) error {
	if _, err := io.WriteString(c, request); err != nil {
		return err
	}
	length := int64(0)
	for first := true; ; first = false {
		field, err := r.ReadSlice('\n')
		switch {
		case err != nil:
			return err
		case first && !strings.Contains(string(field), " 200 "):
			return fmt.Errorf("the mock answered %q", field)
		case len(field) == 2:
			_, err := io.CopyN(io.Discard, r, length)
			return err
		}
		if name, value, _ := strings.Cut(string(field), ":"); strings.EqualFold(name, "Content-Length") {
			if length, err = strconv.ParseInt(strings.TrimSpace(value), 10, 64); err != nil {
				return err
			}
		}
	}
}

// load fetches a URL so often over 32 kept-alive connections, in a session if one is
// named, and prints how long it took.
func load(args []string) error {
	total, err := strconv.ParseInt(args[2], 10, 64)
	if err != nil {
		return err
	}
	session := ""
	if len(args) > 3 {
		session = args[3]
	}
	var left atomic.Int64
	left.Store(total)
	var failed atomic.Pointer[error]
	var clients sync.WaitGroup
	start := time.Now()
	for range 32 {
		clients.Go(func() {
			if err := loop(args[0], request("GET", args[1], session), &left); err != nil {
				failed.Store(&err)
			}
		})
	}
	clients.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	fmt.Println(time.Since(start))
	return nil
}

// requestsASecond is how many a proxy answers, in a session if one is named; limit and
// reach are the least that are wanted.
func (b *bench) requestsASecond(name string, limit, reach float64, proxy, path string, session ...string) (line, error) {
	const requests = 20_000
	var rates []float64
	for range b.rounds(5) {
		args := append([]string{"load", proxy, "http://" + target + path, strconv.Itoa(requests)}, session...)
		out, err := exec.Command(b.self, args...).Output()
		if err != nil {
			return line{}, err
		}
		took, err := time.ParseDuration(strings.TrimSpace(string(out)))
		if err != nil {
			return line{}, err
		}
		rates = append(rates, requests/took.Seconds())
	}
	q1, m, q3 := quartiles(rates)
	return line{
		name: name, ours: fmt.Sprintf("%.0f", m), spread: fmt.Sprintf("%.0f–%.0f", q1, q3),
		budget: budget(limit, reach, "%g"), verdict: atLeast(m, limit, reach),
	}, nil
}

func loop(endpoint, request string, left *atomic.Int64) error {
	c, err := net.Dial("tcp", strings.TrimPrefix(endpoint, "http://"))
	if err != nil {
		return err
	}
	defer c.Close()
	r := bufio.NewReader(c)
	for left.Add(-1) >= 0 {
		if err := once(c, r, request); err != nil {
			return err
		}
	}
	return nil
}
