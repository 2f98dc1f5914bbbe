//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// target is the host of all URLs.
const target = "bench.test"

const large = 200_000_000

func fetchRows() []row {
	start := duel{
		name: "--version", rounds: 100, limit: 0.35, reach: 0.28,
		theirs: func(*bench) *exec.Cmd { return exec.Command("curl", "--version") },
		ours:   func(b *bench) *exec.Cmd { return exec.Command(b.smp, "--version") },
	}
	rows := []row{start.row()}
	for _, scheme := range []string{"http", "https"} {
		url := scheme + "://" + target + "/bytes/"
		reach := 0.85
		if scheme == "https" {
			reach = 0.90
		}
		rows = append(rows,
			down("1 KB, "+scheme, 100, 0.45, 0.40, url+"1024"),
			down("200 MB, "+scheme, 15, 1, reach, url+strconv.Itoa(large)),
			up("upload of 200 MB, "+scheme, scheme+"://"+target+"/bytes/10"),
			toFile("200 MB to a file (-o), "+scheme, url+strconv.Itoa(large)),
			toPipe("200 MB into a pipe, "+scheme, url+strconv.Itoa(large)),
		)
	}
	return append(rows,
		row{"1 KB, nothing but the libraries", least},
		row{"200 MB, http, nothing but splice", lowerBound},
		row{"peak memory of a fetch of 2 GB", largest},
	)
}

func down(name string, rounds int, limit, reach float64, url string) row {
	return duel{
		name: name, rounds: rounds, limit: limit, reach: reach,
		theirs: func(b *bench) *exec.Cmd { return b.curl(url) },
		ours:   func(b *bench) *exec.Cmd { return b.fetch(url) },
	}.row()
}

// up streams a file on both sides: curl -T is PUT, and -d would read it whole.
func up(name, url string) row {
	file := func(b *bench) string { return filepath.Join(b.dir, "upload") }
	return duel{
		name: name, rounds: 15,
		theirs: func(b *bench) *exec.Cmd { return b.curl("-T", file(b), url) },
		ours:   func(b *bench) *exec.Cmd { return b.fetch("-X", "PUT", "--data-binary", "@"+file(b), url) },
		before: func(b *bench) error {
			if _, err := os.Stat(file(b)); err == nil {
				return nil
			}
			return os.WriteFile(file(b), make([]byte, large), 0o644)
		},
	}.row()
}

func toFile(name, url string) row {
	return duel{
		name: name, rounds: 9,
		theirs: func(b *bench) *exec.Cmd { return b.curl("-o", filepath.Join(b.dir, "body"), url) },
		ours:   func(b *bench) *exec.Cmd { return b.fetch("-o", filepath.Join(b.dir, "body"), url) },
		before: func(b *bench) error { return os.RemoveAll(filepath.Join(b.dir, "body")) },
	}.row()
}

// toPipe has cat read, whose time counts on both sides.
func toPipe(name, url string) row {
	piped := func(c *exec.Cmd) *exec.Cmd {
		sh := exec.Command("sh", append([]string{"-c", `"$@" | cat >/dev/null`, "sh"}, c.Args...)...)
		sh.Env = c.Env
		return sh
	}
	return duel{
		name: name, rounds: 9,
		theirs: func(b *bench) *exec.Cmd { return piped(b.curl(url)) },
		ours:   func(b *bench) *exec.Cmd { return piped(b.fetch(url)) },
	}.row()
}

// least is what smp cannot beat on the libraries that it is built on: a program that
// does nothing but fetch. It is measured against curl, and smp against it.
func least(b *bench) ([]line, error) {
	program := b.path("least")
	if err := build("./.ci/bench/least", program); err != nil {
		return nil, err
	}
	proxy := strings.Replace(b.endpoint, "http://", "http://"+key+":@", 1)
	var lines []line
	for _, scheme := range []string{"http", "https"} {
		url := scheme + "://" + target + "/bytes/1024"
		d := duel{
			name: "1 KB, " + scheme + ", nothing but the libraries", rounds: 100,
			theirs: func(b *bench) *exec.Cmd { return b.curl(url) },
			ours:   func(b *bench) *exec.Cmd { return exec.Command(program, proxy, b.ca, url) },
		}
		ours := duel{
			name: "1 KB, " + scheme + ", against the least program", rounds: 100, limit: 1.2, reach: 1.1,
			theirs: d.ours,
			ours:   func(b *bench) *exec.Cmd { return b.fetch(url) },
		}
		for _, d := range []duel{d, ours} {
			them, us, err := b.alternate(d)
			if err != nil {
				return nil, err
			}
			lines = append(lines, compare(d.name, them, us, d.limit, d.reach))
		}
	}
	return lines, nil
}

// lowerBound is what no client can beat: the kernel moves the body, and nobody
// looks at it.
func lowerBound(b *bench) ([]line, error) {
	url := fmt.Sprintf("http://%s/bytes/%d", target, large)
	d := duel{
		name: "200 MB, http, nothing but splice", rounds: 9,
		theirs: func(b *bench) *exec.Cmd { return b.curl(url) },
		ours:   func(b *bench) *exec.Cmd { return exec.Command(b.self, "splice", b.endpoint, url) },
	}
	them, us, err := b.alternate(d)
	if err != nil {
		return nil, err
	}
	return []line{compare(d.name, them, us, 0, 0)}, nil
}

// largest says whether memory grows with the body.
func largest(b *bench) ([]line, error) {
	var lines []line
	for _, scheme := range []string{"http", "https"} {
		url := fmt.Sprintf("%s://%s/bytes/%d", scheme, target, b.smaller(10*large))
		got, err := b.launcher.measure(b.fetch(url))
		if err != nil {
			return nil, err
		}
		lines = append(lines, line{
			name: fmt.Sprintf("peak memory of a fetch of %.1f GB, %s", float64(b.smaller(10*large))/1e9, scheme),
			ours: megabytes(float64(got.Peak)) + " MB", budget: "20 MB (14 MB)",
			verdict: verdict(float64(got.Peak), 20e6, 14e6),
		})
	}
	return lines, nil
}
