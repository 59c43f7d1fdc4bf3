package human

import (
	"iter"
	"runtime"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ShellWord quotes a text for a shell when it needs it. A backslash is part of a path on Windows, and elsewhere a sign of the shell.
func ShellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-:+,@%=", r) ||
			r == '\\' && runtime.GOOS == "windows"
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
	from := 0
	for i := range unquoted(command) {
		if strings.HasPrefix(command[i:], " --") {
			parts = append(parts, command[from:i])
			from = i + 1
		}
	}
	return append(parts, command[from:])
}

// unquoted are the places of a command where a Unix shell takes a sign for its own: in no quotes, and behind no backslash, as in 'it'\”s'.
func unquoted(command string) iter.Seq[int] {
	return func(yield func(int) bool) {
		quoted, escaped := false, false
		for i, r := range command {
			switch {
			case escaped:
				escaped = false
			case r == '\'':
				quoted = !quoted
			case quoted:
			case r == '\\' && runtime.GOOS != "windows":
				escaped = true
			case !yield(i):
				return
			}
		}
	}
}

// WayOut breaks what can be done about an error into lines of at most so many signs. A command that it begins with stays in one line, which may be
// longer, or is folded when it is all there is.
func WayOut(text string, width int) []string {
	if !strings.HasPrefix(text, Program+" ") {
		return Wrapped(text, width, 0)
	}
	for i := range unquoted(text) {
		if strings.HasPrefix(text[i:], ", ") {
			return Wrapped(strings.ReplaceAll(text[:i], " ", "\u00a0")+text[i:], width, 0)
		}
	}
	return Folded(text, width)
}
