package process

import "os"

// forwarded only keeps smp alive on Ctrl-C: the console hands it to every
// process attached to it, COMMAND among them.
var forwarded = []os.Signal{os.Interrupt}

func deliveredByTerminal(os.Signal) bool { return true }

func endCode(state *os.ProcessState) int { return state.ExitCode() }
