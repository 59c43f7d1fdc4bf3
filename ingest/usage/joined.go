package usage

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/source"
)

// Joined explains a record that is not a valid row, in a file that was joined from several (with cat) or written by a tool that adds lines. If ok,
// the record is harmless, and rows are the rows it holds after all, usually none. If not ok, it is a bad row. The error says that the file
// continues under another header, so that nothing below can be trusted.
//
//   - a blank record, a rule of dashes below the header (sqlcmd), `#TYPE` (PowerShell): no row
//   - the header repeated: no row
//   - a last line without a line end, followed by the header of the next part: that row
func (r *Reader) Joined(line int64, f [][]byte) (rows [][][]byte, ok bool, err error) {
	if r.plan == nil {
		return nil, false, nil
	}
	header := r.plan.header
	switch {
	case isDecoration(f), sameHeader(header, f):
		return nil, true, nil
	case len(f) == 2*len(header)-1 && sameHeader(header[1:], f[len(header):]):
		seam := len(header) - 1
		if end, ok := cutHeader(f[seam], header[0]); ok {
			row := slices.Clone(f[:len(header)])
			row[seam] = end
			return [][][]byte{row}, true, nil
		}
	}
	if r.isHeader(f) {
		return nil, false, fmt.Errorf("line %d is another header, with other columns or in another order: the file was joined from different exports; deliver each as its own file", line)
	}
	if len(f) != len(header) && slices.ContainsFunc(f, func(cell []byte) bool { return bytes.IndexByte(azure.Trim(cell), '\r') >= 0 }) {
		return nil, false, fmt.Errorf("from line %d on, lines end with CR alone, unlike those before: the file was joined from several; deliver each as its own file", line)
	}
	return nil, false, nil
}

// isHeader reports whether a record is a header, or a row with a header after it: at least three of its cells, and at least a third, are column
// names.
func (r *Reader) isHeader(f [][]byte) bool {
	const ends = 8 // a bad row has no names there, and a file may have millions of them
	if n := len(f); n > 2*ends && r.names(f[:ends]) < 2 && r.names(f[n-ends:]) < 2 {
		return false
	}
	known := r.names(f)
	return known >= 3 && known*3 >= len(f)
}

// names counts the cells that are names of columns.
func (r *Reader) names(f [][]byte) (n int) {
	for _, cell := range f {
		if len(cell) < maxName {
			if _, is := r.lists.alias(r.schema.Kind, CanonicalHeader(string(cell))); is {
				n++
			}
		}
	}
	return n
}

// maxName is more than the longest name of a column, in any language.
const maxName = 100

// isDecoration reports whether a record holds nothing: only blank cells, only dashes, or the line that PowerShell's Export-Csv begins with.
func isDecoration(f [][]byte) bool {
	if len(f) == 1 && source.IsTypeLine(f[0]) {
		return true
	}
	for _, cell := range f {
		if cell = azure.Trim(cell); len(bytes.Trim(cell, "-")) > 0 || len(cell) == 1 {
			return false
		}
	}
	return true
}

// sameHeader reports whether a record has the names of the header in their order.
func sameHeader(header []string, f [][]byte) bool {
	if len(f) != len(header) {
		return false
	}
	for i, cell := range f {
		if CanonicalHeader(string(cell)) != CanonicalHeader(header[i]) {
			return false
		}
	}
	return true
}

// cutHeader cuts the first name of a header off the end of a cell, with a byte order mark before it and quotes around it.
func cutHeader(cell []byte, name string) ([]byte, bool) {
	cell = bytes.TrimSpace(cell)
	for _, end := range []string{"\ufeff\"" + name + "\"", "\ufeff" + name, "\"" + name + "\"", name} {
		if bytes.HasSuffix(cell, []byte(end)) {
			return cell[:len(cell)-len(end)], true
		}
	}
	return nil, false
}
