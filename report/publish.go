package report

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/summary"
	"github.com/pidledger/pidledger/report/targets"
	"github.com/pidledger/pidledger/report/write"
)

// Engine is what Publish needs of the database.
type Engine interface {
	// Fetch gives the rows of a report in the order of its key, with exactly the columns of its Spec.
	Fetch(ctx context.Context, report string) (engine.Rows, error)
	// Parts gives the Parquet files of a partitioned report by the value of its partition column, and the number of their rows. The files
	// are the engine's and never change; what is published are links to them.
	Parts(ctx context.Context, report string) (files map[string][]string, rows int64, err error)
	// CopyTable writes a table of the snapshot to a Parquet file, and returns the number of its rows.
	CopyTable(ctx context.Context, table, path string) (rows int64, err error)
	// WriteFocus writes the rows of some files of attributed usage, all of one month, to a Parquet file as FOCUS, and returns their number.
	WriteFocus(ctx context.Context, files []string, path string) (rows int64, err error)
}

// Options says what to publish and where.
type Options struct {
	Dir     string   // made when it is not there; replaced as a whole
	Formats []string // of Formats; at least one
	Detail  []string // of DetailFormats, for the partitioned reports; empty: Parquet
	Focus   bool     // attributed usage is written as FOCUS, too
	Run     spec.Run
	Started func(report string) // called before each report; may be nil

	// Elsewhere is the URI of a folder with a folder for each partitioned report: its Parquet files stay there. Empty: the engine's files are linked.
	Elsewhere string

	Snapshots Snapshots
	Watch     changes.Watch
	Targets   targets.Files
	Threads   int // that read the snapshot; 0: all processors
}

// Published is what Publish did.
type Published struct {
	Dir      string // absolute, without links
	Manifest Manifest
	Summary  *summary.Summary // what the reports say; what was read is for the caller to fill in
}

// Publish writes all reports of spec.Reports into a new folder and swaps it with o.Dir. After an error o.Dir is as it was before.
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
	snap, err := o.Snapshots.begin(o.Run.ID, dir)
	if err != nil {
		remove(fresh)
		return nil, err
	}
	f := &filler{engine: e, options: o, dir: dir, fresh: fresh, snapshot: snap}
	pub, err := f.fill(ctx)
	if err != nil {
		os.RemoveAll(fresh) //nolint:errcheck // best effort: the next run sweeps it
		snap.abandon()
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
	o.Snapshots.retire(snap)
	pub.Dir = dir
	pub.Summary.Reports = folderOf(dir, o, &pub.Manifest)
	return pub, nil
}

func (o Options) check() error {
	if o.Run.ID == "" || strings.ContainsAny(o.Run.ID, `/\:`) {
		return fmt.Errorf("the run id %q cannot be part of a folder name", o.Run.ID)
	}
	if o.Snapshots.Folder == "" {
		return errors.New("no folder for the snapshots is named")
	}
	if len(o.Formats) == 0 {
		return fmt.Errorf("no report format is named; known are %s", strings.Join(spec.Formats, ", "))
	}
	for _, f := range o.Formats {
		if !slices.Contains(spec.Formats, f) {
			return fmt.Errorf("%q is not a report format; known are %s", f, strings.Join(spec.Formats, ", "))
		}
	}
	for _, f := range o.Detail {
		if !slices.Contains(spec.DetailFormats, f) {
			return fmt.Errorf("%q is not a format of detailed reports; known are %s", f, strings.Join(spec.DetailFormats, ", "))
		}
	}
	return nil
}

