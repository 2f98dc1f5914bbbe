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

// launcher runs commands in a process that does nothing else, and so stays
// small. The system counts the memory of the process that forked a command to
// the command's peak.
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

// launch is the launcher's process. The bare calls of the system start and await
// commands. What else [exec.Cmd] does is a millisecond, a third of what a small
// command takes.
func launch([]string) error {
	debug.SetGCPercent(10)
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	complaint, err := os.CreateTemp("", "bench-stderr-")
	if err != nil {
		return err
	}
	defer complaint.Close()
	if err := os.Remove(complaint.Name()); err != nil {
		return err
	}
	orders, samples := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var o order
		if err := orders.Decode(&o); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := samples.Encode(o.run(null, complaint)); err != nil {
			return err
		}
	}
}

// run gives what the command says on stderr as its failure.
func (o order) run(null, complaint *os.File) sample {
	if _, err := complaint.Seek(0, io.SeekStart); err != nil {
		return o.failed(err, nil)
	}
	if err := complaint.Truncate(0); err != nil {
		return o.failed(err, nil)
	}
	attributes := &syscall.ProcAttr{Dir: o.Dir, Env: o.Env, Files: []uintptr{null.Fd(), null.Fd(), complaint.Fd()}}
	var status syscall.WaitStatus
	var used syscall.Rusage
	start := time.Now()
	pid, err := syscall.ForkExec(o.Args[0], o.Args, attributes)
	if err != nil {
		return o.failed(err, nil)
	}
	for {
		if _, err = syscall.Wait4(pid, &status, 0, &used); err != syscall.EINTR {
			break
		}
	}
	s := sample{Wall: time.Since(start)}
	if err == nil && status != 0 {
		err = fmt.Errorf("exit status %d", status.ExitStatus())
	}
	if err != nil {
		text := make([]byte, 4<<10)
		n, _ := complaint.ReadAt(text, 0)
		return o.failed(err, text[:n])
	}
	s.CPU = time.Duration(used.Utime.Nano() + used.Stime.Nano())
	s.Peak = int64(used.Maxrss)
	if runtime.GOOS != "darwin" {
		s.Peak *= 1024
	}
	return s
}

func (o order) failed(err error, complaint []byte) sample {
	return sample{Failed: fmt.Sprintf("%q: %v: %s", o.Args, err, bytes.TrimSpace(complaint))}
}
