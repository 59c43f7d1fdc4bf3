package write

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
)

// tableSample is how many rows decide on the widths of the columns; later rows are written as they come.
const tableSample = 1000

// leastWidth is the width below which no text is cut.
const leastWidth = 12

// ellipsis stands for what was cut off.
const ellipsis = "…"

// tableResult writes a result for a person: aligned columns, numbers to the right, as many columns as the terminal is wide for.
type tableResult struct {
	w      *bufio.Writer
	fields []adhoc.Field
	o      ResultOptions
	sample [][]tableCell // nil when the widths are known
	widths []int
	left   []string // columns for which there is no room
}

type tableCell struct {
	text string
	null bool
}

func newTableResult(w io.Writer, fields []adhoc.Field, o ResultOptions) *tableResult {
	return &tableResult{w: bufio.NewWriterSize(w, 64<<10), fields: fields, o: o, sample: [][]tableCell{}}
}

func (t *tableResult) Row(cells []adhoc.Cell) error {
	row := make([]tableCell, len(cells))
	for i := range cells {
		if cells[i].Null {
			row[i] = tableCell{"NULL", true}
		} else {
			row[i] = tableCell{text: shown(&t.fields[i], &cells[i], t.o)}
		}
	}
	if t.sample == nil {
		return t.line(human.Plain, row)
	}
	if t.sample = append(t.sample, row); len(t.sample) < tableSample {
		return nil
	}
	return t.begin()
}

// shown is a cell for a person.
func shown(f *adhoc.Field, c *adhoc.Cell, o ResultOptions) string {
	text := string(AppendCell(nil, f, c))
	if o.Round && f.Kind == adhoc.KindDecimal && f.Scale == amountScale {
		return human.Rounded(spec.Amount(text))
	}
	return human.Clean(text)
}

// amountScale is that of amounts.
const amountScale = 18

// begin fixes the widths and writes the header and the rows that were kept.
func (t *tableResult) begin() error {
	head := make([]tableCell, len(t.fields))
	for i, f := range t.fields {
		head[i] = tableCell{text: human.Clean(f.Name)}
	}
	rows := append([][]tableCell{head}, t.sample...)
	t.sample = nil
	t.widths = make([]int, len(t.fields))
	for _, row := range rows {
		for i, c := range row {
			t.widths[i] = max(t.widths[i], utf8.RuneCountInString(c.text))
		}
	}
	t.fit()
	for i, row := range rows {
		style := human.Plain
		if i == 0 {
			style = human.Bold
		}
		if err := t.line(style, row); err != nil {
			return err
		}
	}
	return nil
}

