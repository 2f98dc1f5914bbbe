package mock

import (
	"strconv"
	"testing"
	"time"
)

// However many hosts and sessions there were, few are remembered.
func TestZyteForgetsWhatIsOver(t *testing.T) {
	t.Parallel()
	cfg, err := Config{Service: ServiceZyteAPI, RPM: -1, DomainRPM: 1}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	limits, st := newLimits(cfg), newStore(cfg, newClock(1))
	for i := range 3 * maxEnded {
		if i%1000 == 0 {
			st.clock.advance(time.Minute)
		}
		now, id := st.clock.now(), strconv.Itoa(i)
		if over, _ := limits.admit(id, now); over != "" {
			t.Fatal(over)
		}
		st.retire(id, ending{at: now})
	}
	if len(limits.hosts) > maxHosts || len(st.ended) > maxEnded {
		t.Errorf("%d hosts, %d sessions", len(limits.hosts), len(st.ended))
	}
	last := strconv.Itoa(3*maxEnded - 1)
	if over, _ := limits.admit(last, st.clock.now()); over == "" {
		t.Error("a host of this minute was forgotten")
	}
	if _, use, _ := st.use(last, st.clock.now()); use != usedDead {
		t.Errorf("an ID that is refused was forgotten: %v", use)
	}
}
