package engine

import (
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
