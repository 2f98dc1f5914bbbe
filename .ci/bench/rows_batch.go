//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// parallel is how many requests are under way at once, on all sides.
const parallel = "50"

func batchRows() []row {
	var rows []row
	for _, scheme := range []string{"http", "https"} {
		limit := 0.75
		if scheme == "https" {
			limit = 0.80
		}
		rows = append(rows,
			batchDuel{scheme: scheme, limit: limit, reach: 0.5}.row("batch of 10,000, "+scheme),
			batchDuel{scheme: scheme, files: true, limit: 1.5, reach: 1}.row("batch of 10,000, a file each, "+scheme),
			againstXargs("batch of 1,000, against xargs -P "+parallel+" curl, "+scheme, scheme),
		)
	}
	return append(rows, row{"batch against the pacing bound", pacingBound}, row{"memory of a batch of 1,000,000 lines", longBatch})
}

// batchDuel is a batch without delay against curl -Z.
type batchDuel struct {
	scheme       string
	files        bool
	limit, reach float64
}

func (d batchDuel) row(name string) row {
	return duel{
		name: name, rounds: 15, limit: d.limit, reach: d.reach,
		theirs: func(b *bench) *exec.Cmd {
			return b.curl("-Z", "--parallel-max", parallel, "-K", b.path(d.config()))
		},
		ours: func(b *bench) *exec.Cmd {
			args := []string{"batch", "-q", "--sessions", parallel, b.path("list-" + d.scheme)}
			if d.files {
				args = append(args, "--output-dir", b.path("ours"))
			}
			return b.smpAt(b.endpoint, args...)
		},
		before: func(b *bench) error { return d.prepare(b) },
	}.row()
}

// config is the file that tells curl what ours is told by the list.
func (d batchDuel) config() string { return fmt.Sprintf("curl-%s-%t", d.scheme, d.files) }

// prepare empties the directories of both, and writes the list in both languages
// unless it is there. Disks are busy for a while with what was written.
func (d batchDuel) prepare(b *bench) error {
	if d.files {
		for _, dir := range []string{"ours", "theirs"} {
			if err := os.RemoveAll(b.path(dir)); err != nil {
				return err
			}
		}
		if err := os.Mkdir(b.path("theirs"), 0o755); err != nil {
			return err
		}
	}
	if _, err := os.Stat(b.path(d.config())); err == nil {
		return nil
	}
	if err := b.writeList("list-"+d.scheme, d.scheme, 10_000); err != nil {
		return err
	}
	var config bytes.Buffer
	for i := range 10_000 {
		to := "/dev/null"
		if d.files {
			to = b.path("theirs/" + strconv.Itoa(i))
		}
		fmt.Fprintf(&config, "url = %q\noutput = %q\n", listed(d.scheme, i), to)
	}
	return os.WriteFile(b.path(d.config()), config.Bytes(), 0o644)
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

func listed(scheme string, i int) string {
	return fmt.Sprintf("%s://%s/bytes/1024?%d", scheme, target, i)
}

func (b *bench) writeList(name, scheme string, n int) error {
	var list bytes.Buffer
	for i := range n {
		list.WriteString(listed(scheme, i))
		list.WriteByte('\n')
	}
	return os.WriteFile(b.path(name), list.Bytes(), 0o644)
}

// againstXargs is against what people do without curl -Z: a process for each.
func againstXargs(name, scheme string) row {
	return duel{
		name: name, rounds: 3,
		theirs: func(b *bench) *exec.Cmd {
			curl := b.curl("-o", "/dev/null")
			sh := exec.Command("xargs", append([]string{"-a", b.path("list1000"), "-n", "1", "-P", parallel}, curl.Args...)...)
			sh.Env = curl.Env
			return sh
		},
		ours: func(b *bench) *exec.Cmd {
			return b.smpAt(b.endpoint, "batch", "-q", "--sessions", parallel, b.path("list1000"))
		},
		before: func(b *bench) error { return b.writeList("list1000", scheme, 1000) },
	}.row()
}

// pacingBound is the time of a batch beside the least that its pace allows, and
// what the service says of its manners.
func pacingBound(b *bench) ([]line, error) {
	const sessions = 10
	delay, each := 2*time.Second, 11
	if b.quick {
		delay, each = time.Second, 5
	}
	endpoint, _, err := b.mock("--delay", delay.String())
	if err != nil {
		return nil, err
	}
	if err := b.writeList("paced", "http", sessions*each); err != nil {
		return nil, err
	}
	got, err := b.launcher.measure(b.smpAt(endpoint, "batch", "-q", "--delay", delay.String(), "--sessions", strconv.Itoa(sessions), b.path("paced")))
	if err != nil {
		return nil, err
	}
	early, err := violations(endpoint)
	if err != nil {
		return nil, err
	}
	bound := time.Duration(each-1) * delay
	ratio := got.Wall.Seconds() / bound.Seconds()
	return []line{{
		name:   fmt.Sprintf("batch of %d on %d IPs with a delay of %s, against the bound of %s", sessions*each, sessions, delay, bound),
		theirs: seconds(bound.Seconds()), ours: seconds(got.Wall.Seconds()), ratio: fmt.Sprintf("%.4f", ratio),
		spread: fmt.Sprintf("%d violations", early),
		peak:   megabytes(float64(got.Peak)),
		budget: budget(1.02, 1.005, "%g"), verdict: strictly(verdict(ratio, 1.02, 1.005), early == 0),
	}}, nil
}

// strictly is the verdict where something else must hold, too.
func strictly(said string, holds bool) string {
	if holds {
		return said
	}
	return "missed"
}

func longBatch(b *bench) ([]line, error) {
	lines := b.smaller(1_000_000)
	if err := b.writeList("long", "http", lines); err != nil {
		return nil, err
	}
	defer os.Remove(b.path("long"))
	got, err := b.launcher.measure(b.smpAt(b.endpoint, "batch", "-q", "--sessions", parallel, b.path("long")))
	if err != nil {
		return nil, err
	}
	return []line{{
		name: fmt.Sprintf("peak memory of a batch of %.1f million lines", float64(lines)/1e6),
		ours: megabytes(float64(got.Peak)) + " MB", spread: "in " + seconds(got.Wall.Seconds()),
		budget: "64 MB (40 MB)", verdict: verdict(float64(got.Peak), 64e6, 40e6),
	}}, nil
}