// formats gives the formats of one report's own files, each once, in the order of the list of known ones.
func (o Options) formats(s spec.Report) []string {
	known, asked := spec.FileFormats, o.Formats
	if s.Partition != "" {
		known, asked = spec.DetailFormats, o.Detail
		if len(asked) == 0 {
			asked = []string{spec.Parquet}
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

// filler writes the reports of one run into the folder fresh, which takes the place of dir, and its snapshot.
type filler struct {
	engine   Engine
	options  Options
	dir      string
	fresh    string
	snapshot *snapshot
	old      *Manifest // of dir; nil when there is none
}

// fill writes every report and the manifests.
func (f *filler) fill(ctx context.Context) (*Published, error) {
	o := f.options
	marker := filepath.Join(f.fresh, unfinished)
	if err := os.WriteFile(marker, nil, 0o600); err != nil {
		return nil, err
	}
	manifest := Manifest{Generator: generator, Version: o.Run.Version, RunID: o.Run.ID, Started: o.Run.Started.UTC()}
	if o.Run.DataThrough != "" {
		manifest.DataThrough = &o.Run.DataThrough
	}
	pub := &Published{Manifest: manifest}
	if m, err := ReadManifest(f.dir); err == nil {
		f.old = m
	}
	seen := summary.NewCollector(o.Run.ID)
	for _, s := range spec.Reports {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if o.Started != nil {
			o.Started(s.Name)
		}
		entry, err := f.report(ctx, s, o.formats(s), seen)
		if err != nil {
			return nil, fmt.Errorf("report %s: %w", s.Name, err)
		}
		pub.Manifest.Reports = append(pub.Manifest.Reports, *entry)
	}
	if o.Focus {
		if err := f.focus(ctx, &pub.Manifest); err != nil {
			return nil, fmt.Errorf("attributed usage as FOCUS: %w", err)
		}
	}
	if err := f.snapshot.finish(ctx, f.engine, manifest, o.Snapshots.Tables); err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	var err error
	if pub.Manifest.Snapshot, err = f.snapshot.link(f.fresh, f.dir); err != nil {
		return nil, err
	}
	pub.Summary = seen.Summary(o.Run)
	pub.Summary.NewIDs = o.Watch.NewIDs
	if err := f.show(ctx, pub); err != nil {
		return nil, err
	}
	if err := pub.Manifest.write(f.fresh); err != nil {
		return nil, fmt.Errorf("write %s: %w", ManifestName, err)
	}
	if err := os.Remove(marker); err != nil {
		return nil, err
	}
	if err := syncDirs(f.fresh); err != nil {
		return nil, err
	}
	return pub, nil
}

// report writes one report. Its Parquet form is always in the snapshot, and a link to it in the reports when they have that format.
func (f *filler) report(ctx context.Context, s spec.Report, formats []string, seen *summary.Collector) (*ManifestReport, error) {
	entry := &ManifestReport{Report: s.Name, Files: []ManifestFile{}}
	if s.Partition != "" {
		if err := f.parts(ctx, s, slices.Contains(formats, spec.Parquet), entry); err != nil {
			return nil, err
		}
		formats = slices.DeleteFunc(slices.Clone(formats), func(format string) bool { return format == spec.Parquet })
		if len(formats) == 0 {
			return entry, nil
		}
	}
	var out []output
	for _, format := range formats {
		out = append(out, output{format, filepath.Join(f.fresh, s.Name+"."+format)})
	}
	inSnapshot := ""
	if s.Partition == "" {
		inSnapshot = f.snapshot.path(s.Name + "." + spec.Parquet)
		out = slices.DeleteFunc(out, func(o output) bool { return o.format == spec.Parquet })
		out = append(out, output{spec.Parquet, inSnapshot})
	}
	rows, err := writeFiles(ctx, f.engine, s, out, seen)
	if err != nil {
		return nil, err
	}
	if s.Partition != "" && rows != entry.Rows {
		return nil, fmt.Errorf("%d rows were fetched, but %d written as Parquet", rows, entry.Rows)
	}
	entry.Rows = rows
	if inSnapshot != "" {
		if err := f.snapshot.add(s.Name, rows, inSnapshot); err != nil {
			return nil, err
		}
		if slices.Contains(formats, spec.Parquet) {
			if err := linkOrCopy(inSnapshot, filepath.Join(f.fresh, s.Name+"."+spec.Parquet)); err != nil {
				return nil, err
			}
		}
	}
	for _, format := range formats {
		file, err := measure(f.fresh, s.Name+"."+format, format)
		if err != nil {
			return nil, err
		}
		file.Rows = &entry.Rows
		entry.Files = append(entry.Files, file)
	}
	return entry, nil
}

// measure seals a finished file of a folder and describes it.
func measure(dir, rel, format string) (ManifestFile, error) {
	size, sum, err := seal(filepath.Join(dir, filepath.FromSlash(rel)))
	return ManifestFile{Path: rel, Format: format, Bytes: size, SHA256: sum}, err
}

// cancelRows is how many rows are written between two looks at whether the run is cancelled.
const cancelRows = 4096

// output is a file to write.
type output struct{ format, path string }

// writeFiles reads a report once, writes it in all formats.
func writeFiles(ctx context.Context, e Engine, s spec.Report, outputs []output, seen *summary.Collector) (n int64, err error) {
	rows, err := e.Fetch(ctx, s.Name)
	if err != nil {
		return 0, err
	}
	defer func() {
		if closeErr := rows.Close(); err == nil {
			err = closeErr
		}
	}()
	if err := s.Check(rows.Schema()); err != nil {
		return 0, err
	}
	var writers []write.Writer
	defer func() {
		for _, w := range writers { // after an error, too: frees what they hold
			if closeErr := w.Close(); err == nil {
				err = closeErr
			}
		}
	}()
	for _, out := range outputs {
		w, err := write.Open(out.path, out.format, s.Schema())
		if err != nil {
			return 0, err
		}
		writers = append(writers, w)
	}
	for rows.Next() {
		if n%cancelRows == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		values := rows.Values()
		seen.Add(s, values)
		for _, w := range writers {
			if err := w.Row(values); err != nil {
				return 0, err
			}
		}
		n++
	}
	return n, rows.Err()
}

// parts links the files of a partitioned report into the snapshot, and into the reports. Files that the reports before had, too, are not
// read again.
func (f *filler) parts(ctx context.Context, s spec.Report, inReports bool, entry *ManifestReport) error {
	byValue, rows, err := f.engine.Parts(ctx, s.Name)
	if err != nil {
		return err
	}
	entry.Rows = rows
	if where := f.options.Elsewhere; where != "" {
		entry.Elsewhere = where + "/" + s.Name
		f.snapshot.tables = append(f.snapshot.tables, ManifestReport{Report: s.Name, Rows: rows, Files: []ManifestFile{}, Elsewhere: entry.Elsewhere})
		return nil
	}
	folders := []string{f.snapshot.folder}
	if inReports {
		folders = append(folders, f.fresh)
	}
	var files []ManifestFile
	for _, value := range slices.Sorted(maps.Keys(byValue)) {
		for _, part := range byValue[value] {
			rel := s.Name + "/" + s.Partition + "=" + value + "/" + filepath.Base(part)
			for _, folder := range folders {
				to := filepath.Join(folder, filepath.FromSlash(rel))
				if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
					return err
				}
				if err := linkOrCopy(part, to); err != nil {
					return err
				}
			}
			file, known := f.unchanged(rel, part)
			if !known {
				if file, err = measure(folders[0], rel, spec.Parquet); err != nil {
					return err
				}
			}
			files = append(files, file)
		}
	}
	if len(files) == 0 { // a folder without a file has no columns, and a reader would fail on it
		rel := s.Name + "/empty." + spec.Parquet
		for _, folder := range folders {
			if err := os.Mkdir(filepath.Join(folder, s.Name), 0o700); err != nil {
				return err
			}
			w, err := write.Open(filepath.Join(folder, filepath.FromSlash(rel)), spec.Parquet, s.Schema())
			if err != nil {
				return err
			}
			if err := w.Close(); err != nil {
				return err
			}
		}
		file, err := measure(folders[0], rel, spec.Parquet)
		if err != nil {
			return err
		}
		files = append(files, file)
	}
	if inReports {
		entry.Files = append(entry.Files, files...)
	}
	f.snapshot.tables = append(f.snapshot.tables, ManifestReport{Report: s.Name, Rows: rows, Files: files})
	return nil
}

// unchanged finds what the manifest of the old reports says of a part that is a link to the same file.
func (f *filler) unchanged(rel, part string) (ManifestFile, bool) {
	if f.old == nil {
		return ManifestFile{}, false
	}
	for _, r := range f.old.Reports {
		for _, file := range r.Files {
			if file.Path != rel {
				continue
			}
			was, err := os.Stat(filepath.Join(f.dir, filepath.FromSlash(rel)))
			if err != nil {
				return ManifestFile{}, false
			}
			is, err := os.Stat(part)
			return file, err == nil && os.SameFile(was, is)
		}
	}
	return ManifestFile{}, false
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
