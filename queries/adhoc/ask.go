package adhoc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// Ask runs one of our own SELECTs on the snapshot and returns each row as a T, by the rules of engine.Ask. It is for statements whose columns are
// known; use Query for what a person typed. Errors are those of Query.
func Ask[T any](ctx context.Context, r *Reader, text string, params map[string]string) ([]T, error) {
	rows, err := Rows(ctx, r, text, params)
	if err != nil {
		return nil, err
	}
	return engine.Collect[T](rows)
}

// Rows is Ask for results that may be too large for memory. The caller closes them.
func Rows(ctx context.Context, r *Reader, text string, params map[string]string) (engine.Rows, error) {
	result, err := r.Query(ctx, text, params)
	if err != nil {
		return nil, err
	}
	rows := &typedRows{result: result}
	for _, f := range result.Fields() {
		rows.schema = append(rows.schema, columnar.Column{Name: f.Name, Type: f.columnType()})
	}
	rows.values = make([]engine.Value, len(rows.schema))
	return rows, nil
}

// typedRows reads a Result as the values of our own tables.
type typedRows struct {
	result *Result
	schema columnar.Schema
	values []engine.Value
	err    error
}

func (r *typedRows) Schema() columnar.Schema { return r.schema }
func (r *typedRows) Values() []engine.Value  { return r.values }
func (r *typedRows) Err() error              { return errors.Join(r.err, r.result.Err()) }
func (r *typedRows) Close() error            { return r.result.Close() }

func (r *typedRows) Next() bool {
	if r.err != nil || !r.result.Next() {
		return false
	}
	cells, fields := r.result.Cells(), r.result.Fields()
	for i := range cells {
		var err error
		if r.values[i], err = cells[i].value(r.schema[i].Type, fields[i]); err != nil {
			r.err = fmt.Errorf("column %s: %w", fields[i].Name, err)
			return false
		}
	}
	return true
}

// columnType is the type that a column of our own tables has.
func (f Field) columnType() columnar.Type {
	switch f.Kind {
	case KindInt, KindBig:
		return columnar.Int
	case KindDecimal:
		if f.Scale == ratioScale {
			return columnar.Ratio
		}
		return columnar.Decimal
	case KindBool:
		return columnar.Bool
	case KindDate:
		return columnar.Date
	case KindTime:
		return columnar.Timestamp
	case KindJSON:
		if f.Type == "VARCHAR[]" {
			return columnar.StringList
		}
	}
	return columnar.String
}

// The digits after the point that columnar.Dec counts with.
const (
	decimalScale = 18
	ratioScale   = 6
)

// value is the cell as a value of the type.
func (c *Cell) value(t columnar.Type, f Field) (engine.Value, error) {
	v := engine.Value{Type: t, Null: c.Null, S: c.S, I: c.I}
	switch {
	case c.Null:
	case f.Kind == KindFloat:
		v.S = strconv.FormatFloat(c.F, 'g', -1, f.Width)
	case f.Kind == KindBig:
		if !c.N.IsInt64() {
			return v, fmt.Errorf("%s is not a 64-bit number", c.N)
		}
		v.I = c.N.Int64()
	case f.Kind == KindDecimal:
		n, scale := new(big.Int).Set(c.N), decimalScale
		if t == columnar.Ratio {
			scale = ratioScale
		}
		if f.Scale > scale {
			return v, fmt.Errorf("a %s has more than %d digits after the point", f.Type, scale)
		}
		n.Mul(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale-f.Scale)), nil))
		if n.BitLen() > 127 {
			return v, fmt.Errorf("a %s is wider than DECIMAL(38,%d)", f.Type, scale)
		}
		v.D = decimal128.FromBigInt(n)
	case (f.Kind == KindDate || f.Kind == KindTime) && (c.I == math.MaxInt64 || c.I == math.MinInt64):
		return v, errors.New("it is infinitely far away")
	case t == columnar.StringList:
		if err := json.Unmarshal([]byte(c.S), &v.L); err != nil {
			return v, err
		}
	}
	return v, nil
}
