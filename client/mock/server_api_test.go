package mock

import (
	"strings"
	"testing"
)

func TestArmRefusesNonsenseWhole(t *testing.T) {
	t.Parallel()
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Arm(Fault{Name: "banned"}, Fault{Name: "baned"})
	if err == nil || !strings.Contains(err.Error(), "baned") {
		t.Errorf("got %v", err)
	}
	if armed := s.faults.list(); len(armed) > 0 {
		t.Errorf("armed all the same: %v", armed)
	}
}

func TestTimeDoesNotGoBack(t *testing.T) {
	t.Parallel()
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	before := s.clock.now()
	s.Advance(-1 << 40)
	if s.clock.now().Before(before) {
		t.Error("it went back")
	}
}
