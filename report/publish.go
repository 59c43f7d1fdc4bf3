package report

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
)

// Engine is what Publish needs of the database.
type Engine interface {
	// Fetch gives the rows of a report in the order of its key, with exactly the columns of its Spec.
	Fetch(ctx context.Context, report string) (queries.Rows, error)
	// CopyPartitioned writes a report as Parquet below dir, which is there and empty, with one folder `partition=value` for each
	// value of the partition column, and returns the number of rows.
	CopyPartitioned(ctx context.Context, report, dir, partition string) (rows int64, err error)
}

// The formats of reports.
const (
	CSV     = "csv"
	Parquet = "parquet"
	JSON    = "json"
)

// Formats lists the formats that reports can be written in; DetailFormats those of partitioned reports.
var (
	Formats       = []string{CSV, Parquet, JSON}
	DetailFormats = []string{Parquet, CSV}
)

// RunInfo is what the manifest and the summary say about the run.
type RunInfo struct {
	ID          string // becomes part of a folder name
	Started     time.Time
	Version     string // of the program
	DataThrough string // last usage date that counts, YYYY-MM-DD; empty: no usage
}

// Options says what to publish and where.
type Options struct {
	Dir     string   // made when it is not there; replaced as a whole
	Formats []string // of Formats; at least one
	Detail  []string // of DetailFormats, for the partitioned reports; empty: Parquet
	Run     RunInfo
	Started func(report string) // called before each report; may be nil
}

// Published is what Publish did.
type Published struct {
	Dir      string // absolute, without links
	Manifest Manifest
	Summary  *Summary // what the reports say; what was read is for the caller to fill in
}

// Publish writes all reports of Specs into a new folder and swaps it with o.Dir. After an error o.Dir is as it was before.
// It refuses with *ForeignError when o.Dir holds files that it did not write.
func Publish(ctx context.Context, e Engine, o Options) (*Published, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	dir, err := resolve(o.Dir)
	if err != nil {
		return nil, err
	}
	if err := checkForeign(dir); err != nil {
		return nil, err
	}
	sweep(dir)
	fresh := dir + newSuffix + o.Run.ID
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for the new reports: %w", err)
	}
	pub, err := fill(ctx, e, o, fresh)
	if err != nil {
		remove(fresh)
		return nil, err
	}
	old, err := swap(fresh, dir, o.Run.ID, exchange)
	if err != nil {
		discard(fresh)
		return nil, err
	}
	if old != "" {
		discard(old)
	}
	pub.Dir = dir
	pub.Summary.Reports = folderOf(dir, o, &pub.Manifest)
	return pub, nil
}

func (o Options) check() error {
	if o.Run.ID == "" || strings.ContainsAny(o.Run.ID, `/\:`) {
		return fmt.Errorf("the run id %q cannot be part of a folder name", o.Run.ID)
	}
	if len(o.Formats) == 0 {
		return fmt.Errorf("no report format is named; known are %s", strings.Join(Formats, ", "))
	}
	for _, f := range o.Formats {
		if !slices.Contains(Formats, f) {
			return fmt.Errorf("%q is no report format; known are %s", f, strings.Join(Formats, ", "))
		}
	}
	for _, f := range o.Detail {
		if !slices.Contains(DetailFormats, f) {
			return fmt.Errorf("%q is no format of detailed reports; known are %s", f, strings.Join(DetailFormats, ", "))
		}
	}
	return nil
}

// formats gives the formats of one report, each once, in the order of the list of known ones.
func (o Options) formats(s Spec) []string {
	known, asked := Formats, o.Formats
	if s.Partition != "" {
		known, asked = DetailFormats, o.Detail
		if len(asked) == 0 {
			asked = []string{Parquet}
		}
	}
	var out []string
	for _, f := range known {
		if slices.Contains(asked, f) {
			out = append(out, f)
		}
	}
	return out
}

// fill writes every report and the manifest into the folder fresh.
func fill(ctx context.Context, e Engine, o Options, fresh string) (*Published, error) {
	marker := filepath.Join(fresh, unfinished)
	if err := os.WriteFile(marker, nil, 0o600); err != nil {
		return nil, err
	}
	pub := &Published{Manifest: Manifest{Generator: generator, Version: o.Run.Version, RunID: o.Run.ID, Started: o.Run.Started.UTC()}}
	if o.Run.DataThrough != "" {
		pub.Manifest.DataThrough = &o.Run.DataThrough
	}
	seen := newCollector(o.Run.ID)
	for _, s := range Specs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if o.Started != nil {
			o.Started(s.Name)
		}
		entry, err := writeReport(ctx, e, s, o.formats(s), fresh, seen)
		if err != nil {
			return nil, fmt.Errorf("report %s: %w", s.Name, err)
		}
		pub.Manifest.Reports = append(pub.Manifest.Reports, *entry)
	}
	if err := pub.Manifest.write(fresh); err != nil {
		return nil, fmt.Errorf("write %s: %w", ManifestName, err)
	}
	if err := os.Remove(marker); err != nil {
		return nil, err
	}
	if err := syncDirs(fresh); err != nil {
		return nil, err
	}
	pub.Summary = seen.summary(o.Run)
	return pub, nil
}

