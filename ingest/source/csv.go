package source

import (
	"bytes"
	"io"
	"strings"
)

// CSVOptions changes how NewCSV reads. The zero value is right for files that begin with their header.
type CSVOptions struct {
	// SkipPreamble is asked for every line that is not blank, without its line end, until it returns false:
	// that line is the header. Nil: the first line that is not blank.
	SkipPreamble func(line []byte) bool

	// HeaderLine is the line where the header begins, from 1, when that is known: the lines before it are
	// skipped unseen, whatever they are. 0: not known.
	HeaderLine int64

	// BlockSize is the size of a block in bytes, 1 MB when 0.
	BlockSize int

	// MaxRecord is the largest record in bytes, MaxRecord when 0.
	MaxRecord int
}

// CSV cuts CSV text into blocks of whole records. It is used by one goroutine; the blocks may be read by others.
//
// The text is RFC 4180 with `""` for a quote, line ends LF or CRLF, quoted line ends kept as they are, and
// the leniency real exports need: a quote inside an unquoted field and text after a closing quote are data;
// blank lines do not count; a byte order mark at the start of a record (files joined with cat) is not a part of
// it. Where the first line ends with a CR alone (Excel for Mac), every CR ends a line, one before a LF with it.
// The delimiter is the one of `,` `;` `|` and tab that is most frequent in the header outside quotes; a line
// `sep=;` (Excel) or `#TYPE ...` (PowerShell) before the header is skipped.
type CSV struct {
	r      io.Reader
	o      CSVOptions
	header []string
	at     int64 // line where the header begins, 0 when there is none
	delim  byte
	buf    []byte // read but not yet delivered, starts at a record
	eof    bool
	err    error // sticky
	record int64 // number of the next data record
	line   int64 // line of buf[0]
}

// NewCSV reads as far as the header. A file without any header (empty, blank or all preamble) is not an error:
// Header is then empty and Next returns io.EOF.
func NewCSV(r io.Reader, o CSVOptions) (*CSV, error) {
	if o.BlockSize <= 0 {
		o.BlockSize = defaultBlock
	}
	if o.MaxRecord <= 0 {
		o.MaxRecord = MaxRecord
	}
	c := &CSV{r: r, o: o, delim: ',', line: 1, buf: getBuffer(o.BlockSize)}
	for len(c.buf) < len(utf8BOM) && !c.eof {
		if len(c.buf) == cap(c.buf) {
			c.buf = grow(c.r, c.buf, o.MaxRecord)
		}
		if err := c.more(); err != nil {
			return nil, err
		}
	}
	if bytes.HasPrefix(c.buf, utf8BOM) {
		c.buf = append(c.buf[:0], c.buf[len(utf8BOM):]...)
	}
	if err := c.lineEnds(); err != nil {
		return nil, err
	}
	if err := c.preamble(); err != nil {
		return nil, err
	}
	return c, c.readHeader()
}

// Header returns the cells of the header, without quotes and outer blanks; empty when the file has no header.
func (c *CSV) Header() []string { return c.header }

// HeaderLine returns the line where the header begins, 0 when the file has none.
func (c *CSV) HeaderLine() int64 { return c.at }

// Delimiter returns the delimiter found in the header.
func (c *CSV) Delimiter() byte { return c.delim }

// Next returns the next block of whole records, or io.EOF after the last. Errors are final: *QuoteError,
// *TooLongError, or what the reader returned; all records before a *QuoteError have been delivered.
func (c *CSV) Next() (*Block, error) {
	for {
		if c.err != nil {
			return nil, c.err
		}
		if len(c.buf) == 0 && c.eof {
			c.err = io.EOF
			putBuffer(c.buf)
			c.buf = nil
			return nil, io.EOF
		}
		if err := c.more(); err != nil {
			c.err = err
			return nil, err
		}
		s := scanRecords(c.buf, c.delim, c.eof)
		if s.end == 0 {
			if len(c.buf) == 0 {
				continue
			}
			c.err = c.incomplete(s, "record")
			if c.err == nil {
				c.buf = grow(c.r, c.buf, c.o.MaxRecord)
			}
			continue
		}
		b := &Block{FirstRecord: c.record, FirstLine: c.line, Records: s.records, data: c.buf[:s.end], delim: c.delim}
		rest := c.buf[s.end:]
		if c.buf = nil; !c.eof || len(rest) > 0 {
			c.buf = append(getBuffer(max(c.o.BlockSize, len(rest)+1)), rest...)
		}
		c.record += s.records
		c.line += s.lines
		if b.Records == 0 {
			b.Release()
			continue
		}
		return b, nil
	}
}

