package curl

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"smp/client"
)

// maxJarLine bounds a line of a cookie file.
const maxJarLine = 64 << 10

// byteOrderMark is what some editors put at the start of a UTF-8 file.
const byteOrderMark = "\ufeff"

// httpOnlyMark stands before the domain of a cookie that scripts may not see; to
// older readers such a line is a comment.
const httpOnlyMark = "#HttpOnly_"

// Load adds the cookies of a Netscape cookie file, as curl and browsers write them:
// seven fields with tabs between. A line of another form is an error, so that a file
// of another kind is noticed.
func (j *Jar) Load(r io.Reader) error {
	now := time.Now()
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxJarLine)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if n == 1 {
			line = strings.TrimPrefix(line, byteOrderMark)
		}
		line = strings.TrimLeft(line, " \t")
		if line == "" || strings.HasPrefix(line, "#") && !strings.HasPrefix(line, httpOnlyMark) {
			continue
		}
		if strings.ContainsRune(line, 0) {
			return errors.New("it is UTF-16 or binary: save it as UTF-8 text")
		}
		c, err := parseJarLine(line)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		c.loaded = true
		j.mu.Lock()
		j.put(c, now)
		j.mu.Unlock()
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return errors.New("a line is longer than 64 KiB: this is no Netscape cookie file")
	} else if err != nil {
		return err
	}
	return nil
}

var errJarLine = errors.New("this is no line of a Netscape cookie file: seven fields with tabs between")

// parseJarLine reads "domain, subdomains, path, secure, expires, name, value". The
// value may be missing where it is empty.
func parseJarLine(line string) (*jarCookie, error) {
	line, httpOnly := strings.CutPrefix(line, httpOnlyMark)
	fields := strings.Split(line, "\t")
	if len(fields) == 6 {
		fields = append(fields, "")
	}
	if len(fields) != 7 || !httpguts.ValidHeaderFieldValue(line) {
		return nil, errJarLine
	}
	subdomains, ok := jarBool(fields[1])
	secure, ok2 := jarBool(fields[3])
	expires, ok3 := jarTime(fields[4])
	domain, err := client.ASCIIHost(strings.TrimPrefix(fields[0], "."))
	if !ok || !ok2 || !ok3 || err != nil {
		return nil, errJarLine
	}
	c := &jarCookie{
		domain:     domain,
		subdomains: subdomains,
		path:       fields[2],
		secure:     secure,
		httpOnly:   httpOnly,
		name:       fields[5],
		value:      fields[6],
		expires:    expires,
	}
	if c.domain == "" || c.name == "" || !strings.HasPrefix(c.path, "/") {
		return nil, errJarLine
	}
	return c, nil
}

// lastJarTime is the end of the year 9999, in seconds.
const lastJarTime = 253402300799

// jarTime reads the time of expiry: seconds, which some programs write with a fraction.
// 0 and nothing at all mean until the browser closes (session cookie).
func jarTime(s string) (at time.Time, ok bool) {
	if s == "" {
		return time.Time{}, true
	}
	seconds, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil || seconds != seconds:
		return time.Time{}, false
	case seconds == 0:
		return time.Time{}, true
	}
	return time.Unix(int64(min(max(seconds, -1), lastJarTime)), 0), true
}

func jarBool(s string) (value, ok bool) {
	return strings.EqualFold(s, "TRUE"), strings.EqualFold(s, "TRUE") || strings.EqualFold(s, "FALSE")
}

// Save writes the cookies that have not expired as a Netscape cookie file.
func (j *Jar) Save(w io.Writer) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	b := bufio.NewWriter(w)
	b.WriteString("# Netscape HTTP Cookie File\n# Written by smp; curl and browsers read it too.\n\n")
	now := time.Now()
	for _, c := range j.all(now) {
		b.WriteString(c.line())
	}
	return b.Flush()
}

func (c *jarCookie) line() string {
	domain := c.domain
	if c.subdomains {
		domain = "." + domain
	}
	if c.httpOnly {
		domain = httpOnlyMark + domain
	}
	var expires int64
	if !c.expires.IsZero() {
		expires = c.expires.Unix()
	}
	return fmt.Sprintf("%s\t%s\t%s\t%s\t%d\t%s\t%s\n", domain, jarWord(c.subdomains), c.path, jarWord(c.secure), expires, c.name, c.value)
}

func jarWord(b bool) string {
	if b {
		return "TRUE"
	}
	return "FALSE"
}
