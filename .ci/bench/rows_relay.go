//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

func relayRows() []row {
	var rows []row
	for _, scheme := range []string{"http", "https"} {
		limit, reach := 1.5, 1.2
		if scheme == "https" {
			limit, reach = 1.2, 1.0
		}
		rows = append(rows, row{"relay: 200 MB, " + scheme, func(b *bench) ([]line, error) { return relayed(b, scheme, limit, reach) }})
	}
	return append(rows, row{"relay: requests a second", relayThroughput}, row{"relay: page in a browser", relayPage})
}

// relay starts a relay to the bare proxy.
func (b *bench) relay(args ...string) (address, ca string, process *exec.Cmd, err error) {
	process = b.smpAt(b.endpoint, append([]string{"relay", "--listen", "127.0.0.1:0"}, args...)...)
	ready := filepath.Join(b.dir, "relay-ready")
	process.Args = append(process.Args, "--ready-file", ready)
	if _, err = b.serve(process); err != nil {
		return "", "", nil, err
	}
	text, err := os.ReadFile(ready)
	return variableIn(text, "SMP_RELAY"), variableIn(text, "SMP_RELAY_CA"), process, err
}

// variableIn reads a variable of lines for a shell.
func variableIn(text []byte, name string) string {
	_, rest, _ := strings.Cut(string(text), "export "+name+"='")
	value, _, _ := strings.Cut(rest, "'")
	return value
}

// relayed is curl through a relay against curl to the same endpoint directly.
func relayed(b *bench, scheme string, limit, reach float64) ([]line, error) {
	address, ca, process, err := b.relay()
	if err != nil {
		return nil, err
	}
	url := fmt.Sprintf("%s://%s/bytes/%d", scheme, target, large)
	d := duel{
		name: "200 MB through the relay, " + scheme, rounds: 15, limit: limit, reach: reach,
		theirs: func(b *bench) *exec.Cmd { return b.curl(url) },
		ours: func(b *bench) *exec.Cmd {
			c := exec.Command("curl", "-s", "-x", address, "--cacert", ca, url)
			c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + b.dir}
			return c
		},
	}
	them, us, err := b.alternate(d)
	if err != nil {
		return nil, err
	}
	return []line{compare(d.name, them, us, limit, reach), peakOf("relay: peak memory with 200 MB, "+scheme, process)}, nil
}

// peakOf is the most memory that a server has had.
func peakOf(name string, process *exec.Cmd) line {
	status, _ := os.ReadFile("/proc/" + strconv.Itoa(process.Process.Pid) + "/status")
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	peak, _ := strconv.ParseFloat(strings.Fields(rest + " 0")[0], 64)
	return line{name: name, ours: megabytes(peak*1024) + " MB", budget: "30 MB", verdict: verdict(peak*1024, 30e6, 0)}
}

// relayThroughput is of bodies of 1 KB without a delay: without a session, in one, and
// in one by its name, as smp exec has it.
func relayThroughput(b *bench) ([]line, error) {
	address, _, process, err := b.relay()
	if err != nil {
		return nil, err
	}
	ids, err := b.sessions(b.endpoint, 1)
	if err != nil {
		return nil, err
	}
	var lines []line
	for _, kind := range [][2]string{{"none", "without a session"}, {ids[0], "in a session"}, {"@bench", "in a named session"}} {
		l, err := b.requestsASecond("relay: 1 KB http requests a second, no delay, "+kind[1], 4000, 8000, "http://"+address, "/bytes/1024", kind[0])
		if err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return append(lines, peakOf("relay: peak memory with 32 connections", process)), nil
}
