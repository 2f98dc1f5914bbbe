package relay_test

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"

	"smp/client"
	"smp/client/ledger"
	"smp/client/mock"
	"smp/client/paced"
	"smp/client/relay"
)

// A client that knows nothing of sessions uses the relay as its proxy: what the client
// sends goes out in @shop, at its slots.
func Example() {
	service, err := mock.Start(mock.Config{TimeScale: 100})
	if err != nil {
		log.Fatal(err)
	}
	defer service.Close()
	endpoint, _, _ := client.ParseEndpoint(service.URL())
	wire, err := client.New(client.Config{Endpoint: endpoint, Key: "test"})
	if err != nil {
		log.Fatal(err)
	}
	ca, err := relay.CA("") // in memory; HTTPS clients trust ca.CertPEM()
	if err != nil {
		log.Fatal(err)
	}
	server := relay.New(relay.Config{
		Fetcher:   &paced.Fetcher{Client: wire, Ledger: ledger.NewMemory(ledger.Options{}), Scale: 100},
		Authority: ca,
		Job:       paced.Job{Session: paced.Ref{Kind: paced.RefName, Value: "shop"}},
	})
	defer server.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go server.Serve(listener, nil)

	proxy := &url.URL{Scheme: "http", Host: listener.Addr().String()}
	web := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}}
	defer web.CloseIdleConnections()
	for _, word := range []string{"b25l", "dHdv"} {
		resp, err := web.Get("http://shop.example/base64/" + word)
		if err != nil {
			log.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %s\n", resp.Status, body)
	}
	fmt.Println("too early:", len(service.Verdict().Violations))
	// Output:
	// 200 OK: one
	// 200 OK: two
	// too early: 0
}

// A browser says what it wants a request for, and the [relay.Rules] go by that.
func ExampleKindOf() {
	for _, dest := range []string{"document", "image", "empty"} {
		req, err := http.NewRequest(http.MethodGet, "https://shop.example/", nil)
		if err != nil {
			log.Fatal(err)
		}
		req.Header.Set("Sec-Fetch-Dest", dest)
		fmt.Println(dest, "is", relay.KindOf(req))
	}
	// Output:
	// document is page
	// image is static
	// empty is data
}
