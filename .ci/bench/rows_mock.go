//go:build unix

package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

func mockRows() []row {
	return []row{
		{"mock: requests a second", throughput},
		{"mock: first answer", firstAnswer},
		{"mock: 5,000 held, http", func(b *bench) ([]line, error) { return held(b, "http", 200e6) }},
		{"mock: 5,000 held, https", func(b *bench) ([]line, error) { return held(b, "https", 400e6) }},
	}
}

// throughput is of a file of 1 KB, with and without a session. The client is as
// cheap as one in C would be.
func throughput(b *bench) ([]line, error) {
	dir := filepath.Join(b.dir, "origin", target)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "kilobyte"), make([]byte, 1024), 0o644); err != nil {
		return nil, err
	}
	var lines []line
	for _, kind := range []struct{ name, origin, path string }{
		{"of a directory", filepath.Dir(dir), "/kilobyte"},
		{"of httpbin", "httpbin", "/bytes/1024"},
	} {
		endpoint, _, err := b.mock("--origin", kind.origin)
		if err != nil {
			return nil, err
		}
		l, err := b.requestsASecond("mock: 1 KB http requests a second, "+kind.name, 8000, 13000, endpoint, kind.path)
		if err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// firstAnswer is the time from the start of the program to the first answer.
func firstAnswer(b *bench) ([]line, error) {
	var got []float64
	for range b.rounds(15) {
		took, err := answered(b)
		if err != nil {
			return nil, err
		}
		got = append(got, took.Seconds())
	}
	q1, m, q3 := quartiles(got)
	return []line{{
		name: "mock: first answer after its start", ours: seconds(m), spread: seconds(q1) + "–" + seconds(q3),
		budget: "40 ms", verdict: verdict(m, 0.04, 0),
	}}, nil
}

func answered(b *bench) (time.Duration, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	addr := l.Addr().String()
	l.Close()
	c := exec.Command(b.smp, "mock", "--listen", addr, "--api-key", key)
	c.Env = []string{"TMPDIR=" + b.dir, "SMP_CONFIG=/dev/null"}
	start := time.Now()
	if err := c.Start(); err != nil {
		return 0, err
	}
	defer func() { _ = c.Process.Signal(os.Interrupt); _ = c.Wait() }()
	for {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			defer conn.Close()
			err = once(conn, bufio.NewReader(conn), request("GET", "http://"+target+"/get", ""))
			return time.Since(start), err
		}
		if time.Since(start) > 5*time.Second {
			return 0, err
		}
		time.Sleep(time.Millisecond / 2)
	}
}

// held is the memory of a mock that holds requests which came too early.
func held(b *bench, scheme string, limit float64) ([]line, error) {
	endpoint, mock, err := b.mock("--delay", "1h", "--max-delay", "10000h")
	if err != nil {
		return nil, err
	}
	ids, err := b.sessions(endpoint, 1)
	if err != nil {
		return nil, err
	}
	if _, err := b.serve(exec.Command(b.self, "hold", endpoint, scheme, ids[0], strconv.Itoa(many))); err != nil {
		return nil, err
	}
	resp, err := control(endpoint, "state")
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	resident, err := strconv.ParseFloat(output("ps", "-o", "rss=", "-p", strconv.Itoa(mock.Process.Pid)), 64)
	if err != nil {
		return nil, err
	}
	return []line{{
		name: "mock: memory with 5,000 held requests, " + scheme, ours: megabytes(resident*1024) + " MB",
		budget: fmt.Sprintf("%g MB", limit/1e6), verdict: verdict(resident*1024, limit, 0),
	}}, nil
}
