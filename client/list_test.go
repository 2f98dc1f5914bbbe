package client

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeList(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     []Session
	}{
		{"documented", `{"1836172": "1.2.3.4", "1691272": "1.2.3.5"}`, []Session{{"1691272", "1.2.3.5"}, {"1836172", "1.2.3.4"}}},
		{"with ports", `{"1":"1.2.3.4:8800","2":"[::1]:80","3":"::1"}`, []Session{{"1", "1.2.3.4"}, {"2", "::1"}, {"3", "::1"}}},
		{"none", `{}`, nil},
		{"nothing", "", nil},
		{"blank", " \n", nil},
		{"twice the same", `{"1":"a","1":"b"}`, []Session{{"1", "b"}}},
		{
			"other types", `{"1":null,"2":7,"3":{"ip":["x"]},"4":[],"5":1e999,"6":"a"}`,
			[]Session{{"1", ""}, {"2", ""}, {"3", ""}, {"4", ""}, {"5", ""}, {"6", "a"}},
		},
		{"not ids", `{"":"a","..":"a","a b":"a","\u001b[2J":"a","../x":"a","7":"a"}`, []Session{{"7", "a"}}},
		{"an id of 1 MB", `{"` + strings.Repeat("9", 1<<20) + `":"a","7":"a"}`, []Session{{"7", "a"}}},
		{"not an IP", `{"1":"\u001b[2J","2":"a b","3":"a\nb","4":" a "}`, []Session{{"1", ""}, {"2", ""}, {"3", ""}, {"4", "a"}}},
		{"order", `{"b":"","10":"","9":"","a":"","010":""}`, []Session{{"9", ""}, {"010", ""}, {"10", ""}, {"a", ""}, {"b", ""}}},
		{"more behind it", `{"1":"a"} {"2":"b"}`, []Session{{"1", "a"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := decodeList(strings.NewReader(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != len(tt.want) || len(got) > 0 && !cmp.Equal(got, tt.want) {
				t.Errorf("%s", cmp.Diff(tt.want, got))
			}
		})
	}
}

func TestDecodeListRefuses(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		`[]`, `"1"`, `null`, `<html>`, `{"1":"a"`, `{"1"`, `{"1":`, `{`, `{1:"a"}`, `{"1" "a"}`, "\x1f\x8b",
		strings.Repeat(`{"1":`, 100_000), `{"1":` + strings.Repeat("[", 100_000),
	} {
		sessions, err := decodeList(strings.NewReader(in))
		if err == nil {
			t.Errorf("decodeList(%.20q) = %v", in, sessions)
		} else if len(err.Error()) > 300 {
			t.Errorf("decodeList(%.20q): an error of %d bytes", in, len(err.Error()))
		}
	}
}

func TestDecodeLongLists(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]error{listLimit: nil, listLimit + 1: errTooLong, 500_000: errTooLong} {
		var list bytes.Buffer
		for i := range n {
			fmt.Fprintf(&list, `%c"%d":""`, "{,"[min(i, 1)], n-i)
		}
		list.WriteString("}")
		sessions, err := decodeList(&list)
		if err != want || err == nil && (len(sessions) != n || sessions[0].ID != "1") {
			t.Errorf("%d: %d sessions, %v", n, len(sessions), err)
		}
	}
}

type endless struct{ s string }

func (e endless) Read(p []byte) (int, error) {
	return copy(p, strings.Repeat(e.s, len(p)/len(e.s)+1)), nil
}

func TestDecodeListIsBounded(t *testing.T) {
	t.Parallel()
	for name, filler := range map[string]string{"blanks": " ", "an id": "9"} {
		start := strings.NewReader(`{"`)
		if filler == " " {
			start = strings.NewReader(`{`)
		}
		if _, err := decodeList(io.MultiReader(start, endless{filler})); !errors.Is(err, errTooLong) {
			t.Errorf("%s without end: %v", name, err)
		}
	}
}

func TestDecodeListKeepsTheReadersError(t *testing.T) {
	t.Parallel()
	broken := &Error{Op: "GET", Class: Network}
	for _, start := range []string{"", "{", `{"1"`, `{"1":"`, `{"1":"a",`} {
		r := io.MultiReader(strings.NewReader(start), errReader{broken})
		if _, err := decodeList(r); !errors.Is(err, broken) {
			t.Errorf("after %q: %v", start, err)
		}
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func FuzzDecodeList(f *testing.F) {
	for _, s := range []string{`{}`, `{"1836172": "196.16.27.20:8800", "1691272": "x"}`, `{"1":{"2":[3]},"1":null}`, `[1]`, `{"\u0000":"\ud800"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		sessions, err := decodeList(strings.NewReader(s))
		if err != nil && sessions != nil {
			t.Fatal("sessions beside an error")
		}
		if !slices.IsSortedFunc(sessions, func(a, b Session) int { return CompareIDs(a.ID, b.ID) }) {
			t.Fatalf("not in order: %v", sessions)
		}
		for i, s := range sessions {
			if !ValidSessionID(s.ID) || hostPart(s.IP) != s.IP || i > 0 && s.ID == sessions[i-1].ID {
				t.Fatalf("a session that must not be: %q", s)
			}
		}
	})
}

func TestValidSessionID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"1", "1836172", "a.b_c~d-E", "...", strings.Repeat("a", 128)} {
		if !ValidSessionID(id) {
			t.Errorf("%q is refused", id)
		}
	}
	for _, id := range []string{"", ".", "..", "a/b", "a b", "a\n", "é", "a%2e", "@a", "\x00", strings.Repeat("a", 129)} {
		if ValidSessionID(id) {
			t.Errorf("%q passes", id)
		}
	}
}
