package progress

import (
	"fmt"
	"io"
	"sync"
	"time"

	"smp/client"
	"smp/client/paced"
	"smp/client/spell"
	"smp/commands/term"
)

const (
	silence       = 2 * time.Second // after which a terminal is told what goes on
	progressEvery = 500 * time.Millisecond
)

// FetchWatch tells a terminal, in the status line, what a fetch does that has been
// silent for two seconds. It is safe for concurrent use; a nil one does nothing.
type FetchWatch struct {
	messages *term.Messages
	ended    chan struct{}
	wait     sync.WaitGroup

	mu    sync.Mutex
	since time.Time // the beginning of what goes on
	what  string    // "connecting"; empty: the body is read
	bytes int64     // of the body
	total int64     // -1: unknown
}

// WatchFetch begins to watch the fetch of job, which fetcher is about to do; it is nil
// where m shows no status line. The caller stops it.
func WatchFetch(m *term.Messages, fetcher *paced.Fetcher, job *paced.Job) *FetchWatch {
	if !m.ShowsStatus() {
		return nil
	}
	p := &FetchWatch{messages: m, ended: make(chan struct{})}
	p.begin("connecting")
	tell := fetcher.Notify
	fetcher.Notify = func(event paced.Event) {
		p.begin("connecting") // what follows a wait, which has a countdown of its own
		tell(event)
	}
	job.Request.OnWrite = func() { p.begin("sent, and held by the service") }
	p.wait.Go(p.run)
	return p
}

// begin notes what goes on from now.
func (p *FetchWatch) begin(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.since, p.what = time.Now(), what
}

// Read counts what is read of the body from now.
func (p *FetchWatch) Read(resp *client.Response) {
	if p == nil || resp == nil {
		return
	}
	p.begin("")
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bytes, p.total = 0, resp.Length
	resp.Body = &progressBody{resp.Body, p}
}

// Stop ends the watch and removes the line.
func (p *FetchWatch) Stop() {
	if p == nil {
		return
	}
	close(p.ended)
	p.wait.Wait()
	p.messages.ClearStatus()
}

func (p *FetchWatch) run() {
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if line := p.line(time.Now()); line != "" {
				p.messages.SetStatus("smp: "+line, "")
			}
		case <-p.ended:
			return
		}
	}
}

// line is what the status line says; empty within the first two seconds.
func (p *FetchWatch) line(now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	passed := now.Sub(p.since)
	switch {
	case passed < silence:
		return ""
	case p.what != "":
		return fmt.Sprintf("%s for %s", p.what, spell.Duration(passed.Truncate(time.Second)))
	}
	of := ""
	if p.total >= 0 {
		of = " of " + spell.Bytes(p.total)
	}
	return fmt.Sprintf("%s%s, %s/s", spell.Bytes(p.bytes), of, spell.Bytes(int64(float64(p.bytes)/passed.Seconds())))
}

// progressBody counts what is read.
type progressBody struct {
	io.ReadCloser
	progress *FetchWatch
}

func (b *progressBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.progress.mu.Lock()
	b.progress.bytes += int64(n)
	b.progress.mu.Unlock()
	return n, err
}
