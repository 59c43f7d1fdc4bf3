package chain

import (
	"context"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// WriteFocus writes the rows of some Parquet files of attributed_usage, as they are published, to a Parquet file as FOCUS, and returns their number.
func WriteFocus(ctx context.Context, e engine.Engine, files []string, path string) (int64, error) {
	if err := e.Input(ctx, "attributed_month", engine.Files{Paths: files}); err != nil {
		return 0, err
	}
	if err := serviceCategories(ctx, e); err != nil {
		return 0, err
	}
	return e.Write(ctx, queries.Text("focus/focus_usage.sql"), path, "")
}

// serviceCategories makes the table service_categories.
func serviceCategories(ctx context.Context, e engine.Engine) error {
	var rows [][]any
	for _, r := range queries.Records("service_categories.csv") {
		rows = append(rows, []any{r[0], r[1], r[2]})
	}
	return e.Values(ctx, "service_categories", columnar.Schema{
		{Name: "kind", Type: columnar.String}, {Name: "name", Type: columnar.String}, {Name: "service_category", Type: columnar.String},
	}, rows)
}
