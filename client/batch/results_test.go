package batch

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"smp/client/paced"
)

// result is a line of results as an earlier run may have left it.
func result(line int, digest Digest, err string) string {
	record := &Record{Line: line, Digest: digest}
	if err != "" {
		record.Error = &paced.Failure{Message: err}
	}
	return encode(record) + "\n"
}

func TestReadResults(t *testing.T) {
	t.Parallel()
	good, failed := result(1, 11, ""), result(2, 22, "refused")
	tests := []struct {
		name    string
		text    string
		done    []int
		seen    []int
		dropped int
		kept    string
	}{
		{"nothing", "", nil, nil, 0, ""},
		{"a success and a failure", good + failed, []int{1}, []int{1, 2}, 1, good},
		{"a torn last line", good + good[:20], []int{1}, []int{1}, 1, good},
		{"a torn line that would be whole", good + strings.TrimSuffix(result(2, 22, ""), "\n"), []int{1}, []int{1}, 1, good},
		{"noise in the middle", good + "\x00\x00garbage\n" + result(3, 33, ""), []int{1, 3}, []int{1, 3}, 1, good + result(3, 33, "")},
		{"a second success", good + good, []int{1}, []int{1}, 1, good},
		{"a failure, then a success", failed + result(2, 22, ""), []int{2}, []int{2}, 1, result(2, 22, "")},
		{"a success, then a failure", result(2, 22, "") + failed, []int{2}, []int{2}, 1, result(2, 22, "")},
		{"JSON of somebody else", `{"line":0}` + "\n" + `{"line":4}` + "\n[]\n" + `{"line":5,"digest":"00000000000000ff"}` + "\n", nil, nil, 4, ""},
		{"an empty line", "\n" + good, []int{1}, []int{1}, 1, good},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var kept bytes.Buffer
			done, dropped, err := readResults(strings.NewReader(test.text), func(line []byte) error {
				_, err := fmt.Fprintf(&kept, "%s\n", line)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if done.Successes() != len(test.done) || dropped != test.dropped || kept.String() != test.kept {
				t.Errorf("%d successes, %d dropped, kept %q", done.Successes(), dropped, kept.String())
			}
			for n := 1; n <= 5; n++ {
				skip, err := done.Skip(&Line{Number: n, Digest: Digest(11 * n)})
				if err != nil || skip != slices.Contains(test.done, n) {
					t.Errorf("line %d: skipped %v, %v", n, skip, err)
				}
				_, err = done.Skip(&Line{Number: n, Digest: 7})
				changed, ok := errors.AsType[*ChangedError](err)
				if ok != slices.Contains(test.seen, n) || ok && changed.Number != n {
					t.Errorf("line %d with another text: %v", n, err)
				}
			}
		})
	}
}

func TestLongResultsAreRead(t *testing.T) {
	t.Parallel()
	long := result(1, 1, strings.Repeat("x", 1<<20))
	done, dropped, err := readResults(strings.NewReader(strings.Replace(long, `"error":{`, `"was":{`, 1)+result(2, 2, "")), nil)
	if err != nil || done.Successes() != 1 || dropped != 1 {
		t.Errorf("%d successes, %d dropped, %v", done.Successes(), dropped, err)
	}
}

func TestAShorterListIsAnother(t *testing.T) {
	t.Parallel()
	done, _, err := readResults(strings.NewReader(result(3, 3, "")+result(5000, 1, "no")), nil)
	if err != nil {
		t.Fatal(err)
	}
	for last, ok := range map[int]bool{0: false, 3: false, 4999: false, 5000: true, 9000: true} {
		if err := done.complete(last); (err == nil) != ok {
			t.Errorf("a list of %d lines: %v", last, err)
		}
	}
	if err := (*Done)(nil).complete(0); err != nil {
		t.Errorf("without results: %v", err)
	}
}

// However results are torn and mixed, a line is done if a whole line of the
// results says that it succeeded. Compacting keeps one success of each line and
// nothing else.
func TestResultsProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		want := map[int]bool{}
		for _, n := range rapid.SliceOfN(rapid.IntRange(1, 3000), 0, 40).Draw(t, "lines") {
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				text.WriteString(result(n, Digest(n), "failed"))
			case 1:
				text.WriteString("torn" + result(n, Digest(n), ""))
			default:
				text.WriteString(result(n, Digest(n), ""))
				want[n] = true
			}
		}
		var kept strings.Builder
		keep := newLineWriter(&kept)
		done, _, err := readResults(strings.NewReader(text.String()), keep.line)
		if err != nil || keep.Flush() != nil || done.Successes() != len(want) {
			t.Fatalf("%d successes, want %d, %v", done.Successes(), len(want), err)
		}
		again, dropped, err := readResults(strings.NewReader(kept.String()), nil)
		if err != nil || dropped != 0 || again.Successes() != len(want) {
			t.Fatalf("compacted: %d successes, %d dropped, %v", again.Successes(), dropped, err)
		}
		for n := range want {
			if skip, err := again.Skip(&Line{Number: n, Digest: Digest(n)}); !skip || err != nil {
				t.Fatalf("line %d is not done: %v", n, err)
			}
		}
	})
}

func FuzzReadResults(f *testing.F) {
	f.Add([]byte(result(1, 11, "") + result(2, 22, "no")))
	f.Add([]byte("{\"line\":1,\"digest\":\"0000000000000001\",\"error\":null}\n{"))
	f.Add([]byte("{\"line\":9223372036854775807,\"digest\":\"0000000000000001\",\"error\":null}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var kept bytes.Buffer
		keep := newLineWriter(&kept)
		done, _, err := readResults(bytes.NewReader(text), keep.line)
		if err != nil || keep.Flush() != nil {
			t.Fatal(err)
		}
		again, dropped, err := readResults(&kept, nil)
		if err != nil || dropped != 0 || again.Successes() != done.Successes() {
			t.Fatalf("compacted results read otherwise: %d successes of %d, %d dropped, %v", again.Successes(), done.Successes(), dropped, err)
		}
	})
}
