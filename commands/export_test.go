package commands

// HelpLines gives the example lines in the help of each command.
func HelpLines() map[string][]string {
	lines := map[string][]string{}
	for _, e := range all() {
		for _, x := range e.make(newApp(Env{}, all())).examples {
			lines[e.name] = append(lines[e.name], x.line)
		}
	}
	return lines
}
