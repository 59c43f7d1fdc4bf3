package adhoc

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// FieldKind says which part of a Cell holds its value.
type FieldKind int

// The kinds of columns in results. Other types of the engine (intervals, times of day, bits, ...) are text in its notation.
const (
	KindText    FieldKind = iota // S
	KindInt                      // I
	KindBig                      // N; whole numbers wider than 64 bits, such as the sum of a BIGINT
	KindDecimal                  // N x 10^-Scale
	KindFloat                    // F
	KindBool                     // I, 0 or 1
	KindDate                     // I, days since 1970-01-01; MinInt64 and MaxInt64: before and after all days
	KindTime                     // I, microseconds since 1970-01-01 UTC; MinInt64 and MaxInt64: before and after all times
	KindJSON                     // S, JSON of a list, struct or map; wide numbers in it are texts
)

// Field is a column of a Result.
type Field struct {
	Name  string
	Type  string // the engine's name of the type, such as DECIMAL(38,18)
	Kind  FieldKind
	Width int // digits of KindDecimal, bits of KindFloat
	Scale int // digits after the point of KindDecimal
}

// Cell is a value of a Result. If Null is set, the other fields mean nothing.
type Cell struct {
	Null bool
	S    string
	I    int64
	F    float64
	N    *big.Int
}

// Result is read once, from its first row to its last, in the order of the query. The rows are in a table of the Reader and come in batches.
type Result struct {
	reader *Reader
	ctx    context.Context //nolint:containedctx // of the one call that the rows belong to
	fields []Field
	rows   int64
	text   string // SELECT of a batch, up to the bounds
	batch  int64  // rows in a batch
	next   int64  // first row of the next batch
	cursor *sql.Rows
	raw    []any
	scan   []any
	cells  []Cell
	err    error
}

// batchCells is about how many values a batch has.
const batchCells = 1 << 20

// result opens the table that Query made.
func (r *Reader) result(ctx context.Context) (*Result, error) {
	out := &Result{reader: r, ctx: ctx}
	columns, err := engine.Ask[struct {
		ColumnName string
		DataType   string
	}](ctx, r.db, queries.Text("reader/result_columns.sql"), resultTable)
	if err != nil {
		return nil, err
	}
	var parts []string
	for _, c := range columns {
		f := Field{Name: c.ColumnName, Type: c.DataType}.classify()
		out.fields = append(out.fields, f)
		parts = append(parts, f.read())
	}
	table := engine.Ident(resultTable)
	if out.rows, err = r.db.Count(ctx, "select count(*) from "+table); err != nil {
		return nil, err
	}
	n := len(out.fields)
	out.text = "select " + strings.Join(parts, ", ") + " from " + table
	out.batch = int64(min(1<<16, max(2048, batchCells/max(1, n))))
	out.raw, out.scan, out.cells = make([]any, n), make([]any, n), make([]Cell, n)
	for i := range out.raw {
		out.scan[i] = &out.raw[i]
	}
	return out, nil
}

var decimalType = regexp.MustCompile(`^DECIMAL\((\d+),(\d+)\)$`)

// classify finds the kind of a column.
func (f Field) classify() Field {
	if m := decimalType.FindStringSubmatch(f.Type); m != nil {
		f.Kind = KindDecimal
		f.Width, _ = strconv.Atoi(m[1])
		f.Scale, _ = strconv.Atoi(m[2])
		return f
	}
	switch f.Type {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER":
		f.Kind = KindInt
	case "UBIGINT", "HUGEINT", "UHUGEINT":
		f.Kind = KindBig
	case "FLOAT":
		f.Kind, f.Width = KindFloat, 32
	case "DOUBLE":
		f.Kind, f.Width = KindFloat, 64
	case "BOOLEAN":
		f.Kind = KindBool
	case "DATE":
		f.Kind = KindDate
	case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP WITH TIME ZONE":
		f.Kind = KindTime
	default:
		if nested(f.Type) || f.Type == "JSON" {
			f.Kind = KindJSON
		}
	}
	return f
}

