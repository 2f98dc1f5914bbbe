package ledger

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// specimens are records of each kind with every field set.
func specimens() map[string]body {
	return map[string]body{
		"slot": &ipRecord{
			Alias: "ip 192.0.2.1", Last: -5, Free: 1 << 40, LastNum: 7,
			Queue:    []reservation{{Num: 8, Owner: 1 << 63, Delay: time.Second}, {Num: 9, Owner: 2, Delay: -1}},
			InFlight: []inFlight{{reservation: reservation{Num: 3, Owner: 4, Delay: time.Hour}, Sent: 5}},
		},
		"session": &sessionRecord{
			IP: "192.0.2.1", Name: "shop", Mine: true, Tombstone: true, Dead: true, Deaths: 1, Requests: 2,
			Created: 3, LastUsed: 4, Died: 5, First: 6, Sent: 7, Bans: 8, Region: "DE", Life: Life{Idle: 9, Age: 10, Final: true, Margin: 11, Bans: 12},
		},
		"name":   &nameRecord{ID: "42", Replaced: 43, Tries: 44, Failed: true},
		"call":   &callRecord{Count: 44, Failed: true},
		"hold":   &holdRecord{Until: 1, Long: 2},
		"graves": &graveRecord{Graves: []grave{{1, 2}, {3, 1 << 63}}},
		"recent": &recentRecord{ID: [2]string{"1", "2"}, At: [2]instant{3, never}},
	}
}

func blank(b body) body { return reflect.New(reflect.TypeOf(b).Elem()).Interface().(body) }

func TestRecordsSurviveTheirCodec(t *testing.T) {
	t.Parallel()
	written := stamp{boot: 1, at: 2, wall: 3}
	for name, want := range specimens() {
		for i := range reflect.ValueOf(want).Elem().NumField() {
			if reflect.ValueOf(want).Elem().Field(i).IsZero() {
				t.Errorf("%s: field %d is not set", name, i)
			}
		}
		raw := encodeRecord(name, written, want)
		got := blank(want)
		key, s, err := decodeRecord(append(raw, make([]byte, 100)...), got) // as padded
		if err != nil || key != name || s != written {
			t.Errorf("%s: key %q, stamp %v, error %v", name, key, s, err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(inFlight{}, reservation{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if again := encodeRecord(name, written, got); !bytes.Equal(raw, again) {
			t.Errorf("%s: written again it differs", name)
		}
	}
}

func TestEveryDamageIsSeen(t *testing.T) {
	t.Parallel()
	for name, b := range specimens() {
		raw := encodeRecord(name, stamp{}, b)
		for i := range raw {
			bad := bytes.Clone(raw)
			bad[i] ^= 1 << (i % 8)
			if _, _, err := decodeRecord(bad, blank(b)); !errors.Is(err, errDamaged) {
				t.Errorf("%s: a change of byte %d went unseen", name, i)
			}
			if _, _, err := decodeRecord(raw[:i], blank(b)); i > 0 && !errors.Is(err, errDamaged) {
				t.Errorf("%s: cut to %d bytes it passes", name, i)
			}
		}
	}
}

func TestARecordUnderAnotherKeyIsDamaged(t *testing.T) {
	t.Parallel()
	l := NewMemory(Options{})
	raw := encodeRecord("one", l.clock.stamp(0), &nameRecord{})
	if err := l.decode(ref{names, "one"}, raw, &nameRecord{}, 0); err != nil {
		t.Error(err)
	}
	if err := l.decode(ref{names, "other"}, raw, &nameRecord{}, 0); !errors.Is(err, errDamaged) {
		t.Errorf("error is %v", err)
	}
}

func TestCountsAreBelievedOnlyAsFarAsTheBytesGo(t *testing.T) {
	t.Parallel()
	e := &encoder{}
	e.str("")
	for range 3 {
		e.num(0)
	}
	e.num(1 << 60) // requests in flight
	d := &decoder{b: e.b}
	new(ipRecord).decode(d)
	if !d.short {
		t.Error("a huge count passed")
	}
}

func FuzzRecord(f *testing.F) {
	for name, b := range specimens() {
		f.Add(encodeRecord(name, stamp{boot: 1, at: 2, wall: 3}, b), true)
		f.Add(encodeRecord(strings.Repeat(name, 100), stamp{}, blank(b)), false)
	}
	f.Add([]byte{}, false)
	f.Fuzz(func(t *testing.T, raw []byte, reseal bool) {
		if reseal { // past the checksum, into the decoders
			raw = encodeRecord("key", stamp{}, rawBody(raw))
		}
		for name, b := range specimens() {
			got := blank(b)
			key, s, err := decodeRecord(raw, got)
			if err != nil || len(raw) == 0 {
				continue
			}
			n, _ := recordLen(raw)
			if again := encodeRecord(key, s, got); !reseal && !bytes.Equal(again, raw[:n]) && !looseFlags(raw[:n], again) {
				t.Errorf("%s: read and written it differs", name)
			}
			if s, ok := got.(*ipRecord); ok {
				useSlot(s)
			}
		}
	})
}

// rawBody is a body of arbitrary bytes.
type rawBody []byte

func (r rawBody) encode(e *encoder) { e.b = append(e.b, r...) }

func (r rawBody) decode(*decoder) {}

func (r rawBody) reset() {}

// looseFlags tells if a and b, checksums aside, differ only in how true is written.
func looseFlags(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := headLen; i < len(a); i++ {
		if a[i] != b[i] && b[i] != 1 {
			return false
		}
	}
	return true
}

// useSlot does to a slot of unknown origin what the ledger would.
func useSlot(s *ipRecord) {
	p := s.take(1, 1, time.Second)
	_ = s.slotOf(1, p)
	_ = s.ready(1)
	other := newIPRecord()
	other.merge(*s)
	s.start(1, p)
	s.complete(p, 0, 2)
	s.shift(time.Hour)
}
