package progress

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smp/client"
	"smp/client/paced"
)

// A fetch that is silent for two seconds says what it does, on a terminal alone, and
// leaves no trace of that.
func TestFetchProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		messages, text := messagesTo(true)
		job := &paced.Job{}
		p := WatchFetch(messages, &paced.Fetcher{Notify: func(paced.Event) {}}, job)
		said := func() string {
			synctest.Wait()
			p.mu.Lock() // orders this before what is written next
			defer p.mu.Unlock()
			defer text.Reset()
			return text.String()
		}
		<-time.After(1900 * time.Millisecond)
		if got := said(); got != "" {
			t.Errorf("too early: %q", got)
		}
		<-time.After(1200 * time.Millisecond)
		if got := said(); !strings.Contains(got, "smp: connecting for 3s") {
			t.Errorf("connecting: %q", got)
		}
		job.Request.OnWrite()
		<-time.After(9600 * time.Millisecond)
		if got := said(); !strings.Contains(got, "smp: sent, and held by the service for 9s") {
			t.Errorf("held: %q", got)
		}
		resp := &client.Response{Length: 200 << 20, Body: io.NopCloser(strings.NewReader(strings.Repeat("x", 5<<20)))}
		p.Read(resp)
		_, _ = io.ReadFull(resp.Body, make([]byte, 4<<20))
		<-time.After(2600 * time.Millisecond)
		if got := said(); !strings.Contains(got, "smp: 4.0 MiB of 200.0 MiB, 1.7 MiB/s") {
			t.Errorf("the body: %q", got)
		}
		p.Stop()
		if got := said(); got != "\r\x1b[K" {
			t.Errorf("the trace: %q", got)
		}
	})
	messages, _ := messagesTo(false)
	if WatchFetch(messages, nil, nil) != nil {
		t.Error("a pipe is told")
	}
}
