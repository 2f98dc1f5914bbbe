package commands

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// writeOutNames are the variables of -w.
var writeOutNames = []string{"http_code", "size_download", "time_total", "url_effective", "redirect_url", "session", "ip", "waited", "attempts"}

// writeOut is the text of -w, parsed: pieces of text, and names of variables
// between them.
type writeOut []writeOutPart

type writeOutPart struct {
	text     string
	variable string // empty: text
}

// parseWriteOut reads curl's format: %{name}, %% for a percent sign, and \n \r \t.
// A variable that is none is an error, told before anything is sent.
func parseWriteOut(format string) (writeOut, error) {
	var parts writeOut
	var text strings.Builder
	for len(format) > 0 {
		name, rest, isVariable := cutVariable(format)
		if isVariable {
			if !slices.Contains(writeOutNames, name) {
				return nil, fmt.Errorf("%q is no variable of -w; those are %s", name, strings.Join(writeOutNames, " "))
			}
			parts = append(parts, writeOutPart{text: text.String()}, writeOutPart{variable: name})
			text.Reset()
			format = rest
			continue
		}
		n, out := escape(format)
		text.WriteString(out)
		format = format[n:]
	}
	return append(parts, writeOutPart{text: text.String()}), nil
}

func cutVariable(s string) (name, rest string, ok bool) {
	after, ok := strings.CutPrefix(s, "%{")
	if !ok {
		return "", "", false
	}
	return strings.Cut(after, "}")
}

// escape gives what the beginning of s stands for, and how long that is.
func escape(s string) (n int, out string) {
	for _, e := range [...][2]string{{"%%", "%"}, {`\n`, "\n"}, {`\r`, "\r"}, {`\t`, "\t"}} {
		if strings.HasPrefix(s, e[0]) {
			return 2, e[1]
		}
	}
	return 1, s[:1]
}

// format fills the variables in. Unknown values are empty, the status 000, as curl
// has it.
func (w writeOut) format(r *fetchReport) string {
	var b strings.Builder
	for _, part := range w {
		if part.variable == "" {
			b.WriteString(part.text)
		} else {
			b.WriteString(r.variable(part.variable))
		}
	}
	return b.String()
}

// variable gives the value of a variable of -w.
func (r *fetchReport) variable(name string) string {
	switch name {
	case "http_code":
		return fmt.Sprintf("%03d", r.Status)
	case "size_download":
		return strconv.FormatInt(r.Bytes, 10)
	case "time_total":
		return seconds(r.Elapsed)
	case "url_effective":
		return r.EffectiveURL
	case "redirect_url":
		return r.redirectURL
	case "session":
		return r.Session
	case "ip":
		return r.IP
	case "waited":
		return seconds(r.Waited)
	default: // attempts
		return strconv.Itoa(r.Attempts)
	}
}

func seconds(s float64) string { return strconv.FormatFloat(s, 'f', 6, 64) }
