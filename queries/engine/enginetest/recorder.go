// Package enginetest has an engine for tests that writes down what passes through it.
package enginetest

import (
	"context"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// Call is one call of an engine's method.
type Call struct {
	Method string // of engine.Engine
	Table  string // that is made; empty: none
	Text   string // the SELECT; for Input that of its columns
	Path   string // what Write writes to
}

// Recorder is an engine that writes down what it is asked to do. With an engine behind it, that does it; without one nothing is done, and
// every question has the answer of Answer.
type Recorder struct {
	Behind engine.Engine
	Answer func(text string) engine.Rows // of Query, when there is nothing behind it; nil: rows without columns
	Calls  []Call
}

var _ engine.Engine = (*Recorder)(nil)

func (r *Recorder) note(method, table, text, path string) {
	r.Calls = append(r.Calls, Call{method, table, text, path})
}

// Input notes the table.
func (r *Recorder) Input(ctx context.Context, table string, from engine.Files) error {
	r.note("Input", table, from.Columns, "")
	if r.Behind == nil {
		return nil
	}
	return r.Behind.Input(ctx, table, from)
}

// Values notes the table.
func (r *Recorder) Values(ctx context.Context, table string, columns columnar.Schema, rows [][]any) error {
	r.note("Values", table, "", "")
	if r.Behind == nil {
		return nil
	}
	return r.Behind.Values(ctx, table, columns, rows)
}

// View notes the table and its SELECT.
func (r *Recorder) View(ctx context.Context, table, text string) error {
	r.note("View", table, text, "")
	if r.Behind == nil {
		return nil
	}
	return r.Behind.View(ctx, table, text)
}

// Table notes the table and its SELECT.
func (r *Recorder) Table(ctx context.Context, table, text string) error {
	r.note("Table", table, text, "")
	if r.Behind == nil {
		return nil
	}
	return r.Behind.Table(ctx, table, text)
}

// AsWritten notes nothing but that it was called.
func (r *Recorder) AsWritten(ctx context.Context, run func() error) error {
	r.note("AsWritten", "", "", "")
	if r.Behind == nil {
		return run()
	}
	return r.Behind.AsWritten(ctx, run)
}

// Write notes the SELECT.
func (r *Recorder) Write(ctx context.Context, text, path, partition string) (int64, error) {
	r.note("Write", "", text, path)
	if r.Behind == nil {
		return 0, nil
	}
	return r.Behind.Write(ctx, text, path, partition)
}

// Query notes the SELECT.
func (r *Recorder) Query(ctx context.Context, text string, args ...any) (engine.Rows, error) {
	r.note("Query", "", text, "")
	switch {
	case r.Behind != nil:
		return r.Behind.Query(ctx, text, args...)
	case r.Answer != nil:
		return r.Answer(text), nil
	}
	return &Rows{}, nil
}

// Count notes the SELECT.
func (r *Recorder) Count(ctx context.Context, text string, args ...any) (int64, error) {
	r.note("Count", "", text, "")
	if r.Behind == nil {
		return 0, nil
	}
	return r.Behind.Count(ctx, text, args...)
}

// Close closes the engine behind it.
func (r *Recorder) Close() error {
	if r.Behind == nil {
		return nil
	}
	return r.Behind.Close()
}

// Rows is a result that a test wrote.
type Rows struct {
	Columns columnar.Schema
	Cells   [][]engine.Value
	next    int
}

// Schema gives the columns.
func (r *Rows) Schema() columnar.Schema { return r.Columns }

// Next moves to the next row.
func (r *Rows) Next() bool { r.next++; return r.next <= len(r.Cells) }

// Values gives the current row.
func (r *Rows) Values() []engine.Value { return r.Cells[r.next-1] }

// Err is nil.
func (r *Rows) Err() error { return nil }

// Close does nothing.
func (r *Rows) Close() error { return nil }
