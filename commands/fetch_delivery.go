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
	"smp/commands/cli"
	"smp/commands/term"
)

// delivery writes one answer to the outputs that the flags name.
type delivery struct {
	*fetchOptions
	plan    *fetchPlan
	result  *paced.Result
	report  *fetchReport
	digest  bool        // a digest of the body is wanted
	body    *tally      // what was passed on of the body
	inline  *inlineBody // the body for the document of --json; nil where it goes elsewhere
	whole   bool        // all of it was passed on
	visible bool        // bytes reached an output that cannot be undone, such as stdout
}

func newDelivery(o *fetchOptions, plan *fetchPlan, result *paced.Result) *delivery {
	d := &delivery{
		fetchOptions: o, plan: plan, result: result,
		report: newFetchReport(plan.url, result, plan.uploaded()),
		digest: o.app.out.JSON || o.output.meta != "",
		body:   &tally{},
	}
	if o.app.out.JSON && o.output.toStdout() {
		d.inline = &inlineBody{}
	}
	return d
}

// deliver writes the answer. Files appear when all of it is there; if it breaks off, a
// part may be on stdout.
func (d *delivery) deliver(ctx context.Context) error {
	resp := d.result.Response
	defer resp.Body.Close()

	var heads, body sink
	defer func() {
		d.visible = heads.visible || body.visible
		heads.close()
		body.close()
	}()
	if err := heads.open(ctx, d.app.out, d.output.heads); err != nil {
		return err
	}
	if err := heads.write(ctx, d.heads(d.output.heads)); err != nil {
		return err
	}
	failing := d.output.refuses(resp.Status)
	if err := d.prepare(resp, !failing || d.output.failWithBody); err != nil {
		return err
	}
	if err := d.passOn(ctx, &body, !failing || d.output.failWithBody); err != nil {
		return err
	}
	if err := errors.Join(body.commit(), heads.commit(), d.writeJar(ctx)); err != nil {
		return err
	}
	if d.whole && body.file != nil {
		if err := d.output.setTime(resp.Header); err != nil {
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
	if err := d.output.nameByHeader(resp.Header); err != nil {
		return cli.Usagef("%v", err)
	}
	if err := d.output.tooLong(resp.Length); err != nil {
		return err
	}
	if d.output.maxSize > 0 {
		resp.Body = &limitedBody{ReadCloser: resp.Body, flags: &d.output}
	}
	return d.readable(resp)
}

// passOn writes the body, and the headers before it where -i or -I asks. Without
// the body, headers still go to stdout, and a file stays as it is.
func (d *delivery) passOn(ctx context.Context, to *sink, withBody bool) (err error) {
	name := cmp.Or(d.output.file, "-")
	if withBody && d.inline != nil {
		d.body, err = pass(d.inline, d.result.Response.Body, d.digest)
		d.whole = err == nil
		return err
	}
	if !withBody && (name != "-" || d.app.out.JSON) {
		return nil
	}
	if err := to.open(ctx, d.app.out, name); err != nil {
		return err
	}
	if d.output.include || d.request.Head {
		if err := to.write(ctx, d.heads(name)); err != nil {
			return err
		}
	}
	if !withBody {
		return nil
	}
	d.body, err = to.pass(ctx, d.result.Response.Body, d.digest)
	d.whole = err == nil
	return err
}

// heads are the heads of all answers for the output named, with control characters
// escaped for a terminal.
func (d *delivery) heads(name string) string {
	text := d.plan.heads.with(d.result.Response)
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
	if d.output.jar == "" {
		return nil
	}
	var to sink
	defer to.close()
	if err := to.open(ctx, d.app.out, d.output.jar); err != nil {
		return err
	}
	save := func(w io.Writer) (*tally, error) { return nil, d.plan.jar.Save(w) }
	if _, err := to.fill(ctx, save); err != nil {
		return err
	}
	return to.commit()
}

// close removes what the delivery kept of the body.
func (d *delivery) close() {
	if d.inline != nil {
		d.inline.close()
	}
}
