package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/url"

	"smp/client"
	"smp/client/mock"
)

// A session, and a fetch through the proxy in it. A mock stands in for the service.
func Example() {
	service, err := mock.Start(mock.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer service.Close()
	c := connect(service)

	ctx := context.Background()
	session, err := c.CreateSession(ctx)
	if err != nil {
		log.Fatal(err)
	}
	target, _ := url.Parse("https://example.com/base64/aGVsbG8=")
	conn, err := c.Dial(ctx, target)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	answer, err := conn.Do(ctx, &client.Request{URL: target, Session: session.ID})
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d %s, session %s, from %s\n", answer.Status, body, session.ID, answer.Service.IP)
	// Output: 200 hello, session 1873787, from 198.18.2.65
}

// connect makes a client of a service whose key is "test".
func connect(service *mock.Server) *client.Client {
	endpoint, _, err := client.ParseEndpoint(service.URL())
	if err != nil {
		log.Fatal(err)
	}
	c, err := client.New(client.Config{Endpoint: endpoint, Key: "test", CACert: service.CACert()})
	if err != nil {
		log.Fatal(err)
	}
	return c
}

// What a caller can do about a failure is in its class, whatever its code.
func ExampleError() {
	service, err := mock.Start(mock.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer service.Close()

	err = connect(service).DeleteSession(context.Background(), "999")
	if failed, ok := errors.AsType[*client.Error](err); ok {
		fmt.Println(failed.Class, failed.Code, failed.Class == client.SessionDead)
	}
	// Output: SessionDead bad_session_id true
}
