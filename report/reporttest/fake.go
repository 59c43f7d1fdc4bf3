package reporttest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report/spec"
)

// Engine serves reports from text tables: one line per row, cells between `|`, `\N` for NULL.
type Engine struct {
	Tables map[string]string
	Schema map[string]columnar.Schema // in place of the report's own
	Fail   string                     // report whose rows end in an error
	During func(report string)        // called when a report is fetched
	Folder string                     // where parts are written
	Focus  []string                   // files that WriteFocus wrote
}

// ErrEngine is the error of an engine that is to fail.
var ErrEngine = errors.New("the engine broke")

// Fetch gives the rows of a report.
func (e *Engine) Fetch(_ context.Context, report string) (engine.Rows, error) {
	if e.During != nil {
		e.During(report)
	}
	s, ok := spec.Find(report)
	if !ok {
		return nil, fmt.Errorf("no report %s", report)
	}
	rows := &fakeRows{schema: s.Schema()}
	if other := e.Schema[report]; other != nil {
		rows.schema = other
	}
	for line := range strings.Lines(e.Tables[report]) {
		if line = strings.TrimSpace(line); line != "" {
			rows.lines = append(rows.lines, line)
		}
	}
	if e.Fail == report {
		rows.fail = ErrEngine
	}
	return rows, nil
}

// Parts writes the files of a partitioned report once, as the engine keeps them.
func (e *Engine) Parts(_ context.Context, report string) (map[string][]string, int64, error) {
	if e.Fail == report+"/parts" {
		return nil, 0, ErrEngine
	}
	s, _ := spec.Find(report)
	parts, byMonth := map[string][]string{}, map[string][]string{}
	var n int64
	for line := range strings.Lines(e.Tables[report]) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		at := strings.LastIndexByte(line, '|')
		byMonth[line[at+1:]] = append(byMonth[line[at+1:]], line[:at])
		n++
	}
	for month, lines := range byMonth {
		part := filepath.Join(e.Folder, "judged", month, "data_0.parquet")
		parts[month] = []string{part}
		if _, err := os.Stat(part); err == nil {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(part), 0o755); err != nil {
			return nil, n, err
		}
		if err := writePart(part, s.Schema()[:len(s.Columns)-1], lines); err != nil {
			return nil, n, err
		}
	}
	return parts, n, nil
}

func writePart(path string, schema columnar.Schema, lines []string) error {
	w, err := columnar.Create(path, schema, columnar.Options{})
	if err != nil {
		return err
	}
	b := columnar.NewBatch(schema)
	rows := &fakeRows{schema: schema, lines: lines}
	for rows.Next() {
		for i, v := range rows.Values() {
			if err := v.Append(b, i); err != nil {
				return errors.Join(err, w.Close())
			}
		}
		b.EndRow()
	}
	return errors.Join(rows.Err(), w.Write(b), w.Close())
}

// WriteFocus writes what stands for attributed usage as FOCUS.
func (e *Engine) WriteFocus(_ context.Context, files []string, path string) (int64, error) {
	if e.Fail == "focus" {
		return 0, ErrEngine
	}
	e.Focus = append(e.Focus, path)
	return int64(len(files)), os.WriteFile(path, []byte("PAR1 focus"), 0o600)
}

func (e *Engine) CopyTable(_ context.Context, table, path string) (int64, error) {
	if e.Fail == table {
		return 0, ErrEngine
	}
	return 1, os.WriteFile(path, []byte("PAR1 "+table), 0o600)
}

type fakeRows struct {
	schema columnar.Schema
	lines  []string
	values []engine.Value
	fail   error
	err    error
	closed bool
}

func (r *fakeRows) Schema() columnar.Schema { return r.schema }
func (r *fakeRows) Values() []engine.Value  { return r.values }
func (r *fakeRows) Err() error              { return r.err }
func (r *fakeRows) Close() error            { r.closed = true; return nil }

func (r *fakeRows) Next() bool {
	if len(r.lines) == 0 {
		r.err = r.fail
		return false
	}
	cells := strings.Split(r.lines[0], "|")
	r.lines = r.lines[1:]
	if len(cells) != len(r.schema) {
		r.err = fmt.Errorf("%d cells for %d columns: %q", len(cells), len(r.schema), cells)
		return false
	}
	r.values = r.values[:0]
	for i, c := range cells {
		v, err := parse(c, r.schema[i].Type)
		if err != nil {
			r.err = err
			return false
		}
		r.values = append(r.values, v)
	}
	return true
}

func parse(cell string, t columnar.Type) (v engine.Value, err error) {
	v.Type = t
	if cell == `\N` {
		v.Null = true
		return v, nil
	}
	switch t {
	case columnar.String:
		v.S = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\r`, "\r", `\p`, "|").Replace(cell)
	case columnar.StringList:
		v.L = strings.Split(cell, "+")
	case columnar.Int:
		v.I, err = strconv.ParseInt(cell, 10, 64)
	case columnar.Decimal:
		v.D, err = columnar.ParseDecimal([]byte(cell))
	case columnar.Ratio:
		v.D, err = columnar.ParseDecimal([]byte(cell))
		v.D = v.D.ReduceScaleBy(12, false)
	case columnar.Date:
		var d time.Time
		d, err = time.Parse(time.DateOnly, cell)
		v.I = d.Unix() / 86400
	case columnar.Timestamp:
		var d time.Time
		d, err = time.Parse(time.RFC3339Nano, cell)
		v.I = d.UnixMicro()
	case columnar.Bool:
		if cell == "true" {
			v.I = 1
		}
	}
	return v, err
}
