package write

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/report/human"
)

// tableSample is how many rows decide on the widths of the columns; later rows are written as they come.
const tableSample = 1000

// leastWidth is the width below which no column is cut as long as others are wider.
const leastWidth = 6

// ellipsis stands for what was cut off.
const ellipsis = "…"

// tableResult writes a result for a person: aligned columns, numbers to the right, cut to the width of the terminal.
type tableResult struct {
	w      *bufio.Writer
	fields []adhoc.Field
	o      ResultOptions
	sample [][]tableCell // nil when the widths are known
	widths []int
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
			row[i] = tableCell{text: human.Clean(string(AppendCell(nil, &t.fields[i], &cells[i])))}
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

// Begin fixes the widths and writes the header and the rows that were kept.
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

// fit makes the widest columns narrower until a line fits the terminal.
func (t *tableResult) fit() {
	if t.o.Width <= 0 {
		return
	}
	total := 2 * (len(t.widths) - 1)
	for _, w := range t.widths {
		total += w
	}
	for ; total > t.o.Width; total-- {
		widest := 0
		for i, w := range t.widths {
			if w > t.widths[widest] {
				widest = i
			}
		}
		if t.widths[widest] <= leastWidth {
			return // the line is cut instead
		}
		t.widths[widest]--
	}
}

func (t *tableResult) line(style human.Style, row []tableCell) error {
	var b strings.Builder
	left := t.o.Width
	for i, c := range row {
		cell := c.text
		if t.o.Width > 0 {
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
		if t.o.Width > 0 {
			cell = cut(cell, left)
			left -= utf8.RuneCountInString(cell)
		}
		s := style
		if c.null {
			s = human.Dim
		}
		b.WriteString(s.Paint(cell, t.o.Color))
		if t.o.Width > 0 && left <= 0 {
			break
		}
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
	return t.w.Flush()
}

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
