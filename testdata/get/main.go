// Command get is an ordinary HTTP client, which knows nothing of smp: net/http reads
// the proxy from the environment, and crypto/x509 its roots from SSL_CERT_FILE. Tests
// run it through the relay where no curl may be there.
//
//	get [-X METHOD] [-H 'NAME: VALUE']… [-d BODY] [-n TIMES] URL…
//
// Bodies go to stdout, heads to stderr; all URLs are asked for at once, each TIMES
// times.
package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

func main() {
	method := flag.String("X", "GET", "method")
	body := flag.String("d", "", "body")
	times := flag.Int("n", 1, "times")
	header := http.Header{}
	flag.Func("H", "header", func(s string) error {
		name, value, _ := strings.Cut(s, ":")
		header.Add(name, strings.TrimSpace(value))
		return nil
	})
	flag.Parse()
	client := &http.Client{
		Timeout:       time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	failed := false
	for range *times {
		for _, url := range flag.Args() {
			all.Go(func() {
				head, text, err := get(client, *method, url, *body, header)
				mu.Lock()
				defer mu.Unlock()
				os.Stderr.WriteString(head)
				os.Stdout.Write(text)
				if err != nil {
					fmt.Fprintln(os.Stderr, "get:", err)
					failed = true
				}
			})
		}
	}
	all.Wait()
	if failed {
		os.Exit(1)
	}
}

func get(client *http.Client, method, url, body string, header http.Header) (head string, text []byte, err error) {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return "", nil, err
	}
	r.Header = header.Clone()
	resp, err := client.Do(r)
	if err != nil {
		return "", nil, err
	}
	defer resp.Body.Close()
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", resp.Proto, resp.Status)
	_ = resp.Header.Write(&b)
	text, err = io.ReadAll(resp.Body)
	return strings.ReplaceAll(b.String(), "\r", ""), text, err
}
