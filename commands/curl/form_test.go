package curl

import (
	"io"
	"mime"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What curl 7.88 sends for the same arguments, seen by an echo server.
func TestParseFormField(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		arg  string
		want formField
	}{
		{"a=b", formField{name: "a", content: "b"}},
		{"a=", formField{name: "a"}},
		{"a=b=c", formField{name: "a", content: "b=c"}},
		{`a="x;y"`, formField{name: "a", content: "x;y"}},
		{`a="x\"\\\y"`, formField{name: "a", content: `x"\\y`}},
		{"a=b;type=text/html", formField{name: "a", content: "b", mimeType: "text/html"}},
		{"a=b;type=text/html;charset=utf-8", formField{name: "a", content: "b", mimeType: "text/html; charset=utf-8"}},
		{"a=b;filename=x.txt", formField{name: "a", content: "b", filename: "x.txt", mimeType: "text/plain"}},
		{"a=@dir/f", formField{name: "a", kind: '@', content: "dir/f", filename: "f", mimeType: "application/octet-stream"}},
		{"a=@f.PNG", formField{name: "a", kind: '@', content: "f.PNG", filename: "f.PNG", mimeType: "image/png"}},
		{"a=@f;type=text/x;filename=n", formField{name: "a", kind: '@', content: "f", filename: "n", mimeType: "text/x"}},
		{`a=@f;filename="q\"z;.txt"`, formField{name: "a", kind: '@', content: "f", filename: `q"z;.txt`, mimeType: "text/plain"}},
		{`a=@"x,y"`, formField{name: "a", kind: '@', content: "x,y", filename: "x,y", mimeType: "application/octet-stream"}},
		{"a=<f", formField{name: "a", kind: '<', content: "f"}},
		{"a=<f;type=text/x", formField{name: "a", kind: '<', content: "f", mimeType: "text/x"}},
		{"a=@-", formField{name: "a", kind: '@', content: "-", filename: "-"}},
	} {
		got, err := parseFormField(FormArg{Value: tt.arg})
		if err != nil {
			t.Errorf("%s: %v", tt.arg, err)
		} else if got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.arg, got, tt.want)
		}
	}
}

func TestParseFormFieldRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ arg, says string }{
		{"a", "not a form field"},
		{"=b", "not a form field"},
		{"", "not a form field"},
		{"a=x;y=z", "neither ;type= nor ;filename="},
		{"a=x;y", "neither ;type= nor ;filename="},
		{"a=x;", "neither ;type= nor ;filename="},
		{`a="x`, "not closed"},
		{`a="x"y`, "after the closing quote"},
		{"a=@x,y", "one -F takes one file"},
		{"a=b;type=\"text/x\r\nX: y\"", "line end"},
	} {
		got, err := parseFormField(FormArg{Value: tt.arg})
		if err == nil {
			t.Errorf("%s: got %+v, want an error", tt.arg, got)
		} else if !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %q, want it to say %q", tt.arg, err, tt.says)
		}
	}
	got, err := parseFormField(FormArg{Value: "a=@x;y,", Literal: true})
	if err != nil || got != (formField{name: "a", content: "@x;y,"}) {
		t.Errorf("--form-Literal: got %+v, %v", got, err)
	}
}

func TestFormBody(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), `we"ird.txt`)
	if err := os.WriteFile(path, []byte("from a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []FormArg{{Value: "a=b"}, {Value: `f=@"` + strings.ReplaceAll(path, `"`, `\"`) + `"`}, {Value: "s=@-"}}
	b, mimeType, err := formBody(args, "", stdinOf("from stdin"))
	if err != nil {
		t.Fatal(err)
	}
	content := readAll(t, b)
	if b.size() != int64(len(content)) {
		t.Errorf("size %d, want %d", b.size(), len(content))
	}
	if content != readAll(t, b) {
		t.Error("a second reading differs")
	}
	kind, params, err := mime.ParseMediaType(mimeType)
	if err != nil || kind != "multipart/form-data" {
		t.Fatalf("content type %q: %v", mimeType, err)
	}
	parts := multipart.NewReader(strings.NewReader(content), params["boundary"])
	for _, want := range []struct{ disposition, mimeType, content string }{
		{`form-data; name="a"`, "", "b"},
		{`form-data; name="f"; filename="we%22ird.txt"`, "text/plain", "from a file"},
		{`form-data; name="s"; filename="-"`, "", "from stdin"},
	} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		if d := part.Header.Get("Content-Disposition"); d != want.disposition {
			t.Errorf("disposition %q, want %q", d, want.disposition)
		}
		if m := part.Header.Get("Content-Type"); m != want.mimeType {
			t.Errorf("%s: type %q, want %q", want.disposition, m, want.mimeType)
		}
		if string(got) != want.content {
			t.Errorf("%s: content %q, want %q", want.disposition, got, want.content)
		}
	}
	if _, err := parts.NextRawPart(); err != io.EOF {
		t.Errorf("after the last part: %v", err)
	}
}

func TestFormBodyContentType(t *testing.T) {
	t.Parallel()
	b, mimeType, err := formBody([]FormArg{{Value: "a=b"}}, "multipart/mixed; boundary=Q", stdinOf(""))
	if err != nil || mimeType != "multipart/mixed; boundary=Q" || !strings.HasPrefix(readAll(t, b), "--Q\r\n") {
		t.Errorf("got %q and %q, %v: a boundary of the caller's stays", mimeType, readAll(t, b), err)
	}
	if _, mimeType, _ = formBody([]FormArg{{Value: "a=b"}}, "multipart/x", stdinOf("")); !strings.HasPrefix(mimeType, "multipart/x; boundary=---") {
		t.Errorf("got %q: a boundary is added to the caller's type", mimeType)
	}
}
