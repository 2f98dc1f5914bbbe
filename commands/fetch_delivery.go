package commands

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"smp/client"
	"smp/client/paced"
)

// exitStatus is the exit code of --fail.
const exitStatus = 22

// delivery passes one answer on to where the flags say.
type delivery struct {
	*fetchOptions
	plan   *fetchPlan
	result *paced.Result
	report *fetchReport
	body   *tally
	inline *inlineBody // the body for the document of --json; nil where it goes elsewhere
	whole  bool        // inline holds all of it
}

func newDelivery(o *fetchOptions, plan *fetchPlan, result *paced.Result) *delivery {
	json := o.app.out.json
	d := &delivery{
		fetchOptions: o, plan: plan, result: result,
		report: newFetchReport(plan.url, result),
		body:   newTally(json || o.output.meta != ""),
	}
	if json && o.output.toStdout() {
		d.inline = &inlineBody{}
	}
	return d
}

// deliver writes the answer. Files appear when all of it is there; a part of it
// may already be on stdout when it breaks off.
func (d *delivery) deliver(ctx context.Context) error {
	resp := d.result.Response
	defer resp.Body.Close()

	var heads, body sink
	defer func() { heads.close(); body.close() }()
	if err := heads.open(d.app.out, d.output.heads); err != nil {
		return err
	}
	if err := heads.write(d.heads(d.output.heads)); err != nil {
		return err
	}
	refused := d.output.refuses(resp.Status)
	if err := d.passOn(ctx, &body, !refused || d.output.failWithBody); err != nil {
		return err
	}
	if err := errors.Join(body.commit(), heads.commit(), d.writeJar()); err != nil || !refused {
		return err
	}
	return &exitError{code: exitStatus, err: fmt.Errorf("%s %s: the target answered %d %s",
		d.plan.job.Request.Method, d.result.EffectiveURL.Redacted(), resp.Status, resp.Reason)}
}

// passOn writes the body, and the headers before it where -i or -I asks. Without
// the body, headers still go to stdout, and a file stays as it is.
func (d *delivery) passOn(ctx context.Context, to *sink, withBody bool) error {
	name := cmp.Or(d.output.file, "-")
	if withBody && d.inline != nil {
		err := pass(d.inline, d.result.Response.Body, d.body)
		d.whole = err == nil
		return err
	}
	if !withBody && (name != "-" || d.app.out.json) {
		return nil
	}
	if err := to.open(d.app.out, name); err != nil {
		return err
	}
	if d.output.include || d.request.head {
		if err := to.write(d.heads(name)); err != nil {
			return err
		}
	}
	if !withBody {
		return nil
	}
	if to.file == nil {
		return passInterruptibly(ctx, to.w, d.result.Response.Body, d.body)
	}
	return pass(to.w, d.result.Response.Body, d.body)
}

// heads are the heads of all answers as they go to the output named. A terminal is
// not to obey what a server wrote into them.
func (d *delivery) heads(name string) string {
	text := heads(d.result)
	if name != "-" || !d.app.out.stream.Terminal {
		return text
	}
	lines := strings.Split(text, "\r\n")
	for i := range lines {
		lines[i] = escapeControls(lines[i])
	}
	return strings.Join(lines, "\r\n")
}

func (d *delivery) writeJar() error {
	if d.output.jar == "" {
		return nil
	}
	var to sink
	defer to.close()
	if err := to.open(d.app.out, d.output.jar); err != nil {
		return err
	}
	if err := d.plan.jar.write(to.w); err != nil {
		return err
	}
	return to.commit()
}

// conclude prints what comes after the answer: -w, --meta and --json. failed is
// what the fetch ended with.
func (d *delivery) conclude(failed error) error {
	var errs []error
	if printsWriteOut(failed) {
		_, err := io.WriteString(d.app.out, d.plan.writeOut.format(d.report))
		errs = append(errs, err)
	}
	errs = append(errs, d.writeMeta())
	if d.app.out.json {
		errs = append(errs, d.printJSON())
	}
	return errors.Join(errs...)
}

// printsWriteOut says whether -w is printed: with curl it always is, but nothing
// comes out on stdout where the service refused, or smp itself did not send.
func printsWriteOut(failed error) bool {
	if failed == nil {
		return true
	}
	if exit, ok := errors.AsType[*exitError](failed); ok {
		return exit.code == exitStatus
	}
	exchange, ok := errors.AsType[*client.Error](failed)
	return ok && exchange.Status == 0
}

func (d *delivery) writeMeta() error {
	if d.output.meta == "" {
		return nil
	}
	document, err := d.report.marshal()
	if err != nil {
		return err
	}
	var to sink
	defer to.close()
	if err := to.open(d.app.out, d.output.meta); err != nil {
		return err
	}
	if err := to.write(string(document) + "\n"); err != nil {
		return err
	}
	return to.commit()
}

// printJSON prints the report, with the body as its last member where there is one.
func (d *delivery) printJSON() error {
	if !d.whole {
		return d.app.out.printJSON(d.report)
	}
	if !d.inline.large() {
		var document bytes.Buffer
		if err := d.writeDocument(&document); err != nil {
			return err
		}
		return d.app.out.printJSON(json.RawMessage(document.Bytes()))
	}
	d.app.out.document = true
	out := bufio.NewWriter(d.app.out)
	if err := d.writeDocument(out); err != nil {
		return err
	}
	return errors.Join(out.WriteByte('\n'), out.Flush())
}

func (d *delivery) writeDocument(w io.Writer) error {
	report, err := d.report.marshal()
	if err != nil {
		return err
	}
	if _, err := w.Write(append(bytes.TrimSuffix(report, []byte("}")), ',')); err != nil {
		return err
	}
	if err := d.inline.writeMember(w); err != nil {
		return err
	}
	_, err = w.Write([]byte("}"))
	return err
}

// close ends what the delivery kept.
func (d *delivery) close() {
	if d.inline != nil {
		d.inline.close()
	}
}