// lineEnds looks how the first line ends, and translates the line ends of the text when that is with CR alone.
func (c *CSV) lineEnds() error {
	for {
		cr, known := endsWithCR(c.buf)
		if cr {
			lines := &crLines{r: c.r}
			c.buf = c.buf[:lines.translate(c.buf)]
			c.r = lines
		}
		if known || c.eof || len(c.buf) >= c.o.MaxRecord {
			return nil
		}
		if len(c.buf) == cap(c.buf) {
			c.buf = grow(c.r, c.buf, c.o.MaxRecord)
		}
		if err := c.more(); err != nil {
			return err
		}
	}
}

// more fills the buffer.
func (c *CSV) more() (err error) {
	if !c.eof {
		c.buf, c.eof, err = fill(c.r, c.buf)
	}
	return err
}

// incomplete says why there is no whole record in the buffer; nil: because it must grow.
func (c *CSV) incomplete(s scan, what string) error {
	quote := int64(0)
	if s.open >= 0 {
		quote = c.line + int64(bytes.Count(c.buf[:s.open], newline))
	}
	switch {
	case c.eof:
		return &QuoteError{Record: c.record, Line: quote}
	case len(c.buf) >= c.o.MaxRecord:
		return &TooLongError{What: what, Line: c.line, Quote: quote, Limit: c.o.MaxRecord}
	}
	return nil
}

// skip drops the first n bytes of the buffer, which are whole lines.
func (c *CSV) skip(n int) {
	c.line += int64(bytes.Count(c.buf[:n], newline))
	c.buf = append(c.buf[:0], c.buf[n:]...)
}

// preamble drops the lines before the header, a buffer of them at a time.
func (c *CSV) preamble() error {
	ask := c.o.SkipPreamble
	dropped := 0 // bytes of the buffer, which c.line is past
	drop := func() {
		c.buf = append(c.buf[:0], c.buf[dropped:]...)
		dropped = 0
	}
	for {
		rest := c.buf[dropped:]
		end := bytes.IndexByte(rest, '\n') + 1
		if end == 0 {
			if !c.eof {
				drop()
				if len(c.buf) >= c.o.MaxRecord {
					return &TooLongError{What: "line", Line: c.line, Limit: c.o.MaxRecord}
				}
				if len(c.buf) == cap(c.buf) {
					c.buf = grow(c.r, c.buf, c.o.MaxRecord)
				}
				if err := c.more(); err != nil {
					return err
				}
				continue
			}
			end = len(rest)
		}
		line := trimEOL(rest[:end])
		switch {
		case end == 0:
			drop()
			return nil
		case c.line < c.o.HeaderLine || len(bytes.Trim(line, blanks)) == 0 || isSep(line) || IsTypeLine(line) || ask != nil && ask(line):
			if rest[end-1] == '\n' {
				c.line++
			}
			dropped += end
		default:
			drop()
			return nil
		}
	}
}

// isSep recognises Excel's delimiter hint.
func isSep(line []byte) bool {
	return len(line) == 5 && strings.EqualFold(string(line[:4]), "sep=") && isDelimiter(line[4])
}

// IsTypeLine recognises the line that Windows PowerShell's Export-Csv writes before the header, unless told -NoTypeInformation.
func IsTypeLine(line []byte) bool {
	return bytes.HasPrefix(bytes.TrimPrefix(line, utf8BOM), []byte("#TYPE "))
}

// readHeader takes the header off the buffer.
func (c *CSV) readHeader() error {
	for {
		c.buf = bytes.TrimPrefix(c.buf, utf8BOM) // after a preamble
		if len(c.buf) == 0 && c.eof {
			return nil
		}
		end, quote := headerEnd(c.buf, c.eof)
		if end > 0 {
			c.delim = findDelimiter(c.buf[:end])
			b := Block{data: c.buf[:end], delim: c.delim}
			err := b.Each(func(_, _ int64, f [][]byte) error {
				for _, cell := range f {
					c.header = append(c.header, strings.TrimSpace(strings.Trim(string(cell), "\ufeff")))
				}
				return nil
			})
			c.at = c.line
			c.skip(end)
			c.record = 1
			return err
		}
		if err := c.incomplete(scan{open: quote}, "header"); err != nil {
			return err
		}
		c.buf = grow(c.r, c.buf, c.o.MaxRecord)
		if err := c.more(); err != nil {
			return err
		}
	}
}

