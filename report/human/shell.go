package human

import (
	"runtime"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
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

// Folded breaks a command that is longer than a line before its flags, so that it can be pasted as it stands: with the backslash of Unix shells.
// The shells of Windows have other signs; there it stays whole.
func Folded(command string, width int) []string {
	if runtime.GOOS == "windows" || utf8.RuneCountInString(command) <= width {
		return []string{command}
	}
	const fold, hang = ` \`, "  "
	var lines []string
	line := ""
	for _, part := range flagged(command) {
		switch {
		case line == "":
			line = part
		case utf8.RuneCountInString(line+" "+part+fold) <= width:
			line += " " + part
		default:
			lines, line = append(lines, line+fold), hang+part
		}
	}
	return append(lines, line)
}

// flagged cuts a command before each of its flags.
func flagged(command string) (parts []string) {
	from, quoted := 0, false
	for i, r := range command {
		switch {
		case r == '\'':
			quoted = !quoted
		case !quoted && strings.HasPrefix(command[i:], " --"):
			parts = append(parts, command[from:i])
			from = i + 1
		}
	}
	return append(parts, command[from:])
}

// WayOut breaks what can be done about an error into lines of at most so many signs. A command that it begins with stays in one line, or is
// folded when it is all there is.
func WayOut(text string, width int) []string {
	command, more := text, ""
	if i := strings.Index(text, ", "); i >= 0 {
		command, more = text[:i], text[i:]
	}
	switch {
	case !strings.HasPrefix(command, Program+" "):
	case more == "":
		return Folded(text, width)
	case utf8.RuneCountInString(command) < width:
		text = strings.ReplaceAll(command, " ", "\u00a0") + more
	}
	return Wrapped(text, width, 0)
}
