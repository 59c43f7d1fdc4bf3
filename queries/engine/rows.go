package engine

import (
	"database/sql"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/pidledger/pidledger/queries/columnar"
)

// columnType maps DuckDB's type names to the column types of results.
func columnType(name string) columnar.Type {
	switch {
	case strings.HasPrefix(name, "DECIMAL(") && strings.HasSuffix(name, ",6)"):
		return columnar.Ratio
	case strings.HasPrefix(name, "DECIMAL"):
		return columnar.Decimal
	case strings.HasSuffix(name, "[]"):
		return columnar.StringList
	}
	switch name {
	case "BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UBIGINT", "UINTEGER", "USMALLINT", "UTINYINT", "HUGEINT":
		return columnar.Int
	case "DATE":
		return columnar.Date
	case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMPTZ":
		return columnar.Timestamp
	case "BOOLEAN":
		return columnar.Bool
	}
	return columnar.String
}

// rowReader reads a result of database/sql into Values.
type rowReader struct {
	rows   *sql.Rows
	schema columnar.Schema
	scan   []any
	cells  []any
	values []Value
	err    error
}

func (r *rowReader) Schema() columnar.Schema { return r.schema }
func (r *rowReader) Values() []Value         { return r.values }
func (r *rowReader) Close() error            { return r.rows.Close() }

func (r *rowReader) Err() error {
	if r.err != nil {
		return r.err
	}
	return r.rows.Err()
}

func (r *rowReader) Next() bool {
	if r.err != nil || !r.rows.Next() {
		return false
	}
	if r.err = r.rows.Scan(r.scan...); r.err != nil {
		return false
	}
	for i, c := range r.cells {
		v, err := toValue(r.schema[i].Type, c)
		if err != nil {
			r.err = fmt.Errorf("column %s: %w", r.schema[i].Name, err)
			return false
		}
		r.values[i] = v
	}
	return true
}

// WholeNumber converts the integer types of the driver that fit into an int64, and booleans to 0 and 1.
func WholeNumber(v any) (int64, bool) {
	switch x := v.(type) {
	case int64:
		return x, true
	case int32:
		return int64(x), true
	case int16:
		return int64(x), true
	case int8:
		return int64(x), true
	case uint32:
		return int64(x), true
	case uint16:
		return int64(x), true
	case uint8:
		return int64(x), true
	case bool:
		if x {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

// toValue converts a value that the driver scanned.
func toValue(t columnar.Type, c any) (Value, error) {
	v := Value{Type: t}
	if n, ok := WholeNumber(c); ok {
		v.I = n
		return v, nil
	}
	switch x := c.(type) {
	case nil:
		v.Null = true
	case string:
		v.S = x
	case []byte:
		v.S = string(x)
	case uint64:
		v.I = int64(x)
	case *big.Int:
		if !x.IsInt64() {
			return v, fmt.Errorf("%s is not a 64-bit number", x)
		}
		v.I = x.Int64()
	case time.Time:
		if t == columnar.Date {
			v.I = floorDiv(x.Unix(), 86400)
		} else {
			v.I = x.UnixMicro()
		}
	case Decimal:
		scale := 18
		if t == columnar.Ratio {
			scale = 6
		}
		d := new(big.Int).Set(x.Value)
		for s := int(x.Scale); s < scale; s++ {
			d.Mul(d, big.NewInt(10))
		}
		v.D = decimal128.FromBigInt(d)
	case []any:
		for _, e := range x {
			v.L = append(v.L, fmt.Sprint(e))
		}
	default:
		v.S = fmt.Sprint(x)
		v.Type = columnar.String
	}
	return v, nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
