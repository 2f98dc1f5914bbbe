package answer

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"smp/commands/cli"
	"smp/commands/term"
)

// placeFile makes the file's name one in --output-dir.
func (o *Flags) placeFile() error {
	named := o.Output != "" && o.Output != "-"
	switch {
	case o.RemoteHeaderName && !o.RemoteName:
		return errors.New("-J needs -O: it says how the file is named")
	case (o.OutputDir != "" || o.CreateDirs || o.RemoteTime) && !named:
		return errors.New("--output-dir, --create-dirs and -R need -o FILE or -O")
	case !named:
		return nil
	}
	if o.OutputDir != "" {
		o.Output = filepath.Join(o.OutputDir, o.Output) // an absolute path, too, as with curl
	}
	return nil
}

// makesFolder reports whether a file's folder is missing, and one that --create-dirs makes.
func (o *Flags) makesFolder(name string) bool {
	within, err := filepath.Rel(filepath.Dir(name), filepath.Dir(o.Output))
	return o.CreateDirs && err == nil && filepath.IsLocal(within) && lacksFolder(name)
}

func lacksFolder(name string) bool {
	_, err := os.Stat(filepath.Dir(name))
	return errors.Is(err, fs.ErrNotExist)
}

// withFolderHint says what to do about a file whose folder is missing.
func withFolderHint(flag, name string, err error) error {
	usage := cli.Usagef("%s: %v", flag, err)
	switch {
	case !lacksFolder(name):
		return usage
	case flag == "-o":
		return usage.Hint("make its folder: --create-dirs")
	}
	return usage.Hint("make its folder: mkdir -p %s", term.Quote(filepath.Dir(name)))
}

// NameByHeader gives the file the name that the answer's Content-Disposition says. It
// replaces no file: the name is the server's choice.
func (o *Flags) NameByHeader(header http.Header) error {
	if !o.RemoteHeaderName {
		return nil
	}
	_, params, err := mime.ParseMediaType(header.Get("Content-Disposition"))
	name := params["filename"]
	if err != nil || name == "" {
		return nil
	}
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if name == "" || strings.HasPrefix(name, ".") || !filepath.IsLocal(name) || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return fmt.Errorf("%q, as Content-Disposition says, is not a file name for -J: name one with -o FILE", name)
	}
	file := filepath.Join(filepath.Dir(o.Output), name)
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s is there already, and -J replaces no file: name one with -o FILE", file)
	}
	o.Output = file
	return nil
}

// SetTime gives the file the time of the answer's Last-Modified.
func (o *Flags) SetTime(header http.Header) error {
	if !o.RemoteTime {
		return nil
	}
	at, err := http.ParseTime(header.Get("Last-Modified"))
	if err != nil {
		return nil // as with curl: the server does not say
	}
	return os.Chtimes(o.Output, at, at)
}

// TooLongError says that a body is longer than --max-filesize allows, in bytes.
type TooLongError struct{ Limit int64 }

func (e *TooLongError) Error() string {
	return fmt.Sprintf("the body is longer than --max-filesize (%d bytes)", e.Limit)
}

// TooLong refuses a body that is longer than --max-filesize.
func (o *Flags) TooLong(size int64) error {
	if o.MaxFilesize == 0 || size <= o.MaxFilesize {
		return nil
	}
	return &TooLongError{o.MaxFilesize}
}

// Limit ends body with a [TooLongError] if it turns out to be longer than --max-filesize.
func (o *Flags) Limit(body io.ReadCloser) io.ReadCloser {
	if o.MaxFilesize == 0 {
		return body
	}
	return &limitedBody{ReadCloser: body, flags: o}
}

type limitedBody struct {
	io.ReadCloser
	flags *Flags
	read  int64
}

func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	if long := b.flags.TooLong(b.read); long != nil {
		return 0, long
	}
	return n, err
}

// fileSize takes a number of bytes, or of KiB, MiB or GiB with k, M or G behind it.
func fileSize(p *int64) func(string) error {
	return func(s string) error {
		digits, unit := strings.TrimRight(s, "kKmMgGbB"), int64(1)
		switch strings.ToLower(s[len(digits):]) {
		case "", "b":
		case "k", "kb":
			unit = 1 << 10
		case "m", "mb":
			unit = 1 << 20
		case "g", "gb":
			unit = 1 << 30
		default:
			return fmt.Errorf("%q is not a number of bytes", s)
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || n < 1 || n > 1<<60/unit {
			return fmt.Errorf("%q is not a number of bytes above zero", s)
		}
		*p = n * unit
		return nil
	}
}
