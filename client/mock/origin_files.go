package mock

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path"
	"strings"

	"smp/client/authority"
)

// Files returns a target that answers with the files of dir by host and path:
// http://example.com/a/b is dir/example.com/a/b. A path that ends in a slash,
// or names a directory, is the index.html in it. The port does not matter.
// Directories are never listed, and nothing outside of dir is reached, through
// symbolic links neither.
//
// The error says why dir cannot be opened. It stays open as long as the
// handler lives.
func Files(dir string) (http.Handler, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() { // OpenRoot would block on a FIFO
		return nil, &fs.PathError{Op: "open", Path: dir, Err: errors.New("not a directory")}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return files{root.FS()}, nil
}

type files struct{ fs.FS }

func (f files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "files can only be fetched", http.StatusMethodNotAllowed)
		return
	}
	host, err := fileHost(r.Host)
	if err != nil {
		badRequest(w, "%v", err)
		return
	}
	name, info, err := f.find(host, r.URL.Path)
	if err != nil {
		http.Error(w, fmt.Sprintf("no file for %q on %s", r.URL.Path, host), http.StatusNotFound)
		return
	}
	if info.IsDir() {
		w.Header().Set("Location", path.Base(name)+"/")
		w.WriteHeader(http.StatusMovedPermanently)
		return
	}
	f.serve(w, r, name, info)
}

// find returns the regular file, or the directory that was named without a
// slash. It opens nothing: a FIFO would make the request wait for ever.
func (f files) find(host, urlPath string) (name string, info fs.FileInfo, err error) {
	name = path.Join(host, path.Clean("/"+urlPath))
	slash := strings.HasSuffix(urlPath, "/") || urlPath == ""
	if slash {
		name = path.Join(name, "index.html")
	}
	info, err = fs.Stat(f.FS, name) // which knows how to: f has only its Open
	if err != nil {
		return "", nil, err
	}
	if info.Mode().IsRegular() || info.IsDir() && !slash {
		return name, info, nil
	}
	return "", nil, fs.ErrNotExist
}

func (f files) serve(w http.ResponseWriter, r *http.Request, name string, info fs.FileInfo) {
	file, err := f.Open(name)
	if err != nil {
		http.Error(w, fmt.Sprintf("%q cannot be read", r.URL.Path), http.StatusForbidden)
		return
	}
	defer file.Close()
	content, ok := file.(io.ReadSeeker)
	if !ok {
		panic("mock: a file of an os.Root cannot seek")
	}
	http.ServeContent(w, r, name, info.ModTime(), content)
}

// fileHost is the directory of a target, its host without the port.
func fileHost(hostport string) (string, error) {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	name, err := authority.CanonicalHost(host)
	return name, err
}
