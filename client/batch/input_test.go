package batch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// readAll gives a list's lines, each in one word or two.
func readAll(t testing.TB, r io.Reader) []*Line {
	t.Helper()
	var lines []*Line
	for reader := NewReader(r); ; {
		line, err := reader.Next()
		if err == io.EOF {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
}

func TestReadText(t *testing.T) {
	t.Parallel()
	const list = "\xef\xbb\xbfhttp://a/\r\n\n  # a comment\n\thttp://b/ \nhttp://c/#part\n   \nlast.com"
	var got []string
	for _, line := range readAll(t, strings.NewReader(list)) {
		got = append(got, fmt.Sprint(line.Number, " ", line.URL, " ", line.Err))
	}
	want := []string{"1 http://a/ <nil>", "4 http://b/ <nil>", "5 http://c/#part <nil>", "7 last.com <nil>"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadNothing(t *testing.T) {
	t.Parallel()
	for _, list := range []string{"", "\n", "#", "# only\n#comments", "\xef\xbb\xbf"} {
		if lines := readAll(t, strings.NewReader(list)); len(lines) != 0 {
			t.Errorf("%q has %d lines", list, len(lines))
		}
	}
}

func TestReadJSON(t *testing.T) {
	t.Parallel()
	const text = `{"url":"http://a/","method":"POST","headers":{"accept":"x","X-Two":["1","2"],"User-Agent":null},"body":"é\n","id":17}`
	lines := readAll(t, strings.NewReader(text))
	body := "é\n"
	want := []*Line{{
		Number: 1, Digest: digestOf([]byte(text)), URL: "http://a/", Method: "POST", Body: &body, ID: []byte("17"),
		Header: map[string][]string{"accept": {"x"}, "X-Two": {"1", "2"}, "User-Agent": nil},
	}}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

// What only looks like a name that is there twice is none.
func TestReadOnce(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"url":"http://a/","body":"\"url\":\"x\",{\\","method":"url"}`,
		`{"url":"http://a/","headers":{"url":"1","id":["id",": {","}"],"X":null},"id":"id"}`,
		`{"headers":{"A":"a"},"body":"","url":"}{"}`,
		`{ "id" : "url" , "url" : "id" , "headers" : { } , "body" : null }`,
	} {
		if line := readAll(t, strings.NewReader(text))[0]; line.Err != nil {
			t.Errorf("%s: %v", text, line.Err)
		}
	}
}

func TestReadOnceOfManyHeaders(t *testing.T) {
	t.Parallel()
	var headers strings.Builder
	for i := range 100 {
		fmt.Fprintf(&headers, `"X-%d":"",`, i)
	}
	for last, want := range map[string]string{"X-100": "<nil>", "x-99": `"x-99" is there twice`, "x-0": `"x-0" is there twice`} {
		text := `{"url":"http://a/","headers":{` + headers.String() + `"` + last + `":""}}`
		if got := fmt.Sprint(readAll(t, strings.NewReader(text))[0].Err); got != want {
			t.Errorf("%s: %s, want %s", last, got, want)
		}
	}
}

func BenchmarkReadJSON(b *testing.B) {
	const text = `{"url":"https://shop.example.com/products/1234567?page=3","method":"GET","headers":{"Accept":"text/html"},"id":1234567}` + "\n"
	list := strings.Repeat(text, 1000)
	b.ReportAllocs()
	for b.Loop() {
		readAll(b, strings.NewReader(list))
	}
}

func TestBadLinesFailAlone(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		`{"url":"http://a/"`:                                     "the JSON object is not complete",
		`{"url":"http://a/"} {}`:                                 "something follows the JSON object",
		`{"url":""}`:                                             `"url" is missing or empty`,
		`{}`:                                                     `"url" is missing or empty`,
		`{"url":"http://a/","bdoy":"x"}`:                         `malformed JSON: unknown field "bdoy"`,
		`{"url":7}`:                                              `"url" is a JSON number`,
		`{"url":"http://a/","id":{}}`:                            `"id" is neither a string nor a number`,
		`{"url":"http://a/","method":""}`:                        `"method" is empty`,
		`{"url":"http://a/","headers":{"A":1}}`:                  "the value of a header is neither a string nor an array of strings",
		`{"url":"http://a/","url":"http://b/"}`:                  `"url" is there twice`,
		`{"URL" : "http://a/","url":"http://b/"}`:                `"url" is there twice`,
		`{"url":"http://a/","\u0075rl":"http://b/"}`:             `"url" is there twice`,
		`{"url":null,"url":"http://b/"}`:                         `"url" is there twice`,
		`{"url":"http://a/","id":1,"id":1}`:                      `"id" is there twice`,
		`{"headers":{},"url":"http://a/","headerſ":{}}`:          `"headerſ" is there twice`,
		`{"url":"http://a/","headers":{"A":"1","B":[],"a":"2"}}`: `"a" is there twice`,
		strings.Repeat("x", maxLine+1):                           errLongLine.Error(),
		`{"url":"` + strings.Repeat("x", maxLine):                errLongLine.Error(),
	}
	for text, want := range tests {
		name := text[:min(len(text), 40)]
		lines := readAll(t, strings.NewReader("http://before/\n"+text+"\nhttp://after/\n"))
		if len(lines) != 3 || lines[0].Err != nil || lines[2].Err != nil || lines[2].URL != "http://after/" {
			t.Fatalf("%s: the lines around it are harmed: %v", name, lines)
		}
		if err := lines[1].Err; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
		if lines[1].Number != 2 || lines[1].Digest == 0 {
			t.Errorf("%s: number %d, digest %d", name, lines[1].Number, lines[1].Digest)
		}
	}
}

// Replacement characters would be sent, and an id no longer be found.
func TestJSONThatIsNotUTF8IsBad(t *testing.T) {
	t.Parallel()
	for _, rest := range []string{`"id":"caf@"`, `"body":"caf@"`, `"headers":{"A":"caf@"}`} {
		text := strings.ReplaceAll(`{"url":"http://a/",`+rest+`}`, "@", "\xe9")
		if line := readAll(t, strings.NewReader(text))[0]; line.Err == nil || line.Err.Error() != "the JSON object is not UTF-8" {
			t.Errorf("%q: %v", text, line.Err)
		}
	}
}

func TestLongCommentsAndBlankLinesAreSkipped(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"comment":                  "#" + strings.Repeat("x", maxLine),
		"comment behind spaces":    " \t # " + strings.Repeat("x", maxLine),
		"blank":                    strings.Repeat(" ", maxLine+1),
		"comment behind all of it": strings.Repeat(" ", maxLine+100<<10) + "# x",
	} {
		lines := readAll(t, strings.NewReader(text+"\r\nhttp://b/\n"+text))
		if len(lines) != 1 || lines[0].URL != "http://b/" || lines[0].Number != 2 {
			t.Errorf("%s: %d lines", name, len(lines))
		}
	}
	late := strings.Repeat(" ", maxLine+100<<10) + "http://a/"
	if lines := readAll(t, strings.NewReader(late)); len(lines) != 1 || lines[0].URL != "http://a/" {
		t.Errorf("a line behind long spaces: %d lines", len(lines))
	}
}

func TestLongLineWithinBounds(t *testing.T) {
	t.Parallel()
	url := "http://a/" + strings.Repeat("y", 200<<10)
	lines := readAll(t, iotest.HalfReader(strings.NewReader(url+"\nhttp://b/")))
	if len(lines) != 2 || lines[0].URL != url || lines[0].Digest != digestOf([]byte(url)) || lines[1].URL != "http://b/" {
		t.Fatal("a long line was not read whole")
	}
}

func TestReadErrorIsNotTheEndOfTheList(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken pipe")
	for _, list := range []string{"http://a/\n", "http://a/\nhttp://b"} {
		r := NewReader(io.MultiReader(strings.NewReader(list), iotest.ErrReader(broken)))
		var err error
		for err == nil {
			_, err = r.Next()
		}
		if !errors.Is(err, broken) {
			t.Errorf("after %q: %v", list, err)
		}
	}
}

func TestDigestIsOfTheTextAlone(t *testing.T) {
	t.Parallel()
	digest := func(text string) Digest { return readAll(t, strings.NewReader(text))[0].Digest }
	if digest("http://a/") != digest("\n  http://a/ \r\n") {
		t.Error("the digest depends on the spaces or lines around")
	}
	if digest("http://a/") == digest("http://b/") {
		t.Error("two lines have one digest")
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("http://a/\n# c\n\n{\"url\":\"http://b/\",\"headers\":{\"A\":[\"b\"]}}\r\n{"))
	f.Add([]byte("{\"url\":\"x\",\"id\":1e9}\n\x00\xff\n[]"))
	f.Fuzz(func(t *testing.T, list []byte) {
		last := 0
		for _, line := range readAll(t, bytes.NewReader(list)) {
			if line.Number <= last {
				t.Fatalf("line %d comes after line %d", line.Number, last)
			}
			last = line.Number
			if line.Err == nil && line.URL == "" {
				t.Fatalf("line %d is good and has no URL", line.Number)
			}
			if !bytes.HasPrefix([]byte(line.URL), []byte("{")) && line.Err == nil && len(line.URL) > len(list) {
				t.Fatalf("line %d is longer than the list", line.Number)
			}
		}
		if most := bytes.Count(list, []byte("\n")) + 1; last > most {
			t.Fatalf("line %d in a list of %d", last, most)
		}
	})
}
