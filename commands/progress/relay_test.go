package progress

import (
	"errors"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"smp/client/relay"
)

// Failures that are alike are told once in ten seconds, with the number of the others.
// What was not told yet is told at the end.
func TestFailuresInARelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		messages, said := messagesTo(false)
		r := NewRelayReporter(messages, nil, nil)
		fail := func(host string) {
			r.Finished(&relay.Exchange{Method: "GET", URL: &url.URL{Scheme: "http", Host: host, Path: "/"}, Err: errors.New("reset"), ExitCode: 7})
		}
		fail("a.test")
		fail("a.test")
		fail("a.test")
		fail("b.test")
		r.Finished(&relay.Exchange{Method: "GET", URL: &url.URL{Host: "a.test"}, Err: errors.New("left"), Left: true})
		time.Sleep(alikeTime)
		fail("a.test")
		fail("a.test")
		r.End()
		r.End()
		want := "smp: error: GET http://a.test/: reset (class 7)\n" +
			"smp: error: GET http://b.test/: reset (class 7)\n" +
			"smp: error: GET http://a.test/: reset (class 7) (and 2 alike since the last line)\n" +
			"smp: error: 1 more alike: a.test (class 7)\n"
		if said.String() != want {
			t.Errorf("got\n%s\nwant\n%s", said, want)
		}
	})
}