func writeReport(ctx context.Context, e Engine, s Spec, formats []string, dir string, seen *collector) (*ManifestReport, error) {
	entry := &ManifestReport{Report: s.Name, Files: []ManifestFile{}}
	if s.Partition != "" && slices.Contains(formats, Parquet) {
		if err := writePartitioned(ctx, e, s, dir, entry); err != nil {
			return nil, err
		}
		formats = slices.DeleteFunc(slices.Clone(formats), func(f string) bool { return f == Parquet })
	}
	if len(formats) == 0 {
		return entry, nil
	}
	rows, err := writeFiles(ctx, e, s, formats, dir, seen)
	if err != nil {
		return nil, err
	}
	if len(entry.Files) > 0 && rows != entry.Rows {
		return nil, fmt.Errorf("%d rows were fetched, but %d written as Parquet", rows, entry.Rows)
	}
	entry.Rows = rows
	for _, f := range formats {
		name := s.Name + "." + f
		size, sum, err := seal(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		entry.Files = append(entry.Files, ManifestFile{Path: name, Format: f, Rows: &entry.Rows, Bytes: size, SHA256: sum})
	}
	return entry, nil
}

// rowWriter writes a report in one format. close completes the file; without it the file is worthless.
type rowWriter interface {
	row([]queries.Value) error
	close() error
}

// fileWriter is a rowWriter and the file below it.
type fileWriter struct {
	rowWriter
	file *os.File
}

func (w *fileWriter) close() error { return errors.Join(w.rowWriter.close(), w.file.Close()) }

func openWriter(path, format string, schema columnar.Schema) (rowWriter, error) {
	if format == Parquet {
		return newParquetWriter(path, schema)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	var w rowWriter
	if format == CSV {
		w, err = newCSVWriter(f, schema)
	} else {
		w, err = newJSONWriter(f, schema)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &fileWriter{w, f}, nil
}

// writeFiles reads a report once and writes it in all formats.
func writeFiles(ctx context.Context, e Engine, s Spec, formats []string, dir string, seen *collector) (n int64, err error) {
	rows, err := e.Fetch(ctx, s.Name)
	if err != nil {
		return 0, err
	}
	defer func() {
		if closeErr := rows.Close(); err == nil {
			err = closeErr
		}
	}()
	if err := s.check(rows.Schema()); err != nil {
		return 0, err
	}
	var writers []rowWriter
	defer func() {
		for _, w := range writers { // after an error, too: frees what they hold
			if closeErr := w.close(); err == nil {
				err = closeErr
			}
		}
	}()
	for _, f := range formats {
		w, err := openWriter(filepath.Join(dir, s.Name+"."+f), f, s.Schema())
		if err != nil {
			return 0, err
		}
		writers = append(writers, w)
	}
	for rows.Next() {
		if n%batchRows == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		values := rows.Values()
		seen.add(s, values)
		for _, w := range writers {
			if err := w.row(values); err != nil {
				return 0, err
			}
		}
		n++
	}
	return n, rows.Err()
}

// writePartitioned lets the engine write a large report.
func writePartitioned(ctx context.Context, e Engine, s Spec, dir string, entry *ManifestReport) (err error) {
	folder := filepath.Join(dir, s.Name)
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	if entry.Rows, err = e.CopyPartitioned(ctx, s.Name, folder, s.Partition); err != nil {
		return err
	}
	if entry.Rows == 0 {
		// A folder without a file has no columns, and a reader would fail on it.
		w, err := newParquetWriter(filepath.Join(folder, "empty.parquet"), s.Schema())
		if err != nil {
			return err
		}
		if err := w.close(); err != nil {
			return err
		}
	}
	return filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(path, 0o700)
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		size, sum, err := seal(path)
		if err != nil {
			return err
		}
		entry.Files = append(entry.Files, ManifestFile{Path: filepath.ToSlash(rel), Format: Parquet, Bytes: size, SHA256: sum})
		return nil
	})
}

// syncDirs makes the entries of dir and of every folder below durable.
func syncDirs(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return syncDir(path)
	})
}
