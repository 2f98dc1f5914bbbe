// Package answer writes what came back to where curl's flags say. That is files that
// appear whole, stdout, the heads of -i and -D, the text of -w, and the document of
// --json. It knows no session, prints nothing by itself, and sends nothing.
package answer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"smp/client/durable"
	"smp/commands/cli"
	"smp/commands/curl"
	"smp/commands/term"
)

// Flags say where an answer goes.
type Flags struct {
	Output           string // -o
	RemoteName       bool   // -O
	RemoteHeaderName bool   // -J
	RemoteTime       bool   // -R
	OutputDir        string // --output-dir
	CreateDirs       bool
	MaxFilesize      int64  // --max-filesize; 0: no limit
	DumpHeader       string // -D
	Include          bool   // -i
	WriteOut         string // -w
	Meta             string
	CookieJar        string // -c
	Fail             bool
	FailWithBody     bool
}

// Declare declares the flags, under a heading of the help.
func (o *Flags) Declare(group string) []cli.Flag {
	return cli.Grouped(group, []cli.Flag{
		{Name: "output", Short: "o", Value: "FILE", Usage: "write the body to FILE, whole or not at all; - is stdout", Set: cli.NonEmpty(&o.Output)},
		{Name: "remote-name", Short: "O", Usage: "write the body to a file named as the URL ends", Set: cli.Switch(&o.RemoteName)},
		{Name: "remote-header-name", Short: "J", Usage: "with -O: name the file as Content-Disposition says, if it does", Set: cli.Switch(&o.RemoteHeaderName)},
		{Name: "remote-time", Short: "R", Usage: "give the file the time of Last-Modified", Set: cli.Switch(&o.RemoteTime)},
		{Name: "output-dir", Value: "DIR", Usage: "keep the file of -o or -O in DIR", Set: cli.NonEmpty(&o.OutputDir)},
		{Name: "create-dirs", Usage: "make the folders that the file of -o or -O needs", Set: cli.Switch(&o.CreateDirs)},
		{Name: "max-filesize", Value: "BYTES", Usage: "refuse a longer body (exit 10); 10k, 5M and 1G are understood", Set: fileSize(&o.MaxFilesize)},
		{Name: "dump-header", Short: "D", Value: "FILE", Usage: "write the headers to FILE", Set: cli.NonEmpty(&o.DumpHeader)},
		{Name: "include", Short: "i", Usage: "write the headers before the body", Set: cli.Switch(&o.Include)},
		{Name: "cookie-jar", Short: "c", Value: "FILE", Usage: "keep cookies, and write them to a Netscape cookie file", Set: cli.NonEmpty(&o.CookieJar)},
		{Name: "write-out", Short: "w", Value: "FORMAT", Usage: "print at the end, %{NAME} replaced: " + strings.Join(writeOutNames, " "), Set: cli.NonEmpty(&o.WriteOut)},
		{Name: "meta", Value: "FILE", Usage: "write what is known of the fetch to FILE, as one JSON object", Set: cli.NonEmpty(&o.Meta)},
		{Name: "fail", Short: "f", Usage: "exit 22, without the body, when the target answers 400 or more", Set: cli.Switch(&o.Fail)},
		{Name: "fail-with-body", Usage: "exit 22, with the body", Set: cli.Switch(&o.FailWithBody)},
	})
}

// Check makes sure, before any request, that all outputs can be written, and settles
// the file's name. rawURL is what -O takes the name from. It writes nothing: what lies in
// folders that --create-dirs is to make, [Flags.MakeDirs] checks.
func (o *Flags) Check(rawURL string, json bool) error {
	if o.RemoteName {
		if err := o.nameAfter(rawURL); err != nil {
			return err
		}
	}
	if err := o.placeFile(); err != nil {
		return err
	}
	if err := o.checkFiles(json, o.makesFolder); err != nil {
		return err
	}
	return o.checkJSON(json)
}

// MakeDirs makes the folders that --create-dirs asks for. It is called once, when nothing
// else keeps the request from being sent.
func (o *Flags) MakeDirs() error {
	if !o.CreateDirs {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(o.Output), 0o750); err != nil {
		return fmt.Errorf("--create-dirs: %w", err)
	}
	return o.checkFiles(false, func(string) bool { return false })
}

// checkFiles checks the files that are named, less those that can be checked later only.
func (o *Flags) checkFiles(json bool, later func(name string) bool) error {
	files := []struct{ flag, name string }{{"-o", o.Output}, {"-D", o.DumpHeader}, {"-c", o.CookieJar}, {"--meta", o.Meta}}
	named := map[string]string{}
	for _, f := range files {
		switch {
		case f.name == "":
			continue
		case f.name == "-" && json:
			return fmt.Errorf("--json prints one document on stdout: %s needs a file, not -", f.flag)
		case f.name == "-", later(f.name):
			continue
		}
		if err := durable.Check(f.name); err != nil {
			return withFolderHint(f.flag, f.name, err)
		}
		file, err := durable.Resolve(f.name)
		if err != nil {
			return fmt.Errorf("%s: %w", f.flag, err)
		}
		if other := named[file]; other != "" && !writtenInPlace(f.name) {
			return fmt.Errorf("%s and %s name the same file %s", other, f.flag, f.name)
		}
		named[file] = f.flag
	}
	return nil
}

// checkJSON refuses what would stand on stdout beside the one document.
func (o *Flags) checkJSON(json bool) error {
	switch {
	case json && o.WriteOut != "":
		return errors.New("--json and -w do not go together: the document holds what -w prints")
	case json && o.Include && o.Output == "":
		return errors.New("--json and -i do not go together: the document holds the headers")
	}
	return nil
}

// nameAfter takes the file's name from the end of the URL's path, as curl does.
func (o *Flags) nameAfter(rawURL string) error {
	if o.Output != "" {
		return errors.New("-o and -O do not go together: the body goes to one file")
	}
	path := rawURL
	if _, rest, ok := strings.Cut(rawURL, "://"); ok {
		path = rest
	}
	if end := strings.IndexAny(path, "?#"); end >= 0 {
		path = path[:end]
	}
	slash := strings.LastIndexByte(path, '/')
	if slash < 0 || slash == len(path)-1 {
		return errors.New("the URL ends in no file name for -O: name one with -o FILE")
	}
	name := path[slash+1:]
	if name == "." || name == ".." || !filepath.IsLocal(name) || filepath.Base(name) != name {
		return fmt.Errorf("%q, where the URL ends, is not a file name for -O: name one with -o FILE", name)
	}
	o.Output = name
	return nil
}

// writtenInPlace reports whether several outputs may share a path.
func writtenInPlace(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.Mode().IsRegular()
}

// ToStdout reports whether the body goes to stdout.
func (o *Flags) ToStdout() bool { return o.Output == "" || o.Output == "-" }

// Refuses reports whether an answer's status ends the fetch with exit code 22.
func (o *Flags) Refuses(status int) bool {
	return (o.Fail || o.FailWithBody) && status >= 400
}

// ParseWriteOut reads -w, from a file where it begins with an @.
func (o *Flags) ParseWriteOut(stdin *term.Stdin) (WriteOut, error) {
	format := o.WriteOut
	if name, isFile := strings.CutPrefix(format, "@"); isFile {
		content, err := curl.ReadSmall(stdin, name, "-w @"+name)
		if err != nil {
			return nil, err
		}
		format = string(content)
	}
	return parseWriteOut(format)
}
