package commands

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"smp/client/ledger"
)

// expiresSoon is how long before its end a certificate causes a warning.
const expiresSoon = 30 * 24 * time.Hour

// authorities checks the file of trusted CAs.
func (e *examination) authorities() {
	if e.config == nil || e.config.CACert == nil {
		return
	}
	s := e.config.Setting("cacert")
	f := finding{grade: gradeOK, name: s.Key, detail: s.Value, origin: s.Origin}
	valid, err := readAuthorities(e.config.CACert, time.Now())
	switch {
	case err != nil:
		f.grade, f.code, f.advice = gradeFail, exitUsage, "get the CA of the service anew, and give it: --cacert FILE"
		f.detail += ": " + err.Error()
	case time.Until(valid) < expiresSoon:
		f.grade, f.advice = gradeWarn, "get the new CA of the service in time"
		f.detail += ": it expires on " + valid.Format(time.DateOnly)
	default:
		f.detail += ", valid until " + valid.Format(time.DateOnly)
	}
	e.note(f)
}

// readAuthorities says until when some certificate in a PEM file is valid.
func readAuthorities(text []byte, now time.Time) (until time.Time, err error) {
	err = errors.New("it holds no PEM certificate")
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, broken := x509.ParseCertificate(block.Bytes)
		switch {
		case broken != nil:
			err = broken
		case now.After(cert.NotAfter):
			err = errors.New("it expired on " + cert.NotAfter.Format(time.DateOnly))
		case now.Before(cert.NotBefore):
			err = errors.New("it is not valid before " + cert.NotBefore.Format(time.DateOnly))
		case cert.NotAfter.After(until):
			until = cert.NotAfter
		}
	}
	if !until.IsZero() {
		err = nil
	}
	return until, err
}

// stateDir tries the directory of the ledgers.
func (e *examination) stateDir(ctx context.Context) {
	if e.config == nil {
		return
	}
	s := e.config.Setting("state_dir")
	dir, err := e.app.stateDir(e.config)
	const elsewhere = "keep it elsewhere: export SMP_STATE_DIR=DIR"
	if err != nil {
		e.unusable("state_dir", err, elsewhere)
		return
	}
	f := finding{grade: gradeOK, name: "state_dir", detail: dir, origin: cmp.Or(s.Origin, "default")}
	if best := ledger.UserDirs(e.app.env.lookup)[0]; s.Value == "" && dir != best {
		f.grade, f.advice = gradeWarn, "keep it where a restart keeps it: export SMP_STATE_DIR=DIR"
		f.detail += ", because " + best + " is not usable"
	} else if temporary(dir, e.app.env) && e.isRemote() {
		f.grade, f.advice = gradeWarn, "keep it where a restart keeps it: export SMP_STATE_DIR=DIR"
		f.detail += ", which a restart may empty"
	}
	if e.config.Ledger.URL == nil && e.config.Endpoint != nil && e.config.Key != "" {
		known, err := e.countSessions(ctx)
		if err != nil {
			e.unusable("state_dir", err, elsewhere)
			return
		}
		f.detail += known
	}
	e.note(f)
}

// temporary reports whether dir is below a directory of temporary files.
func temporary(dir string, env Env) bool {
	for _, top := range []string{"/tmp", os.TempDir(), cmp.Or(env.lookup("TMPDIR"), "/tmp")} {
		if inside, err := filepath.Rel(top, dir); err == nil && filepath.IsLocal(inside) {
			return true
		}
	}
	return false
}

// countSessions counts what the ledger of this endpoint and key remembers.
func (e *examination) countSessions(ctx context.Context) (string, error) {
	l, err := e.app.openLedger(ctx, e.config, connectOptions{})
	if err != nil {
		return "", err
	}
	defer l.Close()
	sessions, err := l.Sessions()
	alive := 0
	for _, s := range sessions {
		if !s.Dead {
			alive++
		}
	}
	return fmt.Sprintf(", sessions known: %d", alive), err
}

// clock compares the time with the time of this program's commit: all it knows offline.
func (e *examination) clock() {
	now := time.Now()
	detail := now.Format(time.RFC3339)
	if built := builtAt(); now.Before(built) {
		e.warn("clock", "set the clock", "%s, which is before this program was built (%s)", detail, built.Format(time.DateOnly))
		return
	}
	e.ok("clock", "%s", detail)
}
