package term

import "strings"

// HeadLine colours a line of the head of a request or an answer: the status by its
// class, and the names of headers. The line must be safe to show.
func (s Styles) HeadLine(line string) string {
	if name, value, isHeader := strings.Cut(line, ":"); isHeader && !strings.Contains(name, " ") {
		return s.Name(name) + ":" + value
	}
	fields := strings.Fields(line)
	switch {
	case len(fields) < 2 || !strings.HasPrefix(fields[0], "HTTP/"):
		return s.Head(line)
	case fields[1] >= "4":
		return s.Bad(line)
	}
	return s.Good(line)
}

// traceLine colours a line of -v, by the mark that it begins with.
func (s Styles) traceLine(line string) string {
	switch mark, rest, _ := strings.Cut(line, " "); mark {
	case "<", ">":
		return s.Faint(mark) + " " + s.HeadLine(rest)
	case "*":
		return s.Faint(line)
	}
	return line
}
