package term

import "strings"

// Quote makes one word of a POSIX shell of any text, always in quotes.
func Quote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Word is Quote for people to read: a text that no shell changes stays as it is.
func Word(s string) string {
	plain := "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+:,./-="
	if s == "" || s[0] == '=' || strings.Trim(s, plain) != "" { // zsh replaces a word that begins with =
		return Quote(s)
	}
	return s
}
