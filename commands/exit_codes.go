package commands

import (
	"smp/client"
	"smp/commands/process"
)

// Exit codes. exitCodeTable says what they mean.
const (
	exitUnforeseen  = 1
	exitUsage       = 2
	exitCredentials = 3
	exitSession     = 4
	exitLater       = 5
	exitUpstream    = 6
	exitNetwork     = 7
	exitLines       = 8 // a batch finished, and some of its lines failed
	exitVerdict     = 9 // of mock --check
	exitHopeless    = 10
	exitStatus      = 22 // --fail

	// Of a command that runs another one, as env, timeout and nohup have them.
	exitNotStarted = process.CodeNotStarted
	exitSignal     = process.CodeSignal // plus the number of the signal that smp, or COMMAND, died of
)

// classExitCodes gives each class of failed exchanges its exit code.
var classExitCodes = map[client.Class]int{
	client.Unforeseen:  exitUnforeseen,
	client.Credentials: exitCredentials,
	client.SessionDead: exitSession,
	client.Later:       exitLater,
	client.Upstream:    exitUpstream,
	client.Network:     exitNetwork,
	client.Hopeless:    exitHopeless,
}

// exitCode is an exit code and what it means, as the manual page tells it.
type exitCode struct{ code, meaning string }

// exitCodeTable lists all of them, in order.
func exitCodeTable() []exitCode {
	return []exitCode{
		{"0", "Done. A target's own 404 is data, and exit 0 without --fail."},
		{"1", "Anything unforeseen; /sessions answered as no sessions API does; stdout cannot be written; too many redirects."},
		{"2", "Usage: a flag, an argument, the configuration, unreadable input, unwritable output, no usable state directory."},
		{"3", "Credentials or plan: no API key, or the service does not accept it, or not for this."},
		{"4", "The session is unusable: another one works."},
		{"5", "Come back later: a limit of the service, or --max-wait exceeded."},
		{"6", "The proxy could not fetch it; another try or session may."},
		{"7", "The endpoint could not be reached, or the exchange broke."},
		{"8", "A batch finished with failed lines."},
		{"9", "smp mock --check: requests came too early."},
		{"10", "It will not work as asked, however often."},
		{"22", "--fail, and the target answered 400 or more."},
		{"125, 126, 127, 128+N", "mock --, session run -- and exec --: smp failed before it ran COMMAND, COMMAND cannot be executed, it is not there, " +
			"signal N killed it; else COMMAND's own."},
		{"130, 143", "SIGINT, SIGTERM."},
	}
}
