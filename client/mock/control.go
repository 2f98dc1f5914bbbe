package mock

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const controlPrefix = "/_mock/"

const maxControlBody = 1 << 20

func isControl(path string) bool {
	return path == "/_mock" || strings.HasPrefix(path, controlPrefix)
}

// serveControl answers below /_mock/, which the real service does not have.
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	if err := s.checkOrigin(r); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	name := strings.TrimPrefix(r.URL.Path, controlPrefix)
	methods, known := s.controls()[name]
	switch {
	case r.URL.Path == "/_mock":
		http.Redirect(w, r, controlPrefix, http.StatusMovedPermanently)
	case name == "":
		s.page().ServeHTTP(w, r)
	case !known:
		http.Error(w, "no such control: want state, journal, verdict, events, faults, clock, reset or ca.pem", http.StatusNotFound)
	case methods[r.Method] == nil:
		w.Header().Set("Allow", allowed(methods))
		http.Error(w, "want "+allowed(methods), http.StatusMethodNotAllowed)
	default:
		methods[r.Method](w, r)
		if r.Method != http.MethodGet {
			s.watchers.changed()
		}
	}
}

type control map[string]http.HandlerFunc // by method

func (s *Server) controls() map[string]control {
	return map[string]control{
		"state":   {"GET": s.getState},
		"journal": {"GET": s.getJournal},
		"verdict": {"GET": s.getVerdict},
		"faults":  {"GET": s.getFaults, "POST": s.postFaults, "DELETE": s.deleteFaults},
		"clock":   {"GET": s.getClock, "POST": s.postClock},
		"events":  {"GET": s.getEvents},
		"reset":   {"POST": s.postReset},
		"ca.pem":  {"GET": s.getCA},
	}
}

func allowed(methods control) string {
	names := make([]string, 0, len(methods))
	for name := range methods {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func sendJSON(w http.ResponseWriter, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(body, '\n'))
}

func (s *Server) getState(w http.ResponseWriter, _ *http.Request)   { sendJSON(w, s.State()) }
func (s *Server) getVerdict(w http.ResponseWriter, _ *http.Request) { sendJSON(w, s.Verdict()) }
func (s *Server) getFaults(w http.ResponseWriter, _ *http.Request)  { sendJSON(w, s.faults.list()) }

func (s *Server) getCA(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/x-pem-file")
	_, _ = w.Write(s.CACert())
}

// getJournal sends entries as JSON lines: those behind ?after=SEQ, the one of
// ?request=NUMBER, and without heads where ?heads=0.
func (s *Server) getJournal(w http.ResponseWriter, r *http.Request) {
	after, err := numberOf(r, "after")
	request, errRequest := numberOf(r, "request")
	if err = errors.Join(err, errRequest); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	lines := bufio.NewWriter(w)
	for _, kept := range s.journal.after(after) {
		if request != 0 && kept.Request != request {
			continue
		}
		e := kept.Entry
		if r.FormValue("heads") != "0" {
			e = kept.entry()
		}
		if writeLine(lines, e) != nil {
			return
		}
	}
	_ = lines.Flush()
}

// numberOf reads a number of the query; 0 is none.
func numberOf(r *http.Request, name string) (int64, error) {
	text := r.FormValue(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, errors.New(name + ": want a number")
	}
	return n, nil
}

// postFaults arms one fault, an array of them, or lines as --fault takes them.
func (s *Server) postFaults(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxControlBody))
	if err == nil {
		var more []Fault
		if more, err = readFaults(body); err == nil {
			err = s.cfg.checkFaults(more)
		}
		if err == nil {
			s.faults.arm(more)
			w.WriteHeader(http.StatusNoContent)
			return
		}
	}
	http.Error(w, err.Error(), http.StatusBadRequest)
}

func readFaults(body []byte) (more []Fault, err error) {
	body = bytes.TrimSpace(body)
	switch {
	case bytes.HasPrefix(body, []byte("[")):
		err = strictJSON(body, &more)
	case bytes.HasPrefix(body, []byte("{")):
		more = make([]Fault, 1)
		err = strictJSON(body, &more[0])
	default:
		return parseFaults(string(body))
	}
	for i := range more {
		err = errors.Join(err, more[i].validate())
	}
	return more, err
}

func parseFaults(text string) (more []Fault, err error) {
	for _, line := range strings.Fields(text) {
		f, err := ParseFault(line)
		if err != nil {
			return nil, err
		}
		more = append(more, f)
	}
	if len(more) == 0 {
		return nil, errors.New("no fault: want JSON, or NAME[:COUNT][@RATE][:before|after]")
	}
	return more, nil
}

func strictJSON(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return errors.New("more than one JSON document")
	}
	return nil
}

func (s *Server) deleteFaults(w http.ResponseWriter, _ *http.Request) {
	s.faults.clear()
	w.WriteHeader(http.StatusNoContent)
}

type clockState struct {
	Time      time.Time `json:"time"`
	TimeScale float64   `json:"time_scale"`
}

func (s *Server) getClock(w http.ResponseWriter, _ *http.Request) {
	sendJSON(w, clockState{s.clock.now().UTC(), s.cfg.TimeScale})
}

// postClock advances the service's time: {"advance":"31m"}.
func (s *Server) postClock(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxControlBody))
	var move struct {
		Advance string `json:"advance"`
	}
	if err == nil {
		err = strictJSON(body, &move)
	}
	var by time.Duration
	if err == nil {
		by, err = time.ParseDuration(move.Advance)
	}
	if err != nil || by < 0 {
		http.Error(w, fmt.Sprintf(`want {"advance":"31m"}: %v`, errors.Join(err, negative(by))), http.StatusBadRequest)
		return
	}
	if !s.clock.advance(by) {
		http.Error(w, "the clock can be advanced by a hundred years in all", http.StatusBadRequest)
		return
	}
	s.getClock(w, r)
}

func negative(d time.Duration) error {
	if d < 0 {
		return errors.New("time does not go back")
	}
	return nil
}

func (s *Server) postReset(w http.ResponseWriter, _ *http.Request) {
	s.Reset()
	w.WriteHeader(http.StatusNoContent)
}
