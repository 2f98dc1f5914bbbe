// Package mock is a Smart Proxy Manager on loopback, for tests and for people
// who have no account. It serves sessions, proxy and CONNECT with TLS
// interception on one port, with the delays, limits, errors and bans of the
// service.
//
//	s, err := mock.Start(mock.Config{})
//	defer s.Close()
//	// s.URL() is the endpoint, "test" the API key, s.CACert() signs for https targets
//
// Every target host is an embedded httpbin unless [Config].Origin is another, so
// nothing leaves the machine.
//
// [Config].Service makes it Zyte API's proxy mode instead, whose sessions their
// clients begin, or a host of Smart Proxy Manager's that was moved there.
//
// # Time
//
// A request that comes before its outgoing IP's slot is held, as the service
// does. [Config].TimeScale makes the service's time run faster, and
// [Server.Advance] lets some of it pass at once. The mock reads nothing but
// time.Now, so it lives in a testing/synctest bubble, where twelve seconds cost
// nothing and are exact. There it must be made, and reached in memory:
//
//	s, err := mock.New(mock.Config{})
//	defer s.Close()
//	transport := &http.Transport{
//		Proxy:       http.ProxyURL(&url.URL{Scheme: "http", Host: "mock:8011", User: url.UserPassword("test", "")}),
//		DialContext: s.DialContext,
//	}
//
// # Faults and verdict
//
// [Server.Arm], or [Config].Faults, has requests fail with any error code of the
// service or a broken network.
//
// [Server.Verdict] lists the requests that came before their slot, so that a
// test can tell whether a client keeps the service's delays, whatever client
// it is. What a sender could not have known is listed apart. [Server.Journal]
// has every request.
//
// # Control
//
// Below /_mock/ on the same port: a page to look at, state, journal, verdict,
// events, faults, clock, reset and ca.pem, for clients in other languages. These answer
// only to a loopback Host and never to a page of another site.
//
// # Faithfulness
//
// [Facts] lists what is documented, what was observed and what is a guess, with
// what changes each guess. The names of headers and the texts of errors are the
// service's own.
package mock
