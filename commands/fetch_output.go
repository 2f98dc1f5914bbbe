package commands

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

// outputFlags say where an answer goes.
type outputFlags struct {
	file         string // -o
	remoteName   bool   // -O
	headerName   bool   // -J
	remoteTime   bool   // -R
	dir          string // --output-dir
	createDirs   bool
	maxSize      int64  // --max-filesize; 0: no limit
	heads        string // -D
	include      bool   // -i
	writeOut     string // -w
	meta         string
	jar          string // -c
	fail         bool
	failWithBody bool
}

func (o *outputFlags) flags() []cli.Flag {
	return grouped(outputGroup, []cli.Flag{
		{Name: "output", Short: "o", Value: "FILE", Usage: "write the body to FILE, whole or not at all; - is stdout", Set: cli.NonEmpty(&o.file)},
		{Name: "remote-name", Short: "O", Usage: "write the body to a file named as the URL ends", Set: cli.Switch(&o.remoteName)},
		{Name: "remote-header-name", Short: "J", Usage: "with -O: name the file as Content-Disposition says, if it does", Set: cli.Switch(&o.headerName)},
		{Name: "remote-time", Short: "R", Usage: "give the file the time of Last-Modified", Set: cli.Switch(&o.remoteTime)},
		{Name: "output-dir", Value: "DIR", Usage: "keep the file of -o or -O in DIR", Set: cli.NonEmpty(&o.dir)},
		{Name: "create-dirs", Usage: "make the folders that the file of -o or -O needs", Set: cli.Switch(&o.createDirs)},
		{Name: "max-filesize", Value: "BYTES", Usage: "refuse a longer body (exit 10); 10k, 5M and 1G are understood", Set: fileSize(&o.maxSize)},
		{Name: "dump-header", Short: "D", Value: "FILE", Usage: "write the headers to FILE", Set: cli.NonEmpty(&o.heads)},
		{Name: "include", Short: "i", Usage: "write the headers before the body", Set: cli.Switch(&o.include)},
		{Name: "cookie-jar", Short: "c", Value: "FILE", Usage: "keep cookies, and write them to a Netscape cookie file", Set: cli.NonEmpty(&o.jar)},
		{Name: "write-out", Short: "w", Value: "FORMAT", Usage: "print at the end, %{NAME} replaced: " + strings.Join(writeOutNames, " "), Set: cli.NonEmpty(&o.writeOut)},
		{Name: "meta", Value: "FILE", Usage: "write what is known of the fetch to FILE, as one JSON object", Set: cli.NonEmpty(&o.meta)},
		{Name: "fail", Short: "f", Usage: "exit 22, without the body, when the target answers 400 or more", Set: cli.Switch(&o.fail)},
		{Name: "fail-with-body", Usage: "exit 22, with the body", Set: cli.Switch(&o.failWithBody)},
	})
}

// check makes sure, before any request, that all outputs can be written, and settles
// the file's name. rawURL is what -O takes the name from.
func (o *outputFlags) check(rawURL string, json bool) error {
	if o.remoteName {
		if err := o.nameAfter(rawURL); err != nil {
			return err
		}
	}
	if err := o.placeFile(); err != nil {
		return err
	}
	files := []struct{ flag, name string }{{"-o", o.file}, {"-D", o.heads}, {"-c", o.jar}, {"--meta", o.meta}}
	named := map[string]string{}
	for _, f := range files {
		switch {
		case f.name == "":
			continue
		case f.name == "-" && json:
			return fmt.Errorf("--json prints one document on stdout: %s needs a file, not -", f.flag)
		case f.name == "-":
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
	return o.checkJSON(json)
}

// checkJSON refuses what would stand on stdout beside the one document.
func (o *outputFlags) checkJSON(json bool) error {
	switch {
	case json && o.writeOut != "":
		return errors.New("--json and -w do not go together: the document holds what -w prints")
	case json && o.include && o.file == "":
		return errors.New("--json and -i do not go together: the document holds the headers")
	}
	return nil
}

// nameAfter takes the file's name from the end of the URL's path, as curl does.
func (o *outputFlags) nameAfter(rawURL string) error {
	if o.file != "" {
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
		return fmt.Errorf("%q, where the URL ends, is no file name for -O: name one with -o FILE", name)
	}
	o.file = name
	return nil
}

// writtenInPlace reports whether several outputs may share a path.
func writtenInPlace(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.Mode().IsRegular()
}

// toStdout reports whether the body goes to stdout.
func (o *outputFlags) toStdout() bool { return o.file == "" || o.file == "-" }

// refuses reports whether an answer's status ends the fetch with exit code 22.
func (o *outputFlags) refuses(status int) bool {
	return (o.fail || o.failWithBody) && status >= 400
}

// parseWriteOut reads -w, from a file where it begins with an @.
func (o *outputFlags) parseWriteOut(stdin *term.Stdin) (writeOut, error) {
	format := o.writeOut
	if name, isFile := strings.CutPrefix(format, "@"); isFile {
		content, err := curl.ReadSmall(stdin, name, "-w @"+name)
		if err != nil {
			return nil, err
		}
		format = string(content)
	}
	return parseWriteOut(format)
}
