package commands

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"

	"smp/client"
	"smp/client/paced"
	"smp/commands/answer"
)

// conclude prints what comes after the answer: -w, --meta and --json. failed is
// what the fetch ended with.
func (d *delivery) conclude(ctx context.Context, failed error) error {
	var errs []error
	if printsWriteOut(failed) {
		errs = append(errs, d.app.out.Text(ctx, d.plan.writeOut.Format(d.report, d.app.shown)))
	}
	errs = append(errs, d.writeMeta(ctx))
	if d.app.out.JSON {
		errs = append(errs, d.printJSON(ctx))
	}
	return errors.Join(errs...)
}

// printsWriteOut reports whether -w is printed. curl always prints it; here stdout stays
// empty if the service refused or nothing was sent.
func printsWriteOut(failed error) bool {
	if failed == nil {
		return true
	}
	if exit, ok := errors.AsType[*exitError](failed); ok {
		return exit.code == exitStatus
	}
	if exchange, ok := errors.AsType[*client.Error](failed); ok {
		return exchange.Status == 0
	}
	_, ok := errors.AsType[*paced.RedirectError](failed)
	return ok
}

func (d *delivery) writeMeta(ctx context.Context) error {
	if d.output.Meta == "" {
		return nil
	}
	document, err := d.report.MarshalJSON()
	if err != nil {
		return err
	}
	var to answer.Sink
	defer to.Close()
	if err := to.Open(ctx, d.app.out, d.output.Meta); err != nil {
		return err
	}
	if err := to.WriteText(ctx, string(document)+"\n"); err != nil {
		return err
	}
	return to.Commit()
}

// printJSON prints the report, with the body as its last member where there is one.
func (d *delivery) printJSON(ctx context.Context) error {
	if d.inline == nil || !d.whole {
		return d.app.out.PrintJSON(ctx, d.report)
	}
	if !d.inline.Large() {
		var document bytes.Buffer
		if err := d.writeDocument(&document); err != nil {
			return err
		}
		return d.app.out.PrintJSON(ctx, json.RawMessage(document.Bytes()))
	}
	out := bufio.NewWriter(d.app.out.Writer(ctx))
	if err := d.writeDocument(d.app.out.JSONWriter(out)); err != nil {
		return err
	}
	return errors.Join(out.WriteByte('\n'), out.Flush())
}

func (d *delivery) writeDocument(w io.Writer) error {
	report, err := d.report.MarshalJSON()
	if err != nil {
		return err
	}
	if _, err := w.Write(append(bytes.TrimSuffix(report, []byte("}")), ',')); err != nil {
		return err
	}
	if err := d.inline.WriteMember(w); err != nil {
		return err
	}
	_, err = w.Write([]byte("}"))
	return err
}

// fail adds the error to the report. Its message is the whole answer of the service if there is one.
func (d *delivery) fail(ctx context.Context, err error) {
	r, a := d.report, d.app
	if r.Error = a.errorJSON(ctx, err); err == nil {
		return
	}
	if answer, ok := errors.AsType[*client.Error](err); ok && len(answer.Body) > 0 {
		r.Error.Message = a.messages.Redact(string(answer.Body))
	}
	if exit, ok := errors.AsType[*exitError](err); ok && exit.code == exitStatus {
		r.Error.Status = r.Status
	}
	if redirect, ok := errors.AsType[*paced.RedirectError](err); ok {
		r.Status = redirect.Status
	}
	r.Error.Session = cmp.Or(r.Error.Session, r.Session)
}
