package commands

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"

	"smp/client"
	"smp/client/paced"
)

// conclude prints what comes after the answer: -w, --meta and --json. failed is
// what the fetch ended with.
func (d *delivery) conclude(ctx context.Context, failed error) error {
	var errs []error
	if printsWriteOut(failed) {
		errs = append(errs, d.app.out.Text(ctx, d.plan.writeOut.format(d.report, d.app.shown)))
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
	if d.output.meta == "" {
		return nil
	}
	document, err := d.report.MarshalJSON()
	if err != nil {
		return err
	}
	var to sink
	defer to.close()
	if err := to.open(ctx, d.app.out, d.output.meta); err != nil {
		return err
	}
	if err := to.write(ctx, string(document)+"\n"); err != nil {
		return err
	}
	return to.commit()
}

// printJSON prints the report, with the body as its last member where there is one.
func (d *delivery) printJSON(ctx context.Context) error {
	if d.inline == nil || !d.whole {
		return d.app.out.PrintJSON(ctx, d.report)
	}
	if !d.inline.large() {
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
	if err := d.inline.writeMember(w); err != nil {
		return err
	}
	_, err = w.Write([]byte("}"))
	return err
}
