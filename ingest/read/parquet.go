package read

import (
	"context"
)

// parquetRows gives every row of a Parquet file to each, which may keep nothing of it: its number, 1-based, and its cells as text, NULL as
// an empty one, just as a CSV file would write them.
func parquetRows(ctx context.Context, engine *Engine, path string, columns int, each func(record int64, cells [][]byte) error) error {
	cells := make([][]byte, columns)
	record := int64(0)
	return engine.ParquetText(ctx, path, func(row []string, valid []bool) error {
		for i := range row {
			cells[i] = cells[i][:0]
			if valid[i] {
				cells[i] = append(cells[i], row[i]...)
			}
		}
		record++
		return each(record, cells)
	})
}
