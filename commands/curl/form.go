package curl

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"path/filepath"
	"strings"

	"smp/commands/term"
)

// FormArg is one argument of -F or --form-string.
type FormArg struct {
	Value   string
	Literal bool // of --form-string: an @ or a < has no meaning
}

// formField is a -F taken apart.
type formField struct {
	name     string
	kind     byte   // '@' a file, '<' the content of a file, 0 the content itself
	content  string // or the file's name
	mimeType string
	filename string
}

// formBody is the multipart body of fields, and its content type. mimeType is what
// the caller asked for, or empty; a boundary of the caller's is kept.
func formBody(args []FormArg, mimeType string, stdin *term.Stdin) (body, string, error) {
	if mimeType == "" {
		mimeType = "multipart/form-data"
	}
	boundary := boundaryOf(mimeType)
	if boundary == "" {
		boundary = newBoundary()
		mimeType += "; boundary=" + boundary
	}
	var b body
	for _, arg := range args {
		field, err := parseFormField(arg)
		if err != nil {
			return nil, "", err
		}
		content, err := field.piece(arg, stdin)
		if err != nil {
			return nil, "", err
		}
		b = append(b, literal([]byte("--"+boundary+"\r\n"+field.head())), content, literal([]byte("\r\n")))
	}
	return append(b, literal([]byte("--"+boundary+"--\r\n"))), mimeType, nil
}

func boundaryOf(mimeType string) string {
	_, params, err := mime.ParseMediaType(mimeType)
	if err != nil {
		return ""
	}
	return params["boundary"]
}

func newBoundary() string {
	var b [8]byte
	rand.Read(b[:])
	return strings.Repeat("-", 24) + hex.EncodeToString(b[:])
}

func (f formField) piece(arg FormArg, stdin *term.Stdin) (piece, error) {
	if f.kind == 0 {
		return literal([]byte(f.content)), nil
	}
	return openInput(stdin, f.content, "-F "+f.name+"="+string(f.kind)+f.content)
}

// head is the field's headers. Quotes and line ends in names are written as curl
// and the browsers write them.
func (f formField) head() string {
	escape := strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A").Replace
	head := `Content-Disposition: form-data; name="` + escape(f.name) + `"`
	if f.filename != "" {
		head += `; filename="` + escape(f.filename) + `"`
	}
	if f.mimeType != "" {
		head += "\r\nContent-Type: " + f.mimeType
	}
	return head + "\r\n\r\n"
}

// parseFormField reads NAME=CONTENT, NAME=@FILE and NAME=<FILE, each with
// ;type=TYPE and ;filename=NAME behind it. A content with semicolons stands in
// double quotes.
func parseFormField(arg FormArg) (formField, error) {
	name, rest, ok := strings.Cut(arg.Value, "=")
	if !ok || name == "" {
		return formField{}, fmt.Errorf("%q is not a form field: write NAME=CONTENT, NAME=@FILE or NAME=<FILE", arg.Value)
	}
	field := formField{name: name}
	if arg.Literal {
		field.content = rest
		return field, nil
	}
	if rest != "" && (rest[0] == '@' || rest[0] == '<') {
		field.kind, rest = rest[0], rest[1:]
	}
	quoted := strings.HasPrefix(rest, `"`)
	content, rest, err := formWord(rest)
	if err != nil {
		return formField{}, fmt.Errorf("form field %q: %w", name, err)
	}
	field.content = content
	if field.kind != 0 && !quoted && strings.Contains(content, ",") {
		return formField{}, fmt.Errorf("form field %q: one -F takes one file; write a name that holds a comma as -F '%s=%c\"%s\"'", name, name, field.kind, content)
	}
	if err := field.params(rest); err != nil {
		return formField{}, fmt.Errorf("form field %q: %w", name, err)
	}
	field.complete()
	return field, nil
}

// params reads ";type=…" and ";filename=…". What follows a type and is neither
// belongs to the type, as in ;type=text/plain;charset=utf-8.
func (f *formField) params(rest string) error {
	inType := false
	for rest != "" {
		key, value, ok := strings.Cut(rest[1:], "=")
		if !ok || strings.Contains(key, ";") {
			return errNoParam(rest)
		}
		word, next, err := formWord(value)
		if err != nil {
			return err
		}
		switch key := strings.TrimSpace(key); {
		case key == "type":
			f.mimeType, inType = word, true
		case key == "filename":
			f.filename, inType = word, false
		case inType:
			f.mimeType += "; " + key + "=" + word
		default:
			return errNoParam(rest)
		}
		rest = next
	}
	if strings.ContainsAny(f.mimeType, "\r\n") {
		return errors.New("the type holds a line end")
	}
	return nil
}

func errNoParam(rest string) error {
	return fmt.Errorf("%q is neither ;type= nor ;filename=: put a content that holds semicolons in double quotes, or use --form-string", rest)
}

// formWord takes a word off the front of s: up to a semicolon, or in double quotes
// with \" and \\ inside. What is left is empty or begins with the semicolon.
func formWord(s string) (word, rest string, err error) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexByte(s, ';')
		if end < 0 {
			end = len(s)
		}
		return s[:end], s[end:], nil
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '\\' || s[i+1] == '"'):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			rest := strings.TrimLeft(s[i+1:], " ")
			if rest != "" && rest[0] != ';' {
				return "", "", fmt.Errorf("text after the closing quote: %q", rest)
			}
			return b.String(), rest, nil
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", errors.New("a double quote is not closed")
}

// complete fills in what curl fills in: a file's own name, and its type by its
// ending.
func (f *formField) complete() {
	if f.kind == '@' && f.filename == "" {
		f.filename = filepath.Base(f.content)
	}
	if f.mimeType != "" || f.filename == "" {
		return
	}
	f.mimeType = mimeTypeOf(f.filename)
	if f.mimeType == "" && f.kind == '@' && f.content != "-" {
		f.mimeType = "application/octet-stream"
	}
}

// mimeTypeOf knows the endings that curl knows; the machine's own table would make
// the same command line send different things on different machines.
func mimeTypeOf(filename string) string {
	switch strings.ToLower(filepath.Ext(filename)) {
	case ".gif":
		return "image/gif"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".png":
		return "image/png"
	case ".svg":
		return "image/svg+xml"
	case ".txt":
		return "text/plain"
	case ".htm", ".html":
		return "text/html"
	case ".pdf":
		return "application/pdf"
	case ".xml":
		return "application/xml"
	}
	return ""
}