// fit makes the widest columns of texts narrower until a line fits the terminal; if that is not enough, columns are left out from the right, for
// a number that is cut is a wrong one.
func (t *tableResult) fit() {
	if t.o.Width <= 0 {
		return
	}
	total := -2
	for _, w := range t.widths {
		total += w + 2
	}
	for ; total > t.o.Width; total-- {
		widest := -1
		for i, w := range t.widths {
			if !isNumber(t.fields[i]) && w > leastWidth && (widest < 0 || w > t.widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		t.widths[widest]--
	}
	for i := len(t.fields) - 1; i > 0 && total > t.o.Width; i-- {
		total -= t.widths[i] + 2
		t.left = append([]string{human.Clean(t.fields[i].Name)}, t.left...)
	}
	if total > t.o.Width && !isNumber(t.fields[0]) {
		t.widths[0] = t.o.Width
	}
}

func (t *tableResult) line(style human.Style, row []tableCell) error {
	var b strings.Builder
	row = row[:len(row)-len(t.left)]
	for i, c := range row {
		cell := c.text
		if t.o.Width > 0 && !isNumber(t.fields[i]) {
			cell = cut(cell, t.widths[i])
		}
		pad := strings.Repeat(" ", max(0, t.widths[i]-utf8.RuneCountInString(cell)))
		if isNumber(t.fields[i]) {
			cell = pad + cell
		} else if i < len(row)-1 {
			cell += pad
		}
		if i > 0 {
			cell = "  " + cell
		}
		s := style
		if c.null {
			s = human.Dim
		}
		b.WriteString(s.Paint(cell, t.o.Color))
	}
	text := b.String()
	if !t.o.Color {
		text = strings.TrimRight(text, " ")
	}
	if _, err := t.w.WriteString(text); err != nil {
		return err
	}
	return t.w.WriteByte('\n')
}

// cut shortens a text to a width.
func cut(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	if width <= 0 {
		return ""
	}
	return string([]rune(text)[:width-1]) + ellipsis
}

func (t *tableResult) Close() error {
	if t.sample != nil {
		if err := t.begin(); err != nil {
			return err
		}
	}
	if len(t.left) > 0 {
		for _, line := range human.Wrapped("left out, for want of room: "+strings.Join(t.left, ", ")+"; --format line shows all", t.o.Width, 2) {
			if _, err := t.w.WriteString(human.Dim.Paint(line, t.o.Color) + "\n"); err != nil {
				return err
			}
		}
	}
	return t.w.Flush()
}

// lineResult writes a row as a line for each column.
type lineResult struct {
	w      *bufio.Writer
	fields []adhoc.Field
	o      ResultOptions
	width  int // of the names
	rows   int
}

func newLineResult(w io.Writer, fields []adhoc.Field, o ResultOptions) *lineResult {
	l := &lineResult{w: bufio.NewWriterSize(w, 64<<10), fields: fields, o: o}
	for _, f := range fields {
		l.width = max(l.width, utf8.RuneCountInString(human.Clean(f.Name)))
	}
	return l
}

func (l *lineResult) Row(cells []adhoc.Cell) error {
	if l.rows++; l.rows > 1 {
		if err := l.w.WriteByte('\n'); err != nil {
			return err
		}
	}
	for i := range cells {
		name, text := human.Clean(l.fields[i].Name), "NULL"
		if !cells[i].Null {
			text = shown(&l.fields[i], &cells[i], l.o)
		}
		pad := strings.Repeat(" ", l.width-utf8.RuneCountInString(name))
		if _, err := l.w.WriteString(pad + human.Bold.Paint(name, l.o.Color) + " = " + text + "\n"); err != nil {
			return err
		}
	}
	return nil
}

func (l *lineResult) Close() error { return l.w.Flush() }

// markdownResult writes a table as GitHub shows it.
type markdownResult struct {
	w      *bufio.Writer
	fields []adhoc.Field
}

// markdownText keeps a text from being taken for markup.
var markdownText = strings.NewReplacer(`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "\r\n", "<br>", "\n", "<br>", "\r", "<br>")

func newMarkdownResult(w io.Writer, fields []adhoc.Field) (*markdownResult, error) {
	m := &markdownResult{bufio.NewWriterSize(w, 64<<10), fields}
	head, rule := "|", "|"
	for _, f := range fields {
		head += " " + human.Clean(markdownText.Replace(f.Name)) + " |"
		if isNumber(f) {
			rule += "---:|"
		} else {
			rule += "---|"
		}
	}
	_, err := m.w.WriteString(head + "\n" + rule + "\n")
	return m, err
}

func (m *markdownResult) Row(cells []adhoc.Cell) error {
	line := []byte("|")
	for i := range cells {
		line = append(line, ' ')
		if !cells[i].Null {
			text := string(AppendCell(nil, &m.fields[i], &cells[i]))
			if !isNumber(m.fields[i]) {
				text = human.Clean(markdownText.Replace(text))
			}
			line = append(line, text...)
		}
		line = append(line, " |"...)
	}
	_, err := m.w.Write(append(line, '\n'))
	return err
}

func (m *markdownResult) Close() error { return m.w.Flush() }
