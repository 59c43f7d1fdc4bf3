package human

import (
	"fmt"
	"io"
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

// Table writes a table, indented below its section.
func (p *Printer) Table(t *Table) {
	t.Indent = "  "
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
