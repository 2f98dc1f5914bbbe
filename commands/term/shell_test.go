package term_test

import (
	"os/exec"
	"strings"
	"testing"

	"smp/commands/term"
)

func TestWordIsOneWordOfAShell(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Log("there is no sh")
		return
	}
	var octets strings.Builder
	for b := 1; b < 256; b++ {
		octets.WriteByte(byte(b))
	}
	texts := []string{"", "plain", "=ls", "~", "a b", "it's", "$HOME", "`id`", "-n", "a\nb\n", `\`, `\'`, "!x", "{a,b}", "*", octets.String()}
	for _, write := range []func(string) string{term.Word, term.Quote} {
		var words []string
		for _, text := range texts {
			words = append(words, write(text))
		}
		got, err := exec.Command(sh, "-c", `printf '%s\001' `+strings.Join(words, " ")).Output()
		if want := strings.Join(texts, "\x01") + "\x01"; err != nil || string(got) != want {
			t.Errorf("the shell read %q, %v; want %q", got, err, want)
		}
	}
	if got := term.Word("http://a.example/%2F?x=1"); got != "'http://a.example/%2F?x=1'" {
		t.Errorf("a URL with a ? is %s: a shell looks for files", got)
	}
	if got := term.Word("http://a.example/%2F"); got != "http://a.example/%2F" {
		t.Errorf("a plain URL is %s", got)
	}
}
