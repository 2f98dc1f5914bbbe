package answer

import (
	"encoding/json"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestInlineBody(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Grüße, 世界 🌍 \"\\\x00\u2028\n", MaxInline/20)
	for _, tt := range []struct {
		name, body string
		text       bool
	}{
		{"empty", "", true},
		{"text", "<a href=\"x\">ü</a>\r\n", true},
		{"more than memory", long, true},
		{"more than memory, and no text at its end", long + "\xff", false},
		{"a character cut off", "abc\xe4\xb8", false},
		{"no text", "\x80abc", false},
	} {
		for _, size := range []int{1, 2, 3, 1000, copyBuffer} {
			if size < 1000 && len(tt.body) > MaxInline {
				continue
			}
			b := &InlineBody{}
			for rest := tt.body; rest != ""; {
				n := min(size, len(rest))
				if _, err := b.Write([]byte(rest[:n])); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			var out strings.Builder
			if err := b.WriteMember(&out); err != nil {
				t.Fatal(err)
			}
			b.Close()
			var document struct {
				Body       *string
				BodyBase64 []byte `json:"body_base64"`
			}
			if err := json.Unmarshal([]byte("{"+out.String()+"}"), &document); err != nil {
				t.Errorf("%s, %d bytes at a time: %v", tt.name, size, err)
				continue
			}
			if (document.Body != nil) != tt.text {
				t.Errorf("%s, %d bytes at a time: text is %v, want %v", tt.name, size, document.Body != nil, tt.text)
			} else if tt.text && *document.Body != tt.body || !tt.text && string(document.BodyBase64) != tt.body {
				t.Errorf("%s, %d bytes at a time: the body differs", tt.name, size)
			}
		}
	}
}

func TestInlineBodyMemory(t *testing.T) {
	t.Parallel()
	b := &InlineBody{}
	defer b.Close()
	piece := make([]byte, copyBuffer)
	for range 64 {
		if _, err := b.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	if b.memory.Cap() > 4*MaxInline {
		t.Errorf("%d bytes are kept in memory of a body of %d", b.memory.Cap(), 64*len(piece))
	}
}

// Garbage of a body's length makes the memory of a fetch its length's, too. Not
// parallel: others' garbage would count.
func TestTextOfABodyMakesNoGarbage(t *testing.T) {
	const size = 64 << 20
	garbage := func(write func() error) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := write(); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	text := io.LimitReader(endless("größe\n"), size)
	// The race detector takes buffers away that would be used again.
	if n := garbage(func() error { return writeText(io.Discard, text) }); n > size/8 && !raceEnabled {
		t.Errorf("%d bytes are allocated for a text of %d", n, size)
	}
}

type endless string

func (e endless) Read(p []byte) (int, error) {
	n := copy(p, e)
	for n < len(p) {
		n += copy(p[n:], e)
	}
	return n, nil
}

// However text is cut, the check agrees with the whole.
func TestUTF8CheckIsIndependentOfCuts(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	alphabet := []string{"a", "ü", "世", "🌍", "\x80", "\xe4\xb8", "\xf0\x9f", "\xff", "\xc0\x80", "\xed\xa0\x80"}
	for range 20_000 {
		var text string
		for range random.UintN(6) {
			n := len(alphabet)
			if random.UintN(2) == 0 {
				n = 4 // often good text
			}
			text += alphabet[random.IntN(n)]
		}
		var check utf8Check
		for rest := text; rest != ""; {
			n := 1 + random.IntN(len(rest))
			check.add([]byte(rest[:n]))
			rest = rest[n:]
		}
		if got, want := check.valid(), utf8.ValidString(text); got != want {
			t.Fatalf("%q: got %v, want %v", text, got, want)
		}
	}
}
