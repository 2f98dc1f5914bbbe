package commands

import "slices"

const (
	poolGroup  = "Pool"
	batchAbout = `FILE holds a URL per line, or a JSON object {"url", "method", "headers", "body",
"id"}; blank lines and those that begin with # are skipped. Sessions are made as
lines need them, never more than --sessions, and are deleted at the end. A line
that fails is tried again in another session where that can help.

With --output-dir the bodies are files in DIR, and DIR/results.jsonl holds a JSON
object for each line as it is finished; --resume goes on where an earlier run
ended, however it ended. Without it the objects, bodies inside, go to stdout.

Exit code 8 says that the batch finished and some lines failed.`
)

var batchExamples = []example{
	{"smp batch --sessions 20 --output-dir pages urls.txt", "fetch a list into a directory"},
	{"smp batch --sessions 20 --output-dir pages --resume urls.txt", "go on after a crash, or try again what failed"},
	{"smp batch --dry-run --deadline 1h urls.txt", "how long it takes, and how many sessions for an hour"},
	{"smp batch - <urls.txt | jq -r 'select(.error == null) | .body'", "results on stdout"},
}

func (o *batchOptions) poolFlags() []flag {
	return grouped(poolGroup, []flag{
		{name: "sessions", value: "N", def: "10", usage: "make up to N sessions, and delete them at the end", set: whole(&o.sessions, 1)},
		{name: "session", value: "ID", env: "SMP_SESSION", usage: "use this session, an id or @NAME; repeat it for more", set: list(&o.given)},
		{name: "unpaced", usage: "do not wait for slots", set: on(&o.unpaced)},
	})
}

// ruleFlags are those of a fetch, but a batch always replaces what is dead.
func (o *batchOptions) ruleFlags() []flag {
	flags := slices.DeleteFunc(o.follow.flags(), func(f flag) bool { return f.name == "on-dead" })
	retry := findFlag(flags, "retry")
	retry.usage, retry.def = "try a line again, up to N times", "2"
	return flags
}

func (o *batchOptions) outputFlags() []flag {
	deadline := func(s string) error {
		d, err := parseDuration(s)
		o.deadline = &d
		return err
	}
	return grouped(outputGroup, []flag{
		{name: "output-dir", value: "DIR", usage: "keep bodies as files in DIR, and results in DIR/results.jsonl", set: nonEmpty(&o.outputDir)},
		{name: "resume", usage: "leave out the lines that have a success in DIR", set: on(&o.resume)},
		{name: "fail", short: "f", usage: "a target's answer of 400 and more is a failure", set: on(&o.fail)},
		{name: "dry-run", usage: "print the plan and ask nobody", set: on(&o.dryRun)},
		{name: "deadline", value: "D", usage: "with --dry-run: how many sessions finish within D", set: deadline},
	})
}
