package compare

import (
	"io"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/write"
)

// Diff is what differs between two snapshots.
type Diff struct {
	Earlier, Later report.SnapshotFolder
	fields         []adhoc.Field
	lines          [][]adhoc.Cell
}

// NewDiff reads the result of queries/diff/lines.sql.
func NewDiff(earlier, later report.SnapshotFolder, r *adhoc.Result) (*Diff, error) {
	d := &Diff{Earlier: earlier, Later: later, fields: r.Fields()}
	for r.Next() {
		d.lines = append(d.lines, slices.Clone(r.Cells()))
	}
	return d, r.Err()
}

// Write writes the rows in one of the formats of results.
func (d *Diff) Write(format string, w io.Writer) error {
	out, err := write.NewResult(format, w, d.fields, write.ResultOptions{})
	if err != nil {
		return err
	}
	for _, line := range d.lines {
		if err := out.Row(line); err != nil {
			return err
		}
	}
	return out.Close()
}

// WriteText writes the differences for a person, a block for each month and currency: amounts rounded, below each line of attributed usage its id.
func (d *Diff) WriteText(w io.Writer, color bool) error {
	p := human.NewPrinter(w, color)
	p.Line(human.Bold, "What changed in effective cost")
	t := &human.Table{}
	for _, s := range []struct {
		label string
		report.SnapshotFolder
	}{{"from", d.Earlier}, {"to", d.Later}} {
		through := "no usage"
		if s.DataThrough != "" {
			through = "usage through " + s.DataThrough
		}
		t.Row(human.Plain, s.label, "run "+s.ID, through)
	}
	p.Table(t)
	if len(d.lines) == 0 {
		p.Line(human.Plain, "")
		p.Line(human.Plain, "Nothing differs.")
	}
	for begin := 0; begin < len(d.lines) && p.Err() == nil; {
		end := begin
		for end < len(d.lines) && d.block(end) == d.block(begin) {
			end++
		}
		d.writeBlock(p, begin, end)
		begin = end
	}
	return p.Err()
}

// block is what the lines of a block have in common.
func (d *Diff) block(i int) string {
	l := readerOf(d.fields, d.lines[i])
	return strings.TrimSpace(l("month") + " " + l("currency"))
}

func (d *Diff) writeBlock(p *human.Printer, begin, end int) {
	t := &human.Table{Indent: "  ", Right: map[int]bool{1: true, 2: true, 3: true}, Width: human.Width, Short: []int{0, 4}}
	t.Row(human.Dim, "", "was", "is", "difference", "why")
	ids := []string{""}
	for _, cells := range d.lines[begin:end] {
		l := readerOf(d.fields, cells)
		name := l("status")
		if name == "attributed" {
			name = human.OrDash(l("offer")) + ", " + human.OrDash(l("channel"))
		}
		t.Row(human.Plain, name, l.amount("old_effective_cost"), l.amount("new_effective_cost"), l.signed("difference"), l("cause"))
		ids = append(ids, l("tracking_id"))
	}
	p.Section(human.Clean(d.block(begin)))
	for i, row := range p.Lines(t) {
		p.Line(human.Plain, row)
		if ids[i] != "" {
			p.Line(human.Dim, "    "+human.Clean(ids[i]))
		}
	}
}