// headerEnd finds the end of the first record without knowing the delimiter; 0 when it is not in data. quote
// is where a quoted field opens that does not close, or -1.
func headerEnd(data []byte, eof bool) (end, quote int) {
	quote = -1
	for i := 0; i < len(data); i++ {
		switch {
		case quote >= 0:
			if data[i] == '"' {
				if i+1 < len(data) && data[i+1] == '"' {
					i++
				} else {
					quote = -1
				}
			}
		case data[i] == '"' && (i == 0 || isDelimiter(data[i-1])):
			quote = i
		case data[i] == '\n':
			return i + 1, -1
		}
	}
	if eof && quote < 0 {
		return len(data), -1
	}
	return 0, quote
}

func isDelimiter(c byte) bool { return c == ',' || c == ';' || c == '\t' || c == '|' }

// findDelimiter returns the most frequent delimiter outside quotes, the comma when there is none.
func findDelimiter(header []byte) byte {
	var count [256]int
	quoted := false
	for _, c := range header {
		if c == '"' {
			quoted = !quoted
		} else if !quoted {
			count[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte{';', '\t', '|'} {
		if count[c] > count[best] {
			best = c
		}
	}
	return best
}

var newline = []byte{'\n'}

// trimEOL cuts one line end, LF or CRLF, or a CR at the end of the file.
func trimEOL(line []byte) []byte {
	line = bytes.TrimSuffix(line, newline)
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}

// scan is what scanRecords found.
type scan struct {
	end     int   // end of the last whole record, 0 when there is none
	records int64 // records before end that are not blank
	lines   int64 // line ends before end
	open    int   // where a quoted field opens that does not close in the data, or -1
}

// scanRecords finds the end of the last whole record in data, which starts at a record. It jumps from quote
// to quote and counts line ends in between, so that its cost is far below that of splitting the fields.
func scanRecords(data []byte, delim byte, eof bool) scan {
	s := scan{open: -1}
	var (
		start  int   // of the current record
		from   int   // start of the unquoted stretch not yet counted
		pos    int   // where to look for the next quote
		quoted int64 // line ends inside quotes in the current record
	)
	count := func(to int) {
		for from < to {
			n := bytes.IndexByte(data[from:to], '\n')
			if n < 0 {
				from = to
				return
			}
			n += from
			if n-start > maxBlankLine || !isBlankLine(data[start:n]) {
				s.records++
			}
			s.lines += 1 + quoted
			quoted = 0
			from, start = n+1, n+1
		}
	}
	for {
		q := bytes.IndexByte(data[pos:], '"')
		if q < 0 {
			break
		}
		q += pos
		if q > 0 && data[q-1] != delim && data[q-1] != '\n' && !afterBOM(data, q) {
			pos = q + 1 // a quote inside an unquoted field
			continue
		}
		count(q)
		end := closingQuote(data, q+1)
		if end < 0 {
			s.open = q
			s.end = start
			return s
		}
		quoted += int64(bytes.Count(data[q:end], newline))
		from, pos = end+1, end+1
	}
	count(len(data))
	if eof && start < len(data) {
		if !isBlankLine(data[start:]) {
			s.records++
		}
		s.lines += quoted
		start = len(data)
	}
	s.end = start
	return s
}

// maxBlankLine is the length of the longest blank line: a byte order mark and a CR.
const maxBlankLine = 4

// isBlankLine reports whether a line, without its LF, is not a record.
func isBlankLine(line []byte) bool {
	return len(trimCR(bytes.TrimPrefix(line, utf8BOM))) == 0
}

// afterBOM reports whether only a byte order mark stands between at and the start of its line.
func afterBOM(data []byte, at int) bool {
	n := at - len(utf8BOM)
	return n >= 0 && (n == 0 || data[n-1] == '\n') && bytes.Equal(data[n:at], utf8BOM)
}

// closingQuote returns the index of the quote that closes the field whose content starts at from, or -1.
func closingQuote(data []byte, from int) int {
	for {
		q := bytes.IndexByte(data[from:], '"')
		if q < 0 {
			return -1
		}
		q += from
		if q+1 == len(data) || data[q+1] != '"' {
			return q
		}
		from = q + 2
	}
}
