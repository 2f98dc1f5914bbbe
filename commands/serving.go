package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"syscall"

	"smp/client/durable"
	"smp/commands/cli"
	"smp/commands/process"
	"smp/commands/term"
)

// What smp mock and smp relay have in common: both serve until they are stopped, and
// tell a shell or a file how to use them.

// background completes a server in the background with what this run prints to.
func (a *app) background(b process.Server) *process.Server {
	b.Lookup, b.Out, b.Messages, b.Stderr = a.env.lookup, a.out, a.messages, a.env.Stderr
	return &b
}

// startInBackground starts a server and gives what it printed. Its exit code is that of
// this run where it did not become ready.
func startInBackground(ctx context.Context, b *process.Server) (printed string, err error) {
	printed, err = b.Start(ctx)
	if ended, ok := errors.AsType[*process.ExitError](err); ok {
		return "", &exitError{code: ended.Code}
	}
	return printed, err
}

// listenAddress takes HOST:PORT, :PORT for every address of the machine, or a
// port alone for loopback.
func listenAddress(p *string) func(string) error {
	return func(s string) error {
		if s == "" {
			return cli.ErrEmpty
		}
		host, port, err := net.SplitHostPort(s)
		if err != nil {
			if host, port = "127.0.0.1", s; !isPort(port) {
				return err
			}
		}
		if !isPort(port) {
			return &net.AddrError{Err: "no port number", Addr: s}
		}
		*p = net.JoinHostPort(host, port)
		return nil
	}
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// reachable is the address for clients of this machine: loopback for a listener on all
// addresses.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
}

// listenError says that a server cannot listen where it was asked to.
type listenError struct {
	address string
	err     error
}

func (e *listenError) Error() string {
	if errors.Is(e.err, syscall.EADDRINUSE) {
		return fmt.Sprintf("listen on %s: something else listens there", e.address)
	}
	return e.err.Error()
}

func (e *listenError) Unwrap() error { return e.err }

// onAnyPort adds to a [listenError] how the command listens on a free port instead.
func onAnyPort(err error, command string) error {
	if _, taken := errors.AsType[*listenError](err); taken {
		return &exitError{code: exitUnforeseen, err: err, hints: []string{command + " --listen 127.0.0.1:0"}}
	}
	return err
}

// openLog opens the file that a flag names, which lines are appended to: what an earlier
// run wrote is not lost. A pipe is waited for until ctx ends.
func openLog(ctx context.Context, flag, name string) (*os.File, error) {
	f, err := term.Await(ctx, func() (*os.File, error) {
		return os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	})
	if err != nil {
		return nil, cli.Usagef("%s: %v", flag, err)
	}
	return f, nil
}

// checkReadyFile refuses a file that could not be written.
func checkReadyFile(path string) error {
	if path == "" {
		return nil
	}
	if err := durable.Check(path); err != nil {
		return cli.Usagef("--ready-file: %v", err)
	}
	return nil
}

// announce writes the variables to path, "" for nobody who waits for them. It returns the
// file that is to go when the server ends: it would tell of one that is not there.
func announce(path string, variables []process.Variable) (readyFile string, err error) {
	if path == "" {
		return "", nil
	}
	f, err := durable.Create(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if _, err := io.WriteString(f, process.Exports(variables)); err != nil {
		return "", err
	}
	if err := f.Commit(); err != nil {
		return "", err
	}
	if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() {
		return path, nil
	}
	return "", nil
}
