package engine

import (
	"fmt"

	"github.com/pidledger/pidledger/queries/columnar"
)

// Value is one cell of a result. Which field holds it follows from Type; when Null is set the others mean nothing.
type Value struct {
	Type columnar.Type
	Null bool
	S    string       // String
	I    int64        // Int; Date as days since 1970-01-01; Timestamp as microseconds since 1970-01-01 UTC; Bool as 0 or 1
	D    columnar.Dec // Decimal as x 10^18; Ratio as x 10^6
	L    []string     // StringList
}

// Append adds the cell to a column of the row that a batch is being filled with.
func (v *Value) Append(b *columnar.Batch, column int) error {
	if v.Null {
		b.Null(column)
		return nil
	}
	switch v.Type {
	case columnar.String:
		b.Str(column, v.S)
	case columnar.StringList:
		b.Strings(column, v.L)
	case columnar.Int:
		b.Int(column, v.I)
	case columnar.Decimal, columnar.Ratio:
		b.Decimal(column, v.D)
	case columnar.Date:
		b.Date(column, int32(v.I))
	case columnar.Timestamp:
		b.Time(column, v.I)
	case columnar.Bool:
		b.Bool(column, v.I != 0)
	default:
		return fmt.Errorf("column %d has a value of type %v", column+1, v.Type)
	}
	return nil
}

// Rows is a result read once, from its first row to its last, in the order of the statement.
//
//	for rows.Next() {
//		use(rows.Values())
//	}
//	err := rows.Err()
//
// Close is always called, also after an error, and frees what the result holds.
type Rows interface {
	// Schema gives the columns; it is valid before the first Next.
	Schema() columnar.Schema
	// Next moves to the next row; false at the end and after an error.
	Next() bool
	// Values gives the current row, one value for each column. The slice and the lists in it are valid until Next.
	Values() []Value
	// Err tells why Next returned false; nil at the end of the rows.
	Err() error
	Close() error
}
