package columnar

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
)

// Batch collects rows column by column. Fill the values of a row with the appenders in any column order, then call EndRow.
//
// A column that got no value in a row takes the column's constant there, or NULL: so Null is needed only to override a constant.
// Texts are copied; nothing is kept of the caller's slices. Appenders never allocate once the batch has grown to its size.
// Mistakes in the program (two values for one row, a value of another type than the column's) are remembered and returned by Writer.Write.
//
// A Batch is meant to be used again after Reset. It is not safe for concurrent use; use one for each goroutine. Batches of a
// thousand rows and more spread the cost of a Write well.
type Batch struct {
	// MaxText is the longest text in bytes that a row may have, 0 for any. A longer one is not taken: LongText tells of it until the row ends.
	MaxText int

	schema Schema
	cols   []column
	rows   int
	long   int // of the current row, the first column with a text that was not taken, from 1
	err    error
}

// column holds the values of one column as codes of a dictionary of this batch.
type column struct {
	typ   Type
	codes []uint32 // per row; trailing rows may be missing: they hold pad. In a list column: 0 for NULL, else the number of elements + 1
	pad   uint32   // code of the constant, or nullCode
	texts strings
	nums  numbers
	elems []uint32 // list column: the codes of all elements

	constant  Dec // the constant, when pad is not nullCode
	constText []byte

	known int // values in the dictionary at the last Reset

	// What the codes are in the row group that took the last rows of this batch; 0 = not there yet.
	remap []uint32
	group *group
}

// The dictionaries stay over Reset, because the next rows tend to hold the same values, until they take this much.
const (
	keepText   = 1 << 20 // bytes
	keepValues = 1 << 13
)

// NewBatch returns an empty batch.
func NewBatch(s Schema) *Batch {
	b := &Batch{schema: s, cols: make([]column, len(s))}
	for i := range b.cols {
		b.cols[i].typ = s[i].Type
		b.cols[i].texts.reset()
	}
	return b
}

// Schema returns the schema that the batch was made for.
func (b *Batch) Schema() Schema { return b.schema }

// Rows returns the number of complete rows.
func (b *Batch) Rows() int { return b.rows }

// Err returns the first mistake made since Reset.
func (b *Batch) Err() error { return b.err }

// Bytes returns how much memory the texts of the batch take.
func (b *Batch) Bytes() int {
	n := 0
	for i := range b.cols {
		n += len(b.cols[i].texts.data)
	}
	return n
}

// LongText returns the first column that has a text above MaxText in the current row.
func (b *Batch) LongText() (column string, ok bool) {
	if b.long == 0 {
		return "", false
	}
	return b.schema[b.long-1].Name, true
}

// EndRow completes the row.
func (b *Batch) EndRow() {
	b.rows++
	b.long = 0
}

// DropRow takes back what was appended since the last EndRow.
func (b *Batch) DropRow() {
	b.long = 0
	for i := range b.cols {
		c := &b.cols[i]
		if len(c.codes) <= b.rows {
			continue
		}
		if c.typ == StringList && c.codes[b.rows] > 0 {
			c.elems = c.elems[:len(c.elems)-int(c.codes[b.rows]-1)]
		}
		c.codes = c.codes[:b.rows]
	}
}

// Reset empties the batch. Constants stay.
func (b *Batch) Reset() {
	b.rows, b.err = 0, nil
	for i := range b.cols {
		c := &b.cols[i]
		c.codes, c.elems = c.codes[:0], c.elems[:0]
		if c.texts.raw || c.nums.raw || len(c.texts.data) > keepText || c.distinct() > keepValues {
			c.forget()
		}
		c.known = c.distinct()
	}
}

// distinct returns the number of values in the dictionary.
func (c *column) distinct() int { return max(c.texts.len(), len(c.nums.values)) }

// forget empties the dictionary but for the constant.
func (c *column) forget() {
	c.group = nil
	c.texts.reset()
	c.nums.reset()
	if c.pad == nullCode {
		return
	}
	if c.typ == String {
		c.pad = c.texts.put(c.constText)
	} else {
		c.pad = c.nums.put(c.constant)
	}
}

// translate prepares remap for a row group.
func (c *column) translate(g *group) {
	if c.group != g {
		c.group, c.remap = g, c.remap[:0]
	}
	for len(c.remap) <= c.distinct() {
		c.remap = append(c.remap, nullCode)
	}
}

// open returns column i, ready for the value of the current row; nil after a mistake.
func (b *Batch) open(i int, t Type) *column {
	c := &b.cols[i]
	if c.typ != t || len(c.codes) != b.rows {
		return b.align(i, t)
	}
	return c
}

func (b *Batch) align(i int, t Type) *column {
	c := &b.cols[i]
	if c.typ != t && !(c.typ == Ratio && t == Decimal) {
		b.mistake("column %s is of type %v, not %v", b.schema[i].Name, c.typ, t)
		return nil
	}
	if len(c.codes) > b.rows {
		b.mistake("column %s got two values in row %d of the batch", b.schema[i].Name, b.rows+1)
		return nil
	}
	c.fill(b.rows)
	return c
}

// fill gives rows without a value the constant or NULL.
func (c *column) fill(rows int) {
	for len(c.codes) < rows {
		c.codes = append(c.codes, c.pad)
	}
}

func (b *Batch) mistake(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf("columnar batch: "+format, args...)
	}
}

