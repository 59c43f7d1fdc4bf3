package report

import (
	"context"
	"fmt"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/adhoc"
)

// Reader asks the snapshot that a report folder points to: what a person types with Query, our own statements with Ask.
type Reader struct {
	*adhoc.Reader
	Snapshot *SnapshotFolder
}

// Open opens the snapshot of the reports in dir. The error is a *NoSnapshotError when there is none.
func Open(ctx context.Context, dir string, o adhoc.Options) (*Reader, error) {
	s, err := FindSnapshot(dir)
	if err != nil {
		return nil, err
	}
	r, err := adhoc.Open(ctx, s.Dir, s.Tables, o)
	if err != nil {
		return nil, err
	}
	return &Reader{r, s}, nil
}

// Ask runs a file of queries, without its ending, and returns each row as a T, by the rules of engine.Ask.
func Ask[T any](ctx context.Context, r *Reader, file string, params map[string]string) ([]T, error) {
	rows, err := adhoc.Ask[T](ctx, r.Reader, queries.Text(file+".sql"), params)
	if err != nil {
		return nil, fmt.Errorf("ask the snapshot %s for %s: %w", r.Snapshot.ID, file, err)
	}
	return rows, nil
}
