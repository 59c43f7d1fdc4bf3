package report

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/credit"
	"github.com/pidledger/pidledger/report/page"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/targets"
	"github.com/pidledger/pidledger/report/workbook"
)

// readerMemory is what the engine may use that reads the snapshot for the changes, the page and the workbook; what does not fit goes to the new folder.
const readerMemory = 256 << 20

// open opens the reports in the snapshot.
func (f *filler) open(ctx context.Context) (*adhoc.Reader, error) {
	folder, err := filepath.EvalSymlinks(f.snapshot.folder)
	if err != nil {
		return nil, err
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return nil, err
	}
	var tables []adhoc.Table
	for _, s := range spec.Reports {
		if s.Partition == "" {
			tables = append(tables, adhoc.Table{Name: s.Name, Files: []string{filepath.Join(folder, s.Name+"."+spec.Parquet)}})
		}
	}
	if f.asksUsage() {
		usage, _ := spec.Find(usageReport)
		table := adhoc.Table{Name: usage.Name, Partition: usage.Partition, Empty: usage.Schema()}
		for _, file := range f.usageFiles() {
			table.Files = append(table.Files, filepath.Join(folder, filepath.FromSlash(file.Path)))
		}
		tables = append(tables, table)
	}
	return adhoc.Open(ctx, folder, tables, adhoc.Options{Memory: readerMemory, Threads: f.options.Threads, Temp: f.fresh})
}

// asksUsage tells whether page or workbook show what only usage rows tell. Rows that stay elsewhere are not asked.
func (f *filler) asksUsage() bool {
	return f.options.Elsewhere == "" && (slices.Contains(f.options.Formats, spec.HTML) || slices.Contains(f.options.Formats, spec.XLSX))
}

// show finds what is worth a look in the snapshot, and writes the page and the workbook.
func (f *filler) show(ctx context.Context, pub *Published) (err error) {
	r, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	o := f.options
	if pub.Summary.Changes, err = changes.Find(ctx, r, o.Run.DataThrough, o.Watch); err != nil {
		return fmt.Errorf("find what is worth a look: %w", err)
	}
	var notes []string
	if pub.Summary.Targets, notes, err = targets.Find(ctx, r, o.Targets, o.Run.DataThrough); err != nil {
		return err
	}
	pub.Summary.Notes = append(pub.Summary.Notes, notes...)
	var earned credit.Found
	if f.asksUsage() {
		if earned, err = credit.Find(ctx, r, o.Run.DataThrough); err != nil {
			return err
		}
	}
	for _, d := range []struct {
		format string
		write  func(path string) error
	}{
		{spec.HTML, func(path string) error {
			return page.Write(ctx, path, r, o.Run, o.Formats, pub.Summary.Changes, pub.Summary.Targets, earned)
		}},
		{spec.XLSX, func(path string) error {
			return workbook.Write(ctx, path, f.fresh, r, o.Run, pub.Summary.Changes, pub.Summary.Targets, earned)
		}},
	} {
		if !slices.Contains(o.Formats, d.format) {
			continue
		}
		name := spec.DocumentFile(d.format)
		if err := d.write(filepath.Join(f.fresh, name)); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		file, err := measure(f.fresh, name, d.format)
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		pub.Manifest.Documents = append(pub.Manifest.Documents, file)
	}
	return nil
}

// usageFiles are the files of usageReport in the snapshot, each in the folder of a month: not the empty one, which has none.
func (f *filler) usageFiles() (files []ManifestFile) {
	i := slices.IndexFunc(f.snapshot.tables, func(r ManifestReport) bool { return r.Report == usageReport })
	for _, file := range f.snapshot.tables[i].Files {
		if monthOf(file) != "" {
			files = append(files, file)
		}
	}
	return files
}

// monthOf is the month of a file of usageReport; empty: it has none.
func monthOf(file ManifestFile) string {
	_, month, _ := strings.Cut(path.Base(path.Dir(file.Path)), "=")
	return month
}
