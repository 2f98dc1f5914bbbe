package paced_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"time"

	"smp/client"
	"smp/client/ledger"
	"smp/client/mock"
	"smp/client/paced"
)

// Three fetches in a session that is called @shop and made on first use, each at
// its slot. The mock's time, in which the delay is twelve seconds, runs faster.
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
	fetcher := &paced.Fetcher{
		Client: wire,
		Ledger: ledger.NewMemory(ledger.Options{}), // ledger.Open is shared by all processes
		Scale:  100,
		Notify: func(e paced.Event) {
			if made, ok := e.(paced.Created); ok {
				fmt.Println("made session", made.Session)
			}
		},
	}

	shop, err := paced.ParseRef("@shop")
	if err != nil {
		log.Fatal(err)
	}
	for _, word := range []string{"b25l", "dHdv", "dGhyZWU="} {
		target, _ := url.Parse("http://shop.example/base64/" + word)
		result, err := fetcher.Fetch(context.Background(), &paced.Job{
			Request: client.Request{URL: target},
			Session: shop,
			Delay:   func(string) time.Duration { return 12 * time.Second / 100 },
		})
		if err != nil {
			log.Fatal(err)
		}
		body, err := io.ReadAll(result.Response.Body)
		_ = result.Response.Body.Close()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s in session %s, waited: %v\n", body, result.Session, result.Waited > 0)
	}
	fmt.Println("too early:", len(service.Verdict().Violations))
	// Output:
	// made session 1873787
	// one in session 1873787, waited: false
	// two in session 1873787, waited: true
	// three in session 1873787, waited: true
	// too early: 0
}

// A program that knows net/http alone is paced by a Transport under its client.
func ExampleTransport() {
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
	transport := &paced.Transport{
		Fetcher: &paced.Fetcher{Client: wire, Ledger: ledger.NewMemory(ledger.Options{}), Scale: 100},
		Session: paced.Ref{Kind: paced.RefName, Value: "shop"},
	}
	web := &http.Client{Transport: transport}

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
