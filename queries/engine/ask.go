package engine

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/pidledger/pidledger/queries/columnar"
)

// Asker runs SELECTs: a DB, or what stands for one.
type Asker interface {
	// Query runs a SELECT and returns its rows.
	Query(ctx context.Context, statement string, args ...any) (Rows, error)
}

// Ask runs a SELECT and returns each row as a T, whose fields are filled by the names of the columns:
//
//	type run struct {
//		ID      string    `sql:"run_id"` // the column run_id
//		Started time.Time // the column started, for a field without a tag has the column of its name: RunID has run_id
//		Ended   *time.Time
//		Notes   []string `sql:"-"` // no column
//		Size    int64    `json:"bytes"` // the column bytes: a name in JSON is the column's, too, where sql names none
//	}
//	runs, err := engine.Ask[run](ctx, db, queries.Text("ledger/status_runs.sql"), since)
//
// The fields of an embedded struct are fields of T. If T is not a struct, the statement has a single column: Ask[string], Ask[int64].
//
//	text, dates, times, decimals   string: YYYY-MM-DD; RFC 3339 in UTC, to the microsecond; plain notation without trailing zeros
//	whole numbers                  int64, int and the other kinds of integers
//	truth values                   bool
//	dates, times                   time.Time in UTC
//	dates                          integers: days since 1970-01-01, as export.Day
//	decimals                       columnar.Dec: x 10^18, of a DECIMAL(38,6) x 10^6
//	lists of texts                 []string
//
// NULL is nil in a field that is a pointer to one of these, and the zero value in any other.
//
// A statement and its T must fit: a column that only one of them has, or a field that cannot hold the type of its column, is a mistake of the
// program, and Ask panics with the names of both.
func Ask[T any](ctx context.Context, db Asker, statement string, args ...any) ([]T, error) {
	rows, err := db.Query(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	return Collect[T](rows)
}

// AskOne is Ask for a statement that returns at most one row; nil: it returned none. Further rows are an error.
func AskOne[T any](ctx context.Context, db Asker, statement string, args ...any) (*T, error) {
	all, err := Ask[T](ctx, db, statement, args...)
	switch {
	case err != nil || len(all) == 0:
		return nil, err
	case len(all) > 1:
		return nil, fmt.Errorf("%d rows where there can be one: %s", len(all), statement)
	}
	return &all[0], nil
}

// AskText runs a SELECT of at most one text; "": it returned none, or NULL.
func AskText(ctx context.Context, db Asker, statement string, args ...any) (string, error) {
	text, err := AskOne[string](ctx, db, statement, args...)
	if err != nil || text == nil {
		return "", err
	}
	return *text, nil
}

// Collect reads rows to their end as Ask does, and closes them.
func Collect[T any](rows Rows) (_ []T, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	fill := filler(reflect.TypeFor[T](), rows.Schema())
	var out []T
	for rows.Next() {
		var row T
		if err := fill(reflect.ValueOf(&row).Elem(), rows.Values()); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// field is a part of a T that a column fills.
type field struct {
	column string
	index  []int // for reflect.Value.FieldByIndex
	typ    reflect.Type
}

// filler matches the columns of a result with the fields of t, and returns what fills a t with a row.
func filler(t reflect.Type, columns columnar.Schema) func(dst reflect.Value, row []Value) error {
	if isCell(t) {
		if len(columns) != 1 {
			panic(fmt.Sprintf("engine: a %s takes one column, the statement has %s", t, namesOf(columns)))
		}
		set := setter(t, columns[0])
		return func(dst reflect.Value, row []Value) error { return set(dst, &row[0]) }
	}
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("engine: a row cannot be a %s", t))
	}
	fields := fieldsOf(t, nil)
	var set []func(dst reflect.Value, row []Value) error
	var lacking []string
	known := map[string]bool{}
	for _, f := range fields {
		if known[f.column] {
			panic(fmt.Sprintf("engine: %s has two fields for the column %s", t, f.column))
		}
		known[f.column] = true
		at := columns.Index(f.column)
		if at < 0 {
			lacking = append(lacking, f.column)
			continue
		}
		cell := setter(f.typ, columns[at])
		set = append(set, func(dst reflect.Value, row []Value) error { return cell(dst.FieldByIndex(f.index), &row[at]) })
	}
	if strangers := slices.DeleteFunc(names(columns), func(c string) bool { return known[c] }); len(lacking)+len(strangers) > 0 || len(fields) != len(columns) {
		asked := make([]string, len(fields))
		for i, f := range fields {
			asked[i] = f.column
		}
		panic(fmt.Sprintf("engine: %s has fields for the columns %s, the statement has %s", t, strings.Join(asked, ", "), namesOf(columns)))
	}
	return func(dst reflect.Value, row []Value) error {
		for _, s := range set {
			if err := s(dst, row); err != nil {
				return err
			}
		}
		return nil
	}
}

func names(columns columnar.Schema) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.Name
	}
	return out
}