// When of the first probeAt values of a batch nearly all are new, the batch stops looking for repetitions in that column; of numbers, which the row
// group finds almost as fast, when a quarter is.
const probeAt = 256

func (c *column) addText(v []byte) {
	c.codes = append(c.codes, c.texts.put(v))
	if len(c.codes) == probeAt && c.texts.len()-c.known > probeAt*7/8 {
		c.texts.raw = true
	}
}

func (c *column) addNumber(v Dec) {
	c.codes = append(c.codes, c.nums.put(v))
	if len(c.codes) == probeAt && c.nums.len()-c.known > probeAt/4 {
		c.nums.raw = true
	}
}

// isLong tells, and remembers, that a text is above MaxText; of a list, the sum of its texts may be eight times that.
func (b *Batch) isLong(i, size int) bool {
	limit := b.MaxText
	if b.schema[i].Type == StringList {
		limit *= 8
	}
	if limit == 0 || size <= limit {
		return false
	}
	if b.long == 0 {
		b.long = i + 1
	}
	return true
}

// String appends a text; bytes that are not UTF-8 become U+FFFD. An empty text is not NULL.
func (b *Batch) String(i int, v []byte) {
	if b.isLong(i, len(v)) {
		return
	}
	if c := b.open(i, String); c != nil {
		c.addText(v)
	}
}

// Str is String for a string.
func (b *Batch) Str(i int, v string) { b.String(i, bytesOf(v)) }

// Null appends NULL, whatever the type of the column.
func (b *Batch) Null(i int) {
	if c := b.open(i, b.cols[i].typ); c != nil {
		c.codes = append(c.codes, nullCode)
	}
}

// Int appends to an Int column.
func (b *Batch) Int(i int, v int64) {
	if c := b.open(i, Int); c != nil {
		c.addNumber(number(v))
	}
}

// Decimal appends to a Decimal (x 10^18) or Ratio (x 10^6) column. The magnitude must be below 10^38.
func (b *Batch) Decimal(i int, v Dec) {
	if c := b.open(i, Decimal); c != nil {
		c.addNumber(v)
	}
}

// Date appends days since 1970-01-01.
func (b *Batch) Date(i int, daysSince1970 int32) {
	if c := b.open(i, Date); c != nil {
		c.addNumber(number(int64(daysSince1970)))
	}
}

// Time appends microseconds since 1970-01-01T00:00:00Z to a Timestamp column.
func (b *Batch) Time(i int, micros int64) {
	if c := b.open(i, Timestamp); c != nil {
		c.addNumber(number(micros))
	}
}

// Bool appends to a Bool column.
func (b *Batch) Bool(i int, v bool) {
	if c := b.open(i, Bool); c != nil {
		c.addNumber(number(boolInt(v)))
	}
}

// Strings appends a list, which may be empty (nil is an empty list, too: use Null for NULL).
func (b *Batch) Strings(i int, v []string) {
	size := 0
	for _, s := range v {
		size += len(s)
	}
	if b.isLong(i, size) {
		return
	}
	c := b.open(i, StringList)
	if c == nil {
		return
	}
	for _, s := range v {
		c.elems = append(c.elems, c.texts.put(bytesOf(s)))
	}
	c.codes = append(c.codes, uint32(len(v))+1)
}

// The Const methods give column i a constant for all rows that get no value of their own, from the first row of the batch on. It
// stays over Reset, costs nothing per row, and is set before the first row.

// ConstStr sets the constant of a String column.
func (b *Batch) ConstStr(i int, v string) {
	if c := b.constant(i, String); c != nil {
		c.constText = append(c.constText[:0], v...)
		c.pad = c.texts.put(c.constText)
	}
}

// ConstInt sets the constant of an Int column.
func (b *Batch) ConstInt(i int, v int64) { b.constNumber(i, Int, number(v)) }

// ConstDecimal sets the constant of a Decimal or Ratio column.
func (b *Batch) ConstDecimal(i int, v Dec) { b.constNumber(i, Decimal, v) }

// ConstDate sets the constant of a Date column.
func (b *Batch) ConstDate(i int, daysSince1970 int32) {
	b.constNumber(i, Date, number(int64(daysSince1970)))
}

// ConstTime sets the constant of a Timestamp column.
func (b *Batch) ConstTime(i int, micros int64) { b.constNumber(i, Timestamp, number(micros)) }

// ConstBool sets the constant of a Bool column.
func (b *Batch) ConstBool(i int, v bool) { b.constNumber(i, Bool, number(boolInt(v))) }

// ConstNull takes the constant of column i back.
func (b *Batch) ConstNull(i int) {
	if c := b.constant(i, b.cols[i].typ); c != nil {
		c.pad = nullCode
	}
}

func (b *Batch) constNumber(i int, t Type, v Dec) {
	if c := b.constant(i, t); c != nil {
		c.constant = v
		c.pad = c.nums.put(v)
	}
}

func (b *Batch) constant(i int, t Type) *column {
	if b.rows > 0 {
		b.mistake("the constant of column %s was set after the first row; Reset the batch first", b.schema[i].Name)
		return nil
	}
	c := &b.cols[i]
	if c.typ != t && !(c.typ == Ratio && t == Decimal) {
		b.mistake("column %s is of type %v, not %v", b.schema[i].Name, c.typ, t)
		return nil
	}
	return c
}

func number(v int64) Dec { return decimal128.New(v>>63, uint64(v)) }

func boolInt(v bool) int64 {
	if v {
		return 1
	}
	return 0
}
