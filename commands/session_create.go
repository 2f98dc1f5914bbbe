package commands

func newSessionCreate(a *app) *command  { return &command{name: "session create"} }
func newSessionList(a *app) *command    { return &command{name: "session list"} }
func newSessionDelete(a *app) *command  { return &command{name: "session delete"} }
func newSessionForget(a *app) *command  { return &command{name: "session forget"} }
func newHelp(a *app) *command           { return &command{name: "help"} }
func (a *app) printHelp([]string) error { return nil }
