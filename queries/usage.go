package queries

import (
	"strings"
	"sync"
)

// UsageColumn is a column of the table `usage`, as usage_columns.csv describes it. The table itself, the Parquet of the slices, the readers of
// cost files, the report attributed_usage and what is published of it are made from this description.
type UsageColumn struct {
	Name string
	Type string // of SQL: string, bigint, decimal(38,18), date, timestamp, boolean

	// Cell is what a cell holds whose text goes into the column as it is: an amount, or a text, for which fillers.csv says what stands for
	// nothing (any, id or meter). Empty: the reader works the column out.
	Cell   string
	Change string // what is done to such a text: lower, lower_id, upper, mapped; empty: nothing

	Identity string // of a text: how it can name a customer, as in published_columns.csv
	Meaning  string
}

// UsageColumns returns the columns of `usage` in their order. Columns may be added, never renamed or removed (SPEC 3).
var UsageColumns = sync.OnceValue(func() []UsageColumn {
	var columns []UsageColumn
	for _, r := range Records("usage_columns.csv") {
		columns = append(columns, UsageColumn{Name: r[0], Type: r[1], Cell: r[2], Change: r[3], Identity: r[4], Meaning: r[5]})
	}
	return columns
})

// NoUsage returns a SELECT of `usage` without rows: its columns are there before the first slice is, and also those that older slices lack.
func NoUsage() string {
	columns := UsageColumns()
	casts := make([]string, len(columns))
	for i, c := range columns {
		casts[i] = "cast(null as " + c.Type + ") as " + c.Name
	}
	return "select " + strings.Join(casts, ", ") + " where false"
}
