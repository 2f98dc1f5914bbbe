// Command least fetches a URL through a proxy, on the libraries that smp is built on.
// It does nothing else: no session, no pace, no configuration, no signals. It is what
// a small fetch of smp can be measured against.
//
//	least http://KEY:@HOST:PORT CA-FILE URL
package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"

	"github.com/charmbracelet/lipgloss"
	"github.com/go-resty/resty/v2"
	"github.com/urfave/cli/v2"
)

func main() {
	app := &cli.App{Name: "least", HideHelp: true, Action: func(c *cli.Context) error {
		return fetch(c.Args().Get(0), c.Args().Get(1), c.Args().Get(2))
	}}
	if err := app.Run(os.Args); err != nil {
		log.Fatal(lipgloss.NewRenderer(os.Stderr).NewStyle().Bold(true).Render(err.Error()))
	}
}

func fetch(proxy, caFile, target string) error {
	endpoint, err := url.Parse(proxy)
	if err != nil {
		return err
	}
	ca, err := os.ReadFile(caFile)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	transport := &http.Transport{Proxy: http.ProxyURL(endpoint), TLSClientConfig: &tls.Config{RootCAs: roots}}
	client := resty.NewWithClient(&http.Client{Transport: transport}).SetDoNotParseResponse(true)
	answer, err := client.R().Get(target)
	if err != nil {
		return err
	}
	defer answer.RawBody().Close()
	_, err = io.Copy(os.Stdout, answer.RawBody())
	return err
}
