package answer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// writeOutNames are the variables of -w.
var writeOutNames = []string{
	"http_code", "response_code", "content_type", "size_download", "size_upload", "time_total", "time_starttransfer", "num_redirects",
	"url_effective", "redirect_url", "session", "ip", "waited", "attempts", "json",
}

// WriteOut is the text of -w, parsed: pieces of text, and names of variables
// between them.
type WriteOut []writeOutPart

type writeOutPart struct {
	text     string
	variable string // empty: text
	header   string // of %header{NAME}; empty: not one
}

// parseWriteOut reads curl's format: %{name}, %header{name}, %% for a percent sign, and
// \n \r \t.
// A variable that is none is an error, told before anything is sent.
func parseWriteOut(format string) (WriteOut, error) {
	var parts WriteOut
	var text strings.Builder
	for len(format) > 0 {
		name, rest, isVariable := cutVariable(format)
		if isVariable {
			if !slices.Contains(writeOutNames, name) {
				return nil, fmt.Errorf("%q is not a variable of -w; those are %s header{NAME}", name, strings.Join(writeOutNames, " "))
			}
			parts = append(parts, writeOutPart{text: text.String()}, writeOutPart{variable: name})
			text.Reset()
			format = rest
			continue
		}
		if header, rest, is := cutHeaderVariable(format); is {
			parts = append(parts, writeOutPart{text: text.String()}, writeOutPart{header: header})
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

func cutHeaderVariable(s string) (name, rest string, ok bool) {
	after, ok := strings.CutPrefix(s, "%header{")
	if !ok {
		return "", "", false
	}
	name, rest, ok = strings.Cut(after, "}")
	return name, rest, ok && name != ""
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

// Format fills the variables in, each passed through show. Unknown values are empty,
// the status 000, as curl has it.
func (w WriteOut) Format(r *Report, show func(string) string) string {
	var b strings.Builder
	for _, part := range w {
		switch {
		case part.header != "":
			b.WriteString(show(r.Headers.Get(part.header)))
		case part.variable != "":
			b.WriteString(show(r.variable(part.variable)))
		default:
			b.WriteString(part.text)
		}
	}
	return b.String()
}

// variable gives the value of a variable of -w.
func (r *Report) variable(name string) string {
	switch name {
	case "http_code", "response_code":
		return fmt.Sprintf("%03d", r.Status)
	case "content_type":
		return r.Headers.Get("Content-Type")
	case "size_download":
		return strconv.FormatInt(r.Bytes, 10)
	case "size_upload":
		return strconv.FormatInt(r.uploaded, 10)
	case "time_total":
		return seconds(r.Elapsed)
	case "time_starttransfer":
		return seconds(r.answered.Seconds())
	case "num_redirects":
		return strconv.Itoa(r.redirects)
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
	case "attempts":
		return strconv.Itoa(r.Attempts)
	default: // json
		return r.variables()
	}
}

// variables are all of them as one JSON object; numbers are numbers.
func (r *Report) variables() string {
	var b strings.Builder
	for _, name := range writeOutNames {
		if name == "json" {
			continue
		}
		value := []byte(r.variable(name))
		switch name {
		case "http_code", "response_code":
			value = []byte(strconv.Itoa(r.Status))
		case "content_type", "url_effective", "redirect_url", "session", "ip":
			value, _ = json.Marshal(string(value))
		}
		fmt.Fprintf(&b, ",%q:%s", name, value)
	}
	return "{" + strings.TrimPrefix(b.String(), ",") + "}"
}

func seconds(s float64) string { return strconv.FormatFloat(s, 'f', 6, 64) }
