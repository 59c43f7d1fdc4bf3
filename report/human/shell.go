package human

import (
	"slices"
	"strings"
	"unicode"
)

// ShellWord quotes a text for a shell when it needs it.
func ShellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-:\\+,@%=", r)
	}
	if s != "" && !slices.ContainsFunc([]rune(s), func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Program is how the program is called.
const Program = "pidledger"

// Command writes words as a command to be copied, for any shell. It is empty when one of them has signs that a shell may take for its own: what
// comes from data is never more than an argument.
func Command(words ...string) string {
	foreign := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" ._/-=:", r)
	}
	var out []string
	for _, w := range words {
		if w == "" || strings.ContainsFunc(w, foreign) {
			return ""
		}
		if strings.Contains(w, " ") {
			w = "'" + w + "'"
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}
