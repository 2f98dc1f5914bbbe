package progress

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"smp/client/paced"
	"smp/commands/term"
)

// messagesTo makes messages without colours that are written into said.
func messagesTo(terminal bool) (m *term.Messages, said *bytes.Buffer) {
	said = new(bytes.Buffer)
	noColor := func(name string) string { return map[string]string{"NO_COLOR": "1"}[name] }
	return term.NewMessages(term.Stream{Writer: said, Terminal: terminal}, noColor), said
}

func TestWaiting(t *testing.T) {
	t.Parallel()
	waits := []time.Duration{12 * time.Second, 11 * time.Second, 300 * time.Millisecond, 900 * time.Millisecond, 100 * time.Millisecond, 30 * time.Second}
	for name, tt := range map[string]struct {
		terminal bool
		want     string
	}{
		"pipe": {false, "smp: waiting 12s for the slot of session 7\nsmp: waiting 30s for the slot of session 7\n"},
		"terminal": {true, "smp: waiting 12s for the slot of session 7" +
			"\rsmp: waiting 11s for the slot of session 7\x1b[K" +
			"\rsmp: waiting 1s for the slot of session 7\x1b[K" +
			"\rsmp: waiting 30s for the slot of session 7\x1b[K"},
	} {
		messages, said := messagesTo(tt.terminal)
		tell := Requests(messages)
		for _, left := range waits {
			tell(paced.Waiting{Session: "7", Left: left})
		}
		if said.String() != tt.want {
			t.Errorf("%s:\ngot  %q\nwant %q", name, said, tt.want)
		}
	}
}

func TestTold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		event paced.Event
		want  string
	}{
		{paced.Created{Session: "7"}, "smp: created session 7\n"},
		{paced.Created{Session: "7", Name: "shop"}, "smp: created session 7 (@shop)\n"},
		{paced.Waiting{Session: "7", Name: "shop", Left: time.Minute}, "smp: waiting 1m for the slot of @shop\n"},
		{paced.Postponed{Session: "7", Name: "shop", By: time.Minute}, "smp: the service wants 1m before the next request of @shop\n"},
		{paced.Postponed{Session: "7", Name: "shop", IP: "10.0.0.1", By: time.Minute}, "smp: the service wants 1m before the next request of 10.0.0.1 (@shop)\n"},
		{paced.Replaced{Old: "7", New: "8"}, "smp: session 8 took the place of 7, which is dead\n"},
		{paced.Replaced{Old: "7", New: "8", Name: "shop"}, "smp: session 8 (@shop) took the place of 7, which is dead\n"},
		{paced.SessionNotDeleted{Session: "7", Err: errors.New("reset")}, "smp: session 7 could not be deleted: reset\n"},
		{paced.Retrying{Attempt: 2, Of: 3, In: 1500 * time.Millisecond, Status: 503}, "smp: the target answered 503; retry 2 of 3 in 1.5s\n"},
		{paced.Retrying{Attempt: 2, Of: 3, Err: errors.New("reset")}, "smp: reset; retry 2 of 3 at once\n"},
		{paced.PacedByID{Session: "7", Err: errors.New("x")}, ""},
		{paced.LedgerTrouble{Err: errors.New("disk")}, "smp: not written down: disk\n"},
		{
			paced.UnknownEndpoint{Endpoint: "web:80"},
			"smp: nothing in the answer shows that web:80 is the service, and the API key was sent there: smp doctor\n",
		},
	} {
		messages, said := messagesTo(false)
		Requests(messages)(tt.event)
		if said.String() != tt.want {
			t.Errorf("%#v: got %q, want %q", tt.event, said, tt.want)
		}
	}
}
