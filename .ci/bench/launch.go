//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

// sample is one run of a process and of those that it waited for.
type sample struct {
	Wall, CPU time.Duration
	Peak      int64 // resident bytes; no less than what the launcher itself needs
	Failed    string
}

// order is a command as the launcher takes it.
type order struct {
	Args, Env []string
	Dir       string
}

// launcher runs commands in a process that does nothing else and so stays small:
// the system counts what a process was forked from to its peak memory.
type launcher struct {
	orders  *json.Encoder
	samples *json.Decoder
}

func newLauncher(c *exec.Cmd) (*launcher, error) {
	orders, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	samples, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &launcher{json.NewEncoder(orders), json.NewDecoder(samples)}, c.Start()
}

// measure runs the command to its end.
func (l *launcher) measure(c *exec.Cmd) (sample, error) {
	var s sample
	if err := l.orders.Encode(order{append([]string{c.Path}, c.Args[1:]...), c.Env, c.Dir}); err != nil {
		return s, err
	}
	if err := l.samples.Decode(&s); err != nil {
		return s, err
	}
	if s.Failed != "" {
		return s, errors.New(s.Failed)
	}
	return s, nil
}

// launch is the launcher's process.
func launch([]string) error {
	debug.SetGCPercent(10)
	orders, samples := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var o order
		if err := orders.Decode(&o); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := samples.Encode(o.run()); err != nil {
			return err
		}
	}
}

// run gives what the command says on stderr as its failure.
func (o order) run() sample {
	c := exec.Command(o.Args[0], o.Args[1:]...)
	c.Env, c.Dir = o.Env, o.Dir
	var complaint bytes.Buffer
	c.Stderr = &complaint
	start := time.Now()
	err := c.Run()
	s := sample{Wall: time.Since(start)}
	if err != nil {
		s.Failed = fmt.Sprintf("%q: %v: %s", o.Args, err, bytes.TrimSpace(complaint.Bytes()))
		return s
	}
	s.CPU = c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	s.Peak = int64(c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
	if runtime.GOOS != "darwin" {
		s.Peak *= 1024
	}
	return s
}
