package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"smp/client/spell"
	"smp/commands/process"
	"smp/commands/term"
)

// relay checks the relay that this shell's variables name, and looks for what relays
// that were killed left behind.
func (e *examination) relay(ctx context.Context) {
	address := e.app.env.lookup("SMP_RELAY")
	switch err := askRelay(ctx, address); {
	case address == "":
		e.warn("relay", "smp exec -- COMMAND, or start one: eval \"$(smp relay --background)\"", "this shell knows of none: SMP_RELAY is not set")
	case err != nil:
		e.fail("relay", fmt.Errorf("%s: %w", address, err), `eval "$(smp relay --stop)", then: eval "$(smp relay --background)"`)
	default:
		e.note(finding{grade: gradeOK, name: "relay", detail: address + " answers", origin: "SMP_RELAY"})
	}
	if dead := process.DeadRelayHomes(os.TempDir()); len(dead) > 0 {
		advice := "the next relay removes them; or: rm -r"
		for _, dir := range dead[:min(len(dead), maxToldFailures)] {
			advice += " " + term.Word(dir)
		}
		e.warn("relay", advice, "%s that killed relays left behind", spell.Count(len(dead), "folder"))
	}
}

const relayAnswers = 2 * time.Second // how long a relay on this machine may take

// askRelay reports why no relay answers at address.
func askRelay(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, relayAnswers)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/_relay/stats", nil)
	if err != nil {
		return errors.New("it is not HOST:PORT")
	}
	direct := http.Transport{DisableKeepAlives: true} // without a Proxy: this one is the proxy
	resp, err := direct.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("it is not a relay of smp: %s", resp.Status)
	}
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
	return err
}
