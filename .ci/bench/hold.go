//go:build unix

package main

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// hold sends one request more than it is told in one session, so that the mock
// holds so many. It reports when the mock does, and waits until the command is
// stopped.
func hold(args []string) error {
	endpoint, scheme, session := args[0], args[1], args[2]
	n, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	conns := make([]net.Conn, n+1)
	for i := range conns {
		if conns[i], err = early(endpoint, scheme, session); err != nil {
			return err
		}
	}
	for holds := 0; holds < n; {
		resp, err := http.Get(endpoint + "/_mock/state")
		if err != nil {
			return err
		}
		var state struct{ Held int }
		err = json.NewDecoder(resp.Body).Decode(&state)
		resp.Body.Close()
		if err != nil {
			return err
		}
		holds = state.Held
		time.Sleep(50 * time.Millisecond)
	}
	fmt.Println("holding")
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	<-stop
	for _, c := range conns {
		c.Close()
	}
	return nil
}

// early opens a connection and sends a request that is not answered yet.
func early(endpoint, scheme, session string) (net.Conn, error) {
	c, err := net.Dial("tcp", strings.TrimPrefix(endpoint, "http://"))
	if err != nil {
		return nil, err
	}
	url := "http://" + target + "/get"
	if scheme == "https" {
		if err := once(c, bufio.NewReader(c), request("CONNECT", target+":443", "")); err != nil {
			return nil, err
		}
		c = tls.Client(c, &tls.Config{ServerName: target, InsecureSkipVerify: true})
		url = "/get"
	}
	_, err = io.WriteString(c, request("GET", url, session))
	return c, err
}
