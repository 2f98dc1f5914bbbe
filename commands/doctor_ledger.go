package commands

import (
	"context"
	"fmt"
	"time"
)

// ledger asks the server that keeps the ledger, where that is not files.
func (e *examination) ledger(ctx context.Context) {
	if e.config == nil || e.config.Ledger.URL == nil {
		return
	}
	server := e.config.Ledger
	f := finding{grade: gradeOK, name: "ledger", detail: server.String(), origin: e.config.Setting("ledger").Origin}
	info, err := server.Info(ctx)
	if err != nil {
		e.fail("ledger", err, serverHint(err))
		return
	}
	f.detail += fmt.Sprintf(" (%s) answers in %s", info.Version, info.Answers.Round(10*time.Microsecond))
	switch {
	case info.Replica:
		f.grade, f.code, f.advice = gradeFail, exitUsage, "name the primary: --ledger redis://HOST:PORT/DB"
		f.detail += ": it is a replica, which takes no changes"
	case info.Evicts:
		f.grade, f.advice = gradeWarn, "set its maxmemory-policy to noeviction"
		f.detail += ": it throws records away where memory is short"
	}
	if f.grade != gradeFail && e.config.Endpoint != nil && e.config.Key != "" {
		known, err := e.countSessions(ctx)
		if err != nil {
			e.fail("ledger", err, "see that the user may run scripts and use the keys smp:*")
			return
		}
		f.detail += known
	}
	e.note(f)
}
