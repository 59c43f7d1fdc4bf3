package human

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Printer writes lines, tables and sections for a person, and remembers the first error.
type Printer struct {
	w     io.Writer
	color bool
	err   error
}

// NewPrinter gives a printer to w, which shows styles when color is set.
func NewPrinter(w io.Writer, color bool) *Printer { return &Printer{w: w, color: color} }

// Err is the first error of the writer below.
func (p *Printer) Err() error { return p.err }

// Line writes a line.
func (p *Printer) Line(style Style, text string) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, p.Paint(style, text))
	}
}

// Paint gives a part of a line its style.
func (p *Printer) Paint(style Style, text string) string { return style.Paint(text, p.color) }

// Width is that of the lines that people read: a terminal of 80 columns, a mail, a log. It does not follow the terminal, so that all get the same text.
const Width = 80

// Text writes a text of many words below its section, broken between words; lines after the first have two blanks more.
func (p *Printer) Text(style Style, indent int, text string) {
	for i, line := range Wrapped(text, Width-indent, 2) {
		blanks := indent
		if i > 0 {
			blanks += 2
		}
		p.Line(Plain, strings.Repeat(" ", blanks)+p.Paint(style, line))
	}
}

// Command writes a command to be pasted after a lead such as blanks, folded where it is longer than a line.
func (p *Printer) Command(lead, command string) {
	for _, line := range Folded(Clean(command), Width-len(lead)) {
		p.Line(Plain, lead+p.Paint(Bold, line))
		lead = strings.Repeat(" ", len(lead))
	}
}

// Wrapped breaks a text between words into lines of at most so many signs; those after the first have hang less. A blank that does not
// break becomes a common one, and none comes before %. A word that is longer than a line is not broken: it may be a path or an id.
func Wrapped(text string, width, hang int) []string {
	lines := []string{""}
	for word := range strings.SplitSeq(strings.ReplaceAll(text, " %", "\u00a0%"), " ") {
		last := &lines[len(lines)-1]
		room := width
		if len(lines) > 1 {
			room -= hang
		}
		switch {
		case *last == "":
			*last = word
		case signs(*last)+1+signs(word) <= room:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	for i, l := range lines {
		lines[i] = strings.ReplaceAll(l, "\u00a0", " ")
	}
	return lines
}

// signs is how wide a text is on a terminal: what gives it a style takes no room.
func signs(text string) int {
	n := 0
	for {
		before, after, styled := strings.Cut(text, "\x1b[")
		n += utf8.RuneCountInString(before)
		if !styled {
			return n
		}
		_, text, _ = strings.Cut(after, "m")
	}
}

// Table writes a table, indented below its section.
func (p *Printer) Table(t *Table) {
	t.Indent, t.Width = "  ", Width
	if p.err == nil {
		p.err = t.Write(p.w, p.color)
	}
}

// Lines gives the lines of a table, for those who write something between them.
func (p *Printer) Lines(t *Table) []string { return t.lines(p.color) }

// Section begins a section: a blank line and a title.
func (p *Printer) Section(title string) {
	p.Line(Plain, "")
	p.Line(Bold, title)
}

// More says how many lines of a list were left out; without any, nothing.
func (p *Printer) More(n int) {
	if n > 0 {
		p.Line(Dim, fmt.Sprintf("  and %s more", Thousands(int64(n))))
	}
}
