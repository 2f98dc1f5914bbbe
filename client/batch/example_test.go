package batch_test

import (
	"context"
	"fmt"
	"log"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"smp/client"
	"smp/client/batch"
	"smp/client/ledger"
	"smp/client/mock"
	"smp/client/paced"
)

// Four URLs go through two sessions into a directory. The directory knows afterwards
// what is done: with resume, OpenDir goes on where a run stopped.
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
	temp, err := os.MkdirTemp("", "batch")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(temp)
	dir, err := batch.OpenDir(filepath.Join(temp, "out"), false)
	if err != nil {
		log.Fatal(err)
	}
	defer dir.Close()
	ctx := context.Background()
	if err := dir.Begin(ctx); err != nil {
		log.Fatal(err)
	}

	run := batch.New(batch.Config{
		Fetcher:  &paced.Fetcher{Client: wire, Ledger: ledger.NewMemory(ledger.Options{}), Scale: 100},
		Sessions: 2,
		Request: func(line *batch.Line) (client.Request, error) {
			target, err := url.Parse(line.URL)
			return client.Request{URL: target}, err
		},
		Notify: func(e batch.Event) {
			if failed, ok := e.(batch.LineFailed); ok {
				fmt.Println("line", failed.Number, "failed:", failed.Err)
			}
		},
	})
	list := strings.Repeat("http://shop.example/base64/b25l\n", 4)
	if err := run.Run(ctx, batch.NewReader(strings.NewReader(list)), dir); err != nil {
		log.Fatal(err)
	}
	p := run.Progress()
	fmt.Printf("%d succeeded, %d failed, in %d sessions\n", p.Succeeded, p.Failed, p.Made)
	fmt.Println("left at the service:", len(service.State().Sessions), "too early:", len(service.Verdict().Violations))
	// Output:
	// 4 succeeded, 0 failed, in 2 sessions
	// left at the service: 0 too early: 0
}

// A list holds a URL or a JSON object a line. The Err of a line says why it cannot be
// fetched.
func ExampleReader() {
	list := batch.NewReader(strings.NewReader(`# blank lines and comments are skipped
http://shop.example/one
{"url": "http://shop.example/two", "method": "POST", "body": "q=1", "id": 7}
{"url": 3}
`))
	for {
		line, err := list.Next()
		if err != nil {
			fmt.Println(err)
			return
		}
		if line.Err != nil {
			fmt.Printf("%d: cannot be fetched\n", line.Number)
			continue
		}
		fmt.Printf("%d: %s, id %q\n", line.Number, line.URL, line.IDText())
	}
	// Output:
	// 2: http://shop.example/one, id ""
	// 3: http://shop.example/two, id "7"
	// 4: cannot be fetched
	// EOF
}

// Load tells how long a list takes, and how many sessions it needs for a deadline.
func ExampleLoad() {
	load := batch.Load{client.SPM.Delay: 1000}
	for _, sessions := range []int{1, 10, 100} {
		fmt.Println(sessions, load.Duration(sessions))
	}
	fmt.Println("for an hour:", load.Sessions(time.Hour))
	// Output:
	// 1 3h19m48s
	// 10 19m48s
	// 100 1m48s
	// for an hour: 4
}
