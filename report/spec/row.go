package spec

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// Row gives the cells of one row of a report after the other by the names of their columns. NULL is the empty text and zero.
// A name that the report does not have is a fault of the program: it panics.
type Row struct {
	of     string
	at     map[string]int
	values []engine.Value
}

// NewRow gives a reader of rows of that report, which has none yet.
func NewRow(of Report) *Row {
	r := &Row{of: of.Name, at: make(map[string]int, len(of.Columns))}
	for i, c := range of.Columns {
		r.at[c.Name] = i
	}
	return r
}

// Set makes r the row with these values, in the order of the columns. They are not copied.
func (r *Row) Set(values []engine.Value) { r.values = values }

// Cell gives a cell as it is.
func (r *Row) Cell(name string) *engine.Value {
	i, ok := r.at[name]
	if !ok {
		panic(fmt.Sprintf("the report %s has no column %s", r.of, name))
	}
	return &r.values[i]
}

// Text gives a text, date or ratio cell as it stands in CSV. The result does not share memory with the row.
func (r *Row) Text(name string) string {
	v := r.Cell(name)
	switch {
	case v.Null:
		return ""
	case v.Type == columnar.String:
		return strings.Clone(v.S)
	}
	return string(AppendValue(nil, v))
}

// Int gives an integer.
func (r *Row) Int(name string) int64 {
	if v := r.Cell(name); !v.Null {
		return v.I
	}
	return 0
}

// Units gives an amount x 10^18.
func (r *Row) Units(name string) *big.Int {
	if v := r.Cell(name); !v.Null {
		return v.D.BigInt()
	}
	return new(big.Int)
}

// Amount gives an amount as text.
func (r *Row) Amount(name string) Amount {
	if v := r.Cell(name); !v.Null {
		return Amount(columnar.FormatDecimal(v.D))
	}
	return ""
}

// AppendValue appends a value that is neither NULL, text nor a list: decimals in plain notation without trailing zeros, dates as
// YYYY-MM-DD, times as RFC 3339 in UTC.
func AppendValue(dst []byte, v *engine.Value) []byte {
	switch v.Type {
	case columnar.Int:
		return strconv.AppendInt(dst, v.I, 10)
	case columnar.Decimal:
		return columnar.AppendDecimal(dst, v.D)
	case columnar.Ratio:
		return columnar.AppendRatio(dst, v.D)
	case columnar.Date:
		return time.Unix(v.I*86400, 0).UTC().AppendFormat(dst, time.DateOnly)
	case columnar.Timestamp:
		return time.UnixMicro(v.I).UTC().AppendFormat(dst, "2006-01-02T15:04:05.999999Z")
	case columnar.Bool:
		return strconv.AppendBool(dst, v.I != 0)
	}
	return fmt.Appendf(dst, "%v", v.Type) // no other type exists
}
