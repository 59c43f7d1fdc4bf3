package terminal

import (
	"regexp"
	"strings"
	"time"
)

// HelpWidth is that of a terminal whose width nobody knows.
const HelpWidth = 80

var (
	link  = regexp.MustCompile(`\[([^\]]+)\]\([^)]+\)`)
	word  = regexp.MustCompile("`([^` ]+)`")
	slant = regexp.MustCompile(`\*([A-Za-z][^*]*)\*`)
	blank = regexp.MustCompile(`\n{3,}`)
	item  = regexp.MustCompile(`^(?:- |[0-9]+\. )`)
	rule  = regexp.MustCompile(`^\|[-| ]+\|$`)
)

// PlainText writes the Markdown of our documents as plain text: without marks, wrapped, a table as a list of its rows.
func PlainText(markdown string) string {
	var b strings.Builder
	var open []string // lines of one paragraph or item
	var header []string
	flush := func() {
		if len(open) > 0 {
			text := strings.Join(open, " ")
			mark := item.FindString(text)
			b.WriteString(hanging(Unmarked(strings.TrimPrefix(text, mark)), mark))
		}
		open = nil
	}
	code := false
	for line := range strings.Lines(markdown) {
		line = strings.TrimSuffix(line, "\n")
		isFence := strings.HasPrefix(line, "```")
		switch {
		case isFence:
			flush()
			code = !code
		case code:
			b.WriteString(strings.TrimRight("    "+line, " ") + "\n")
		case strings.HasPrefix(line, "#"):
			flush()
			b.WriteString("\n" + Unmarked(strings.TrimLeft(line, "# ")) + "\n\n")
		case rule.MatchString(line):
			continue
		case strings.HasPrefix(line, "|"):
			flush()
			cells := strings.Split(strings.Trim(line, "|"), "|")
			for i, c := range cells {
				cells[i] = Unmarked(strings.TrimSpace(c))
			}
			if header == nil {
				header = cells
				continue
			}
			b.WriteString("  " + cells[0] + "\n")
			for i, text := range cells[1:] {
				if text == "" {
					continue
				}
				if len(cells) > 2 && i+1 < len(header) {
					text = header[i+1] + ": " + text
				}
				b.WriteString(Indented(text, "      "))
			}
			continue
		case line == "":
			flush()
			b.WriteString("\n")
		case item.MatchString(line):
			flush()
			open = append(open, line)
		default:
			open = append(open, strings.TrimSpace(line))
		}
		header = nil
	}
	flush()
	return strings.TrimSpace(blank.ReplaceAllString(b.String(), "\n\n")) + "\n"
}

// Fitted breaks the paragraphs of a text so that its lines fit a terminal. Lines that are indented stay as they are.
func Fitted(text string) string {
	var out, open []string
	flush := func() {
		if len(open) > 0 {
			out = append(out, Wrapped(strings.Join(open, " "), HelpWidth)...)
		}
		open = nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		if line == "" || strings.HasPrefix(line, " ") || item.MatchString(line) {
			flush()
			out = append(out, line)
			continue
		}
		open = append(open, line)
	}
	flush()
	return strings.Join(out, "\n")
}

// Unmarked takes the marks out of a text: links, bold, italics, and code of one word.
func Unmarked(text string) string {
	text = link.ReplaceAllString(text, "$1")
	text = word.ReplaceAllString(strings.ReplaceAll(text, "**", ""), "$1")
	return slant.ReplaceAllString(text, "$1")
}

// Indented wraps a text and puts the indent before each line.
func Indented(text, indent string) string {
	var b strings.Builder
	for _, l := range Wrapped(text, HelpWidth-len(indent)) {
		b.WriteString(indent + l + "\n")
	}
	return b.String()
}

// hanging wraps a text after a mark: that of an item, or none.
func hanging(text, mark string) string {
	out := Indented(text, strings.Repeat(" ", len(mark)))
	return mark + strings.TrimPrefix(out, strings.Repeat(" ", len(mark)))
}

// Wrapped cuts a text into lines of so many bytes, between words.
func Wrapped(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case len(*last)+1+len(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}

// Day is a UTC day as YYYY-MM-DD; empty for none.
func Day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}
