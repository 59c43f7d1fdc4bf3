package engine

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pidledger/pidledger/queries/columnar"
)

// typeNames are DuckDB's names of the column types.
var typeNames = map[columnar.Type]string{
	columnar.String: "varchar", columnar.Int: "bigint", columnar.Decimal: "decimal(38,18)", columnar.Ratio: "decimal(38,6)",
	columnar.Date: "date", columnar.Timestamp: "timestamp", columnar.Bool: "boolean", columnar.StringList: "varchar[]",
}

// NoRows is a SELECT that has the columns and no rows.
func NoRows(columns columnar.Schema) string {
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = "cast(null as " + typeNames[c.Type] + ") as " + Ident(c.Name)
	}
	return "select " + strings.Join(cells, ", ") + " where false"
}

// Values makes a table of rows that the program has.
func (db *DB) Values(ctx context.Context, table string, columns columnar.Schema, rows [][]any) error {
	if len(rows) == 0 {
		return db.Table(ctx, table, NoRows(columns))
	}
	lines := make([]string, len(rows))
	for i, row := range rows {
		cells := make([]string, len(columns))
		for j, c := range columns {
			cells[j] = "cast(" + literalOf(row[j]) + " as " + typeNames[c.Type] + ")"
		}
		lines[i] = "(" + strings.Join(cells, ", ") + ")"
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = Ident(c.Name)
	}
	return db.Table(ctx, table, "select * from (values "+strings.Join(lines, ", ")+") v("+strings.Join(names, ", ")+")")
}

// literalOf writes a value of Values; one of another type is a mistake of the program and panics.
func literalOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return Literal(v)
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case time.Time:
		return Literal(v.UTC().Format("2006-01-02 15:04:05.999999"))
	}
	panic(fmt.Sprintf("engine: a %T cannot be a value of a table", v))
}
