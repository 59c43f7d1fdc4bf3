package report

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report/spec"
)

// Snapshot reads the snapshot that a report folder points to. It is not safe for concurrent use.
type Snapshot struct {
	Manifest Manifest
	folder   string
	db       *engine.DB
	viewed   map[string]bool
}

// OpenSnapshot opens the snapshot of the reports in dir. The error is a *NoSnapshotError when there is none.
func OpenSnapshot(ctx context.Context, dir string) (*Snapshot, error) {
	found, err := FindSnapshot(dir)
	if err != nil {
		return nil, err
	}
	m, err := ReadManifest(found.Dir)
	if err != nil {
		return nil, err
	}
	db, err := engine.Open(ctx, engine.Options{Threads: 1})
	if err != nil {
		return nil, err
	}
	return &Snapshot{Manifest: *m, folder: found.Dir, db: db, viewed: map[string]bool{}}, nil
}

// Close frees the engine.
func (s *Snapshot) Close() error { return s.db.Close() }

// query runs a file of queries/published over tables of the snapshot.
func (s *Snapshot) query(ctx context.Context, name string, tables []string) (engine.Rows, error) {
	for _, t := range tables {
		if s.viewed[t] {
			continue
		}
		if err := s.db.View(ctx, t, "select * from "+engine.ParquetSource([]string{filepath.Join(s.folder, t+"."+spec.Parquet)})); err != nil {
			return nil, fmt.Errorf("snapshot %s: %w", s.Manifest.RunID, err)
		}
		s.viewed[t] = true
	}
	rows, err := s.db.Query(ctx, queries.Text("published/"+name+".sql"))
	if err != nil {
		return nil, fmt.Errorf("snapshot %s: %w", s.Manifest.RunID, err)
	}
	return rows, nil
}

// each gives each row of a query to use, which may keep nothing of it.
func (s *Snapshot) each(ctx context.Context, name string, tables []string, use func([]engine.Value)) (err error) {
	rows, err := s.query(ctx, name, tables)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Err(), rows.Close()) }()
	for rows.Next() {
		use(rows.Values())
	}
	return nil
}

// Files gives each row of the table files to use: path, status, format, reason, size, rows read, loaded and rejected, and the kinds as JSON.
func (s *Snapshot) Files(ctx context.Context, use func([]engine.Value)) error {
	return s.each(ctx, "files", []string{"files"}, use)
}
