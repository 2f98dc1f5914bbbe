package mock

import (
	"encoding/json"
	"net"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/mccutchen/go-httpbin/v2/httpbin"
)

const maxPause = 1 * time.Hour // for /delay, /drip and the like

// HTTPBin returns a target that answers like httpbin.org, whatever the host:
// /get, /ip, /headers, /status/N, /bytes/N, /delay/N, /redirect/N and so on. POST
// /login with a form's user sets a cookie by which /account knows the user again.
// Any other path is answered as httpbin's /anything is, with a JSON description of
// the request.
//
// Pauses may last up to an hour. Random bodies (/bytes, /stream-bytes, /drip)
// are streamed and may have any size; so are the bodies of requests that the
// description repeats, up to 1 GiB. Forms and JSON are also taken apart up to 1 MiB.
func HTTPBin() http.Handler {
	return bin{httpbin.New(
		httpbin.WithMaxBodySize(maxEcho),
		httpbin.WithMaxDuration(maxPause),
		httpbin.WithHostname("smp-mock"),
	)}
}

type bin struct{ *httpbin.HTTPBin }

func (b bin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer abortOnPanic()
	switch first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/"); {
	case first == "ip" && rest == "":
		serveIP(w, r)
	case first == "bytes":
		serveBytes(w, r, rest, false)
	case first == "stream-bytes":
		serveBytes(w, r, rest, true)
	case first == "login" && rest == "" && r.Method == http.MethodPost:
		serveLogin(w, r)
	case first == "account" && rest == "":
		serveAccount(w, r)
	case first == "drip" && rest == "":
		serveDrip(w, r)
	case !isClean(r.URL.Path): // httpbin would redirect it
		b.anything(w, r)
	case hasBody(r) && echoes(first):
		b.echo(w, r, b.known)
	default:
		b.known(w, r)
	}
}

// known serves what httpbin has, and everything else as /anything. Whatever of httpbin
// reads a body, as /dump/request does, reads it whole.
func (b bin) known(w http.ResponseWriter, r *http.Request) {
	answer := &foundOnly{ResponseWriter: w}
	limited := *r
	if hasBody(r) {
		limited.Body = http.MaxBytesReader(w, r.Body, maxParsedEcho)
	}
	b.HTTPBin.ServeHTTP(answer, &limited)
	if answer.missing {
		b.anything(w, r)
	}
}

// anything is httpbin's /anything.
func (b bin) anything(w http.ResponseWriter, r *http.Request) {
	if hasBody(r) {
		b.echo(w, r, b.Anything)
		return
	}
	b.Anything(w, r)
}

func hasBody(r *http.Request) bool { return r.Body != nil && r.Body != http.NoBody }

// echoes reports whether httpbin describes a request to that path with its body.
func echoes(path string) bool {
	switch path {
	case "anything", "post", "put", "patch", "delete":
		return true
	}
	return false
}

func isClean(p string) bool {
	clean := path.Clean(p)
	return p == clean || p == clean+"/"
}

// abortOnPanic turns httpbin's panic when a client is gone into the one that
// net/http takes quietly.
func abortOnPanic() {
	if recover() != nil {
		panic(http.ErrAbortHandler)
	}
}

// serveIP answers with the address of the connection. httpbin would take
// X-Forwarded-For, which any client can send.
func serveIP(w http.ResponseWriter, r *http.Request) {
	ip, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		ip = r.RemoteAddr
	}
	if r.URL.Query().Get("format") == "text" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte(ip + "\n"))
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	body := json.NewEncoder(w)
	body.SetIndent("", "  ")
	_ = body.Encode(map[string]string{"origin": ip})
}

// foundOnly drops the answer of a ServeMux to an unknown path. It recognizes that
// answer by its header, which httpbin's own 404 answers do not have.
type foundOnly struct {
	http.ResponseWriter
	missing bool
}

func (w *foundOnly) WriteHeader(status int) {
	h := w.Header()
	if status == http.StatusNotFound && h.Get("X-Content-Type-Options") == "nosniff" {
		h.Del("X-Content-Type-Options")
		h.Del("Content-Type")
		w.missing = true
		return
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *foundOnly) Write(b []byte) (int, error) {
	if w.missing {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// Flush is asked for by type assertion in httpbin.
func (w *foundOnly) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }
