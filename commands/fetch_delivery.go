package commands

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"smp/client"
	"smp/client/paced"
	"smp/commands/answer"
	"smp/commands/cli"
	"smp/commands/term"
)

// delivery writes one answer to the outputs that the flags name.
type delivery struct {
	*fetchOptions
	plan    *fetchPlan
	result  *paced.Result
	report  *answer.Report
	digest  bool               // a digest of the body is wanted
	body    *answer.Tally      // what was passed on of the body
	inline  *answer.InlineBody // the body for the document of --json; nil where it goes elsewhere
	whole   bool               // all of it was passed on
	visible bool               // bytes reached an output that cannot be undone, such as stdout
}

func newDelivery(o *fetchOptions, plan *fetchPlan, result *paced.Result) *delivery {
	d := &delivery{
		fetchOptions: o, plan: plan, result: result,
		report: answer.NewReport(plan.url, result, plan.uploaded()),
		digest: o.app.out.JSON || o.output.Meta != "",
		body:   &answer.Tally{},
	}
	if o.app.out.JSON && o.output.ToStdout() {
		d.inline = &answer.InlineBody{}
	}
	return d
}

// deliver writes the answer. Files appear when all of it is there; if it breaks off, a
// part may be on stdout.
func (d *delivery) deliver(ctx context.Context) error {
	resp := d.result.Response
	defer resp.Body.Close()

	var heads, body answer.Sink
	defer func() {
		d.visible = heads.Visible || body.Visible
		heads.Close()
		body.Close()
	}()
	if err := heads.Open(ctx, d.app.out, d.output.DumpHeader); err != nil {
		return err
	}
	if err := heads.WriteText(ctx, d.heads(d.output.DumpHeader)); err != nil {
		return err
	}
	failing := d.output.Refuses(resp.Status)
	if err := d.prepare(resp, !failing || d.output.FailWithBody); err != nil {
		return err
	}
	if err := d.passOn(ctx, &body, !failing || d.output.FailWithBody); err != nil {
		return err
	}
	if err := errors.Join(body.Commit(), heads.Commit(), d.writeJar(ctx)); err != nil {
		return err
	}
	if d.whole && body.File != nil {
		if err := d.output.SetTime(resp.Header); err != nil {
			return err
		}
	}
	if !failing {
		return nil
	}
	return &exitError{code: exitStatus, err: fmt.Errorf("%s %s: the target answered %d %s",
		d.plan.job.Request.Method, d.result.EffectiveURL.Redacted(), resp.Status, resp.Reason)}
}

// prepare settles, once the head is there, where the body goes and whether it may.
func (d *delivery) prepare(resp *client.Response, withBody bool) error {
	if !withBody {
		return nil
	}
	if err := d.output.NameByHeader(resp.Header); err != nil {
		return cli.Usagef("%v", err)
	}
	if err := d.output.TooLong(resp.Length); err != nil {
		return err
	}
	resp.Body = d.output.Limit(resp.Body)
	return d.readable(resp)
}

// passOn writes the body, and the headers before it where -i or -I asks. Without
// the body, headers still go to stdout, and a file stays as it is.
func (d *delivery) passOn(ctx context.Context, to *answer.Sink, withBody bool) (err error) {
	name := cmp.Or(d.output.Output, "-")
	if withBody && d.inline != nil {
		d.body, err = answer.Copy(d.inline, d.result.Response.Body, d.digest)
		d.whole = err == nil
		return err
	}
	if !withBody && (name != "-" || d.app.out.JSON) {
		return nil
	}
	if err := to.Open(ctx, d.app.out, name); err != nil {
		return err
	}
	if d.output.Include || d.request.Head {
		if err := to.WriteText(ctx, d.heads(name)); err != nil {
			return err
		}
	}
	if !withBody {
		return nil
	}
	d.body, err = to.Copy(ctx, d.result.Response.Body, d.digest)
	d.whole = err == nil
	return err
}

// heads are the heads of all answers for the output named, with control characters
// escaped for a terminal.
func (d *delivery) heads(name string) string {
	text := d.plan.heads.With(d.result.Response)
	if name != "-" || !d.app.out.Stream.Terminal {
		return text
	}
	lines := strings.Split(text, "\r\n")
	for i := range lines {
		lines[i] = d.app.out.Style.HeadLine(term.EscapeControls(lines[i]))
	}
	return strings.Join(lines, "\r\n")
}

func (d *delivery) writeJar(ctx context.Context) error {
	if d.output.CookieJar == "" {
		return nil
	}
	var to answer.Sink
	defer to.Close()
	if err := to.Open(ctx, d.app.out, d.output.CookieJar); err != nil {
		return err
	}
	save := func(w io.Writer) (*answer.Tally, error) { return nil, d.plan.jar.Save(w) }
	if _, err := to.Fill(ctx, save); err != nil {
		return err
	}
	return to.Commit()
}

// close removes what the delivery kept of the body.
func (d *delivery) close() {
	if d.inline != nil {
		d.inline.Close()
	}
}