func namesOf(columns columnar.Schema) string { return strings.Join(names(columns), ", ") }

// fieldsOf lists the fields of a struct and of those embedded in it.
func fieldsOf(t reflect.Type, index []int) []field {
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		at := slices.Concat(index, []int{i})
		column, tagged := f.Tag.Lookup("sql")
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); !tagged && name != "" {
			column, tagged = name, true
		}
		switch {
		case column == "-":
		case f.Anonymous && !tagged && f.Type.Kind() == reflect.Struct && !isCell(f.Type):
			out = append(out, fieldsOf(f.Type, at)...)
		case !f.IsExported():
			panic(fmt.Sprintf("engine: the field %s of %s cannot be set from here: write it with a capital, or with the tag sql:\"-\"", f.Name, t))
		case tagged:
			out = append(out, field{column, at, f.Type})
		default:
			out = append(out, field{columnar.ColumnOf(f.Name), at, f.Type})
		}
	}
	return out
}

var (
	timeType = reflect.TypeFor[time.Time]()
	decType  = reflect.TypeFor[columnar.Dec]()
)

// isCell reports whether a type holds one cell rather than a row.
func isCell(t reflect.Type) bool {
	return t == timeType || t == decType || t.Kind() != reflect.Struct
}

// setter returns what puts a cell of a column into a place of type t.
func setter(t reflect.Type, c columnar.Column) func(dst reflect.Value, v *Value) error {
	if t.Kind() == reflect.Pointer {
		set := setter(t.Elem(), c)
		return func(dst reflect.Value, v *Value) error {
			if v.Null {
				return nil
			}
			dst.Set(reflect.New(t.Elem()))
			return set(dst.Elem(), v)
		}
	}
	set := valueSetter(t, c)
	if set == nil {
		panic(fmt.Sprintf("engine: the column %s is a %s, which a %s cannot hold", c.Name, c.Type, t))
	}
	return func(dst reflect.Value, v *Value) error {
		if v.Null {
			return nil
		}
		return set(dst, v)
	}
}

// valueSetter is setter for a cell that is not NULL; nil: t cannot hold the type of the column.
func valueSetter(t reflect.Type, c columnar.Column) func(dst reflect.Value, v *Value) error {
	isText := t.Kind() == reflect.String
	isInt := t.Kind() >= reflect.Int && t.Kind() <= reflect.Int64
	always := func(set func(dst reflect.Value, v *Value)) func(reflect.Value, *Value) error {
		return func(dst reflect.Value, v *Value) error { set(dst, v); return nil }
	}
	switch {
	case t == decType && (c.Type == columnar.Decimal || c.Type == columnar.Ratio):
		return always(func(dst reflect.Value, v *Value) { dst.Set(reflect.ValueOf(v.D)) })
	case t == timeType && (c.Type == columnar.Date || c.Type == columnar.Timestamp):
		return always(func(dst reflect.Value, v *Value) { dst.Set(reflect.ValueOf(timeOf(c.Type, v))) })
	case isText && (c.Type == columnar.String || c.Type == columnar.Decimal || c.Type == columnar.Ratio || c.Type == columnar.Date || c.Type == columnar.Timestamp):
		return always(func(dst reflect.Value, v *Value) { dst.SetString(textOf(c.Type, v)) })
	case isInt && (c.Type == columnar.Int || c.Type == columnar.Date):
		return func(dst reflect.Value, v *Value) error {
			if dst.OverflowInt(v.I) {
				return fmt.Errorf("column %s: %d is more than a %s can hold", c.Name, v.I, t)
			}
			dst.SetInt(v.I)
			return nil
		}
	case t.Kind() == reflect.Bool && c.Type == columnar.Bool:
		return always(func(dst reflect.Value, v *Value) { dst.SetBool(v.I != 0) })
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String && c.Type == columnar.StringList:
		return always(func(dst reflect.Value, v *Value) { dst.Set(reflect.ValueOf(slices.Clone(v.L)).Convert(t)) })
	}
	return nil
}

const secondsADay = 24 * 60 * 60

// timeOf gives a cell of a date or time.
func timeOf(t columnar.Type, v *Value) time.Time {
	if t == columnar.Date {
		return time.Unix(v.I*secondsADay, 0).UTC()
	}
	return time.UnixMicro(v.I).UTC()
}

// textOf writes a cell that a string can hold.
func textOf(t columnar.Type, v *Value) string {
	switch t {
	case columnar.Decimal:
		return columnar.FormatDecimal(v.D)
	case columnar.Ratio:
		return columnar.FormatRatio(v.D)
	case columnar.Date:
		return timeOf(t, v).Format(time.DateOnly)
	case columnar.Timestamp:
		return timeOf(t, v).Format("2006-01-02T15:04:05.999999Z07:00")
	}
	return v.S
}
