package commands

import "smp/commands/cli"

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

var batchExamples = []cli.Example{
	{Line: "smp batch --sessions 20 --output-dir pages urls.txt", Does: "fetch a list into a directory"},
	{Line: "smp batch --sessions 20 --output-dir pages --resume urls.txt", Does: "go on after a crash, or try again what failed"},
	{Line: "smp batch --dry-run --deadline 1h urls.txt", Does: "how long it takes, and how many sessions for an hour"},
	{Line: "smp batch - <urls.txt | jq -r 'select(.error == null) | .body'", Does: "results on stdout"},
}

func (o *batchOptions) poolFlags() []cli.Flag {
	return cli.Grouped(poolGroup, []cli.Flag{
		{Name: "sessions", Value: "N", Def: "10", Usage: "make up to N sessions, and delete them at the end", Set: cli.Whole(&o.sessions, 1)},
		{Name: "session", Value: "ID", Env: "SMP_SESSION", Usage: "use this session, an id or @NAME; repeat it for more", Set: cli.Texts(&o.given)},
		{Name: "unpaced", Usage: "do not wait for slots", Set: cli.Switch(&o.unpaced)},
	})
}

// ruleFlags are those of a fetch, less --on-dead: a batch replaces every dead session,
// and tries a line again when a session is ready.
func (o *batchOptions) ruleFlags() []cli.Flag {
	flags := cli.Without(o.follow.Declare(), "on-dead", "retry-delay", "retry-max-time")
	retry := cli.FindFlag(flags, "retry")
	retry.Usage, retry.Def = "try a line again, up to N times", "2"
	return flags
}

func (o *batchOptions) outputFlags() []cli.Flag {
	deadline := func(s string) error {
		d, err := cli.ParseDuration(s)
		o.deadline = &d
		return err
	}
	return cli.Grouped(outputGroup, []cli.Flag{
		{Name: "output-dir", Value: "DIR", Usage: "keep bodies as files in DIR, and results in DIR/results.jsonl", Set: cli.NonEmpty(&o.outputDir)},
		{Name: "resume", Usage: "leave out the lines that have a success in DIR", Set: cli.Switch(&o.resume)},
		{Name: "fail", Short: "f", Usage: "a target's answer of 400 and more is a failure", Set: cli.Switch(&o.fail)},
		{Name: "dry-run", Usage: "print the plan and ask nobody", Set: cli.Switch(&o.dryRun)},
		{Name: "deadline", Value: "D", Usage: "with --dry-run: how many sessions finish within D", Set: deadline},
	})
}
