// Package human writes what people read: amounts, shares, sizes and times in short, tables in columns, and text from files so that a
// terminal takes no harm.
package human

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Style is how a line of text looks on a terminal that shows colours.
type Style string

// The styles in use.
const (
	Plain  Style = ""
	Bold   Style = "1"
	Dim    Style = "2"
	Red    Style = "31"
	Green  Style = "32"
	Yellow Style = "33"
)

// Paint gives text the style when colours are wanted.
func (s Style) Paint(text string, color bool) string {
	if !color || s == Plain || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

// Table is plain text in aligned columns. The zero value is an empty table whose columns are all left-aligned.
type Table struct {
	Indent string
	Right  map[int]bool // columns that are right-aligned: numbers
	Width  int          // of a line; 0: as wide as it takes
	Drop   []int        // columns that may be left out where the lines are too wide, in this order; the first row has their names
	Short  []int        // columns of texts that may be cut after that, in this order. Numbers never are.
	Below  bool         // a last cell that the line has no room for, such as a path, goes to a line of its own
	rows   []tableRow
}

type tableRow struct {
	style Style
	cells []string
}

// Row adds a line.
func (t *Table) Row(style Style, cells ...string) {
	clean := make([]string, len(cells))
	for i, c := range cells {
		clean[i] = Clean(c)
	}
	t.rows = append(t.rows, tableRow{style, clean})
}

// Empty tells whether there is no line.
func (t *Table) Empty() bool { return len(t.rows) == 0 }

// Write writes the lines, columns two blanks apart, without blanks at the end of a line.
func (t *Table) Write(w io.Writer, color bool) error {
	for _, line := range t.lines(color) {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

func (t *Table) lines(color bool) (lines []string) {
	var widths []int
	for _, r := range t.rows {
		for i, c := range r.cells {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	last := len(widths) - 1
	if t.Below && last >= 0 {
		widths[last] = 0
	}
	left := t.fit(widths)
	for _, r := range t.rows {
		var b strings.Builder
		below := ""
		for i, c := range r.cells {
			if slices.Contains(left, i) {
				continue
			}
			if t.Below && i == last {
				if t.Width > 0 && utf8.RuneCountInString(t.Indent+b.String()+c)+2 > t.Width {
					below = "\n" + t.Indent + "    " + r.style.Paint(c, color)
					continue
				}
				b.WriteString("  " + c)
				continue
			}
			c = cut(c, widths[i])
			if b.Len() > 0 || i > 0 && !slices.Contains(left, 0) {
				b.WriteString("  ")
			}
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c))
			if t.Right[i] {
				b.WriteString(pad + c)
			} else {
				b.WriteString(c + pad)
			}
		}
		lines = append(lines, t.Indent+r.style.Paint(strings.TrimRight(b.String(), " "), color)+below)
	}
	if len(left) > 0 {
		var names []string
		for _, i := range left {
			names = append(names, t.rows[0].cells[i])
		}
		lines = append(lines, t.Indent+Dim.Paint("left out, for want of room: "+strings.Join(names, ", "), color))
	}
	return lines
}

// fit makes the columns as narrow as the width asks for, as far as it may, and gives those that are left out.
func (t *Table) fit(widths []int) (left []int) {
	over := utf8.RuneCountInString(t.Indent) - 2 - t.Width
	for _, w := range widths {
		over += w + 2
	}
	if t.Width == 0 {
		return nil
	}
	for _, i := range t.Drop {
		if over <= 0 {
			break
		}
		over -= widths[i] + 2
		left = append(left, i)
	}
	const least = 12 // signs of a text that still tell something
	for _, i := range t.Short {
		if less := min(over, widths[i]-least); less > 0 {
			over -= less
			widths[i] -= less
		}
	}
	slices.Sort(left)
	return left
}

// cut shortens a text to so many signs.
func cut(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:width-1]) + "…"
}

// Clean makes text from files safe to show: control characters, which could command the terminal, and line breaks are written
// as escapes.
func Clean(s string) string {
	bad := func(r rune) bool { return !unicode.IsPrint(r) }
	if utf8.ValidString(s) && strings.IndexFunc(s, bad) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x80 && bad(r):
			fmt.Fprintf(&b, `\x%02x`, r)
		case bad(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
