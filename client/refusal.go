package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	bodyLimit      = 64 << 10        // of a refusal, kept
	messageLimit   = 300             // bytes of its first line
	refusalTimeout = 5 * time.Second // for reading its body
)

// refused makes the error of an answer of the service's own, whose body it reads and
// closes. A body that cannot be read does not change the class.
func (c *Client) refused(ctx context.Context, op string, resp *http.Response, byStatus func(*http.Response) Class) *Error {
	text := c.excerpt(readRefusal(ctx, resp.Body, c.excerptReadLimit()))
	service := c.service(resp)
	c.redactHeader(resp.Header)
	problem := c.redactProblem(parseProblem(text))
	if t := believed(resp.Header, headerZyteError); t != "" {
		problem.Type = t
	}
	e := &Error{
		Op: op, Status: resp.StatusCode, Header: resp.Header, Body: text,
		Class:   classify(resp, problem.Type, byStatus),
		Code:    capped(believed(resp.Header, headerError), messageLimit),
		Message: firstLine([]byte(problem.Detail)),
		Service: service, zyteType: problem.Type,
	}
	e.Service.RetryAfter = delayIn(resp.Header, headerRetryAfter)
	if e.Code == "" {
		e.Code = capped(problem.Type, messageLimit)
	}
	if e.Message == "" {
		e.Message = titled(cmp.Or(resp.Header.Get(headerZyteTitle), problem.Title), text)
	}
	return e
}

// readRefusal reads up to limit bytes of a body and closes it. It gives up on a body
// that stalls, which would hang the dial of a refused CONNECT. Close then runs on its
// own, since it waits for Read, and Read waits for the connection's end.
func readRefusal(ctx context.Context, body io.ReadCloser, limit int) []byte {
	if body == nil {
		return nil
	}
	read := make(chan []byte, 1)
	go func() {
		text, _ := io.ReadAll(io.LimitReader(body, int64(limit)))
		read <- text
	}()
	timer := time.NewTimer(refusalTimeout)
	defer timer.Stop()
	select {
	case text := <-read:
		body.Close()
		return text
	case <-ctx.Done():
	case <-timer.C:
	}
	go body.Close()
	return nil
}

// problem is an error of Zyte API's dialect, whose media type is
// application/problem+json. All of it may be missing.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

func parseProblem(text []byte) problem {
	var p problem
	if trimmed := bytes.TrimSpace(text); len(trimmed) == 0 || trimmed[0] != '{' || json.Unmarshal(trimmed, &p) != nil {
		return problem{}
	}
	return p
}

// redactProblem redacts after decoding, since JSON can escape any letter of the key.
func (c *Client) redactProblem(p problem) problem {
	return problem{Type: c.redact(p.Type), Title: c.redact(p.Title), Detail: c.redact(p.Detail)}
}

// titled is the message of an error without a detail: its title and the first line of
// its body. A body that is JSON is left out, since it says no more.
func titled(title string, text []byte) string {
	line := firstLine(text)
	if title == "" {
		return line
	}
	if line == "" || strings.HasPrefix(line, "{") {
		return firstLine([]byte(title))
	}
	return firstLine([]byte(title + ": " + line))
}

// firstLine is the first line that is not blank, capped.
func firstLine(text []byte) string {
	line, _, _ := strings.Cut(string(bytes.TrimSpace(text[:min(len(text), bodyLimit)])), "\n")
	return capped(strings.TrimRight(line, "\r "), messageLimit)
}

// capped cuts s to at most limit bytes, between characters.
func capped(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
