package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"smp/client/ledger"
)

// Two requests of one session: the second is not ready within a second, and
// says so instead of waiting.
func Example() {
	dir, err := os.MkdirTemp("", "ledger")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	l, err := ledger.Open(ledger.Scope(dir, "proxy.zyte.com", "KEY"), ledger.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()

	send := func() error {
		ticket, err := l.Reserve("42", ledger.Pace{Delay: 12 * time.Second, Patience: time.Second})
		if err != nil {
			return err
		}
		defer ticket.Cancel()
		if err := ticket.Start(context.Background(), nil); err != nil {
			return err
		}
		fmt.Println("sent") // and as the answer begins:
		ticket.FirstByte()
		return ticket.Done(ledger.Feedback{IP: "192.0.2.1"})
	}
	for range 2 {
		var late *ledger.TooLate
		if err := send(); errors.As(err, &late) {
			fmt.Printf("ready in %.0f s\n", late.Wait.Seconds())
		}
	}
	// Output:
	// sent
	// ready in 12 s
}
