package commands

// HelpLines gives the example lines in the help of each command, and of the program
// under no name.
func HelpLines() map[string][]string {
	lines := map[string][]string{}
	for _, x := range firstSteps() {
		lines[""] = append(lines[""], x.Line)
	}
	for _, e := range all() {
		for _, x := range e.make(newApp(Env{}, all())).Examples {
			lines[e.name] = append(lines[e.name], x.Line)
		}
	}
	return lines
}
