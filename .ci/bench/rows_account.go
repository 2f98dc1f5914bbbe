//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

// accountRows are batches over as many sessions as an account may have, at the delay
// of the service. The mock runs beside them on the same processors.
func accountRows() []row {
	var rows []row
	for _, scheme := range []string{"http", "https"} {
		rows = append(rows, row{"whole account, " + scheme, func(b *bench) ([]line, error) { return account(b, scheme) }})
	}
	return rows
}

// account shows how cost grows from a hundred sessions to five thousand, three lines each.
func account(b *bench, scheme string) ([]line, error) {
	sizes := []int{100, 1000, 5000}
	if b.quick {
		sizes = []int{100}
	}
	var lines []line
	for _, n := range sizes {
		l, err := accountOf(b, scheme, n)
		if err != nil {
			return lines, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}

func accountOf(b *bench, scheme string, sessions int) (line, error) {
	const each, delay = 3, 12 * time.Second
	endpoint, _, err := b.mock()
	if err != nil {
		return line{}, err
	}
	began := time.Now()
	ids, err := b.sessions(endpoint, sessions)
	creation := time.Since(began)
	if err != nil || len(ids) != sessions {
		return line{}, fmt.Errorf("%d of %d sessions were created: %w", len(ids), sessions, err)
	}
	if err := b.smpAt(endpoint, "session", "delete", "--all", "--yes").Run(); err != nil {
		return line{}, err
	}
	list := "account-" + scheme + strconv.Itoa(sessions)
	if err := b.writeList(list, scheme, each*sessions); err != nil {
		return line{}, err
	}
	defer os.Remove(b.path(list))
	defer os.RemoveAll(b.path("account"))
	ca, err := b.authority(endpoint)
	if err != nil {
		return line{}, err
	}
	got, err := b.launcher.measure(b.smpAt(endpoint, "batch", "--delay", delay.String(), "--cacert", ca, "-q", "--sessions", strconv.Itoa(sessions), "--output-dir", b.path("account"), b.path(list)))
	if err != nil {
		return line{}, err
	}
	early, err := violations(endpoint)
	if err != nil {
		return line{}, err
	}
	bound := (each-1)*delay + creation
	ratio := got.Wall.Seconds() / bound.Seconds()
	return line{
		name:   fmt.Sprintf("%d lines over %d sessions at 12 s, %s, against the bound and the creation", each*sessions, sessions, scheme),
		theirs: seconds(bound.Seconds()), ours: seconds(got.Wall.Seconds()), ratio: fmt.Sprintf("%.3f", ratio),
		spread: fmt.Sprintf("created in %s, %d violations", seconds(creation.Seconds()), early),
		cpu:    seconds(got.CPU.Seconds()), peak: megabytes(float64(got.Peak)),
		budget: budget(1.10, 1.03, "%g"), verdict: strictly(verdict(ratio, 1.10, 1.03), early == 0 && got.CPU <= 10*time.Second && got.Peak <= 120e6),
	}, nil
}

// authority writes the mock's CA to a file.
func (b *bench) authority(endpoint string) (path string, err error) {
	resp, err := control(endpoint, "ca.pem")
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	pem, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	path = b.path("account.pem")
	return path, os.WriteFile(path, pem, 0o644)
}

// violations counts the requests that the mock found too early.
func violations(endpoint string) (int, error) {
	resp, err := control(endpoint, "verdict")
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	var judged struct{ Violations []any }
	err = json.NewDecoder(resp.Body).Decode(&judged)
	return len(judged.Violations), err
}