func nested(t string) bool {
	return strings.HasSuffix(t, "]") || strings.HasPrefix(t, "STRUCT(") || strings.HasPrefix(t, "MAP(") || strings.HasPrefix(t, "UNION(")
}

// read is the expression that reads a column in a form that the driver supports.
func (f Field) read() string {
	name := engine.Ident(f.Name)
	switch c := f.classify(); {
	case c.Kind == KindJSON && f.Type != "JSON":
		return "cast(to_json(cast(" + name + " as " + textNumbers(f.Type) + ")) as varchar)"
	case c.Kind == KindDate, c.Kind == KindTime:
		// as numbers: the times of the driver have no infinity
		unit := "cast(datediff('day', date '1970-01-01', " + name + ") as bigint)"
		if c.Kind == KindTime {
			unit = "epoch_us(" + name + ")"
		}
		return "case when isinf(" + name + ") then case when " + name + " > date '1970-01-01' then 9223372036854775807 else -9223372036854775807 - 1 end else " + unit + " end"
	case f.Type != "VARCHAR" && (c.Kind == KindText || c.Kind == KindJSON), f.Type == "UHUGEINT":
		return "cast(" + name + " as varchar)"
	}
	return name
}

// exactTypes matches the number types that JSON would round.
var exactTypes = regexp.MustCompile(`"(?:[^"]|"")*"|DECIMAL\(\d+,\d+\)|U?HUGEINT`)

// textNumbers replaces wide numbers in a nested type by text. Names of fields are quoted and stay.
func textNumbers(t string) string {
	return exactTypes.ReplaceAllStringFunc(t, func(part string) string {
		if part[0] == '"' {
			return part
		}
		return "VARCHAR"
	})
}

// Fields gives the columns.
func (r *Result) Fields() []Field { return r.fields }

// Rows tells how many rows the result has.
func (r *Result) Rows() int64 { return r.rows }

// Cells gives the current row. The slice and what it points to are valid until Next.
func (r *Result) Cells() []Cell { return r.cells }

// Next moves to the next row; false at the end and after an error.
func (r *Result) Next() bool {
	for r.err == nil {
		if r.cursor != nil {
			if r.cursor.Next() {
				r.err = r.take()
				return r.err == nil
			}
			r.err = errors.Join(r.cursor.Err(), r.cursor.Close())
			r.cursor = nil
			continue
		}
		if r.next >= r.rows {
			return false
		}
		bounds := fmt.Sprintf(" where rowid >= %d and rowid < %d", r.next, r.next+r.batch)
		r.next += r.batch
		r.cursor, r.err = r.reader.db.Raw(r.ctx, r.text+bounds) //nolint:rowserrcheck // above
	}
	return false
}

// take converts the current row.
func (r *Result) take() error {
	if err := r.cursor.Scan(r.scan...); err != nil {
		return err
	}
	for i, v := range r.raw {
		c := &r.cells[i]
		*c = Cell{}
		if n, ok := engine.WholeNumber(v); ok {
			c.I = n
			continue
		}
		switch x := v.(type) {
		case nil:
			c.Null = true
		case string:
			if r.fields[i].Kind == KindBig {
				c.N, _ = new(big.Int).SetString(x, 10)
			} else {
				c.S = x
			}
		case []byte:
			c.S = string(x)
		case uint64:
			c.N = new(big.Int).SetUint64(x)
		case float64:
			c.F = x
		case float32:
			c.F = float64(x)
		case *big.Int:
			c.N = x
		case engine.Decimal:
			c.N = x.Value
		default:
			return fmt.Errorf("column %s: the type %s cannot be read; cast it to varchar", r.fields[i].Name, r.fields[i].Type)
		}
	}
	return nil
}

// Err tells why Next returned false; nil at the end of the rows.
func (r *Result) Err() error {
	if r.err != nil && r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	return r.err
}

// Close frees what the result holds.
func (r *Result) Close() error {
	var err error
	if r.cursor != nil {
		err = r.cursor.Close()
	}
	return errors.Join(err, r.reader.db.Exec(context.WithoutCancel(r.ctx), "drop table if exists "+engine.Ident(resultTable)))
}
