package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/ingest/identify"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/read"
	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/ingest/usage"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// slice is one export run, or one plain usage file: the part of the usage table that is replaced as a whole (SPEC 3.2).
type slice struct {
	ID    string
	Meta  usage.Meta // constants of its rows; CostBasis empty: found out from the rows
	Files []discover.File
	Rows  int64 // rows that the manifest announces; negative: not known

	manifest *discover.File // nil: there is none

	usageRows, rejected int64
	forgotten           int64 // rows of forgotten customers, which are read and not kept
	kind, version       string
	run                 *export.Run // nil: a plain usage file
	days                []int32     // that its rows are of, in days since 1970-01-01
	pack                string      // the folder that its rows share with other slices; empty: one of its own
	changed             bool        // blobs of it were written to while they were read
	staged              string      // where that folder is until the catalog knows its files; empty: it has no rows
}

// pinned are the files that must stay as they are while the slice is read.
func (sl *slice) pinned() []discover.File {
	if sl.manifest == nil {
		return sl.Files
	}
	return append([]discover.File{*sl.manifest}, sl.Files...)
}

// loader reads slices into the staging folder of the ledger.
type loader struct {
	ledger   *ledger.Ledger
	engine   *read.Engine
	files    *read.Reader
	log      *journal
	input    *inventory
	ratio    float64 // a file with a larger share of rejects fails whole
	progress ledger.Progress
	runID    string
	staging  string // folder to write slices to
	version  string // of the program
}

// loadSlice reads the files of a slice into a folder of the staging folder, or puts its rows into a pack; addSlices moves both to their places. It returns
// the error of the first file that cannot be used; the slice then does not count. Every file gets its record either way.
func (l *loader) loadSlice(ctx context.Context, sl *slice, p *packer) error {
	folder := filepath.Join(l.staging, sl.ID)
	rows := &heldRows{}
	if p == nil {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
	}
	var failed error
	for i, f := range sl.Files {
		rec := l.log.record(f)
		target := rows.file()
		if p == nil {
			target = read.PartFile(filepath.Join(folder, fmt.Sprintf("part-%04d.parquet", i+1)))
		}
		err := l.loadUsageFile(ctx, sl, f, target, rec)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			sl.usageRows += rec.Loaded
			sl.rejected += rec.Rejected
			continue
		}
		if read.IsInternal(err) {
			return err
		}
		if read.IsChanged(err) { // what was read of it was never whole
			sl.changed = f.IsRemote()
			rec.Rows, rec.Rejected = 0, 0
			l.log.keepRejects(f, &read.Outcome{})
		}
		rec.Status, rec.Reason, rec.Loaded = ledger.StatusFailed, err.Error(), 0
		if failed == nil {
			failed = fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	if failed == nil && p == nil {
		if err := l.dropUsage(ctx, []*slice{sl}, folder); err != nil {
			return err
		}
	}
	if held := sl.usageRows + sl.rejected + sl.forgotten; failed == nil && sl.Rows >= 0 && held != sl.Rows {
		failed = &ledger.CheckError{
			Check:  "dataRowCount",
			Detail: fmt.Sprintf("export %s, run %s: the manifest says %d rows, its files hold %d; the run does not count", sl.Meta.ExportName, sl.Meta.RunID, sl.Rows, held),
			Hint:   "have the export run again, or copy its files once more",
		}
		for _, f := range sl.Files {
			rec := l.log.record(f)
			rec.Status, rec.Reason, rec.Loaded = ledger.StatusFailed, failed.Error(), 0
		}
	}
	if failed == nil && sl.manifest != nil {
		failed = l.check(ctx, sl)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if p != nil {
		if failed != nil {
			return failed
		}
		return read.Internal(p.add(ctx, sl, rows))
	}
	if failed != nil {
		return errors.Join(failed, os.RemoveAll(folder))
	}
	sl.staged = folder
	return nil
}

// check sees to it that what was read of an export run belongs together: another run of the export did not write over it meanwhile.
func (l *loader) check(ctx context.Context, sl *slice) error {
	err := discover.Check(ctx, sl.pinned())
	if err == nil {
		return nil
	}
	sl.changed = read.IsChanged(err)
	for _, f := range sl.Files {
		rec := l.log.record(f)
		rec.Status, rec.Reason, rec.Rows, rec.Rejected, rec.Loaded = ledger.StatusFailed, err.Error(), 0, 0, 0
		l.log.keepRejects(f, &read.Outcome{})
	}
	return fmt.Errorf("run %s: %w", sl.Meta.RunID, err)
}

// loadUsageFile reads one usage file into one sink of rows. Where neither manifest nor header nor name tell the cost basis, the rows
// decide: when they turn out to be of the other basis than was assumed, the file is read once more. So it is when they hold more than sums can.
func (l *loader) loadUsageFile(ctx context.Context, sl *slice, f discover.File, target func() (read.RowSink, error), rec *ledger.FileRecord) error {
	file, err := read.Open(ctx, f)
	if err != nil {
		return err
	}
	defer file.Close()
	return read.Unchanged(file, l.readUsageFile(ctx, sl, f, file, target, rec))
}

func (l *loader) readUsageFile(ctx context.Context, sl *slice, f discover.File, file *source.File, target func() (read.RowSink, error), rec *ledger.FileRecord) error {
	id, err := identify.File(ctx, l.engine, file, f)
	if err != nil {
		return err
	}
	if id.Format == nil || !id.Format.Usage {
		if file.Kind == source.KindEmpty {
			rec.Status, rec.Format, rec.Reason = ledger.StatusEmpty, "empty", "the file has no bytes; zero rows"
			return nil
		}
		return &read.UnknownFormatError{Path: f.Name, Reason: id.Reason}
	}
	rec.Format = id.Name()
	if rec.Reason == "" {
		rec.Reason = id.Reason
	}
	meta := sl.Meta
	guess := meta.CostBasis == ""
	if guess {
		meta.CostBasis = cmp.Or(f.Source.CostBasis, id.Usage.Basis, usage.BasisFromName(f.Name))
		guess = meta.CostBasis == ""
		if guess {
			meta.CostBasis = "actual"
		}
	}
	meta.BlobName = f.Name
	out, err := l.files.Usage(ctx, file, id, meta, target, "")
	tooLarge := ""
	if err == nil {
		tooLarge = out.Weights.TooLarge()
	}
	if tooLarge != "" {
		out, err = l.files.Usage(ctx, file, id, meta, target, tooLarge)
	}
	if err == nil && guess && out.Hints.Basis() != "" && out.Hints.Basis() != meta.CostBasis {
		meta.CostBasis = out.Hints.Basis()
		out, err = l.files.Usage(ctx, file, id, meta, target, tooLarge)
	}
	if out != nil {
		rec.Rows, rec.Loaded, rec.Rejected = out.Rows, out.Loaded, out.Rejected
		l.log.keepRejects(f, out)
	}
	if err != nil {
		return err
	}
	if sl.Meta.CostBasis == "" {
		sl.Meta.CostBasis = meta.CostBasis
	}
	sl.days = append(sl.days, out.Days...)
	sl.kind, sl.version = id.Usage.Kind, cmp.Or(meta.SchemaVersion, id.Usage.Version)
	if err := tooManyRejects(out, l.ratio); err != nil {
		return err
	}
	if name := out.Weights.TooLarge(); name != "" {
		return fmt.Errorf("the rows of the file hold more than 10^18 in the column %s, which no export does: sums over it could not be exact", name)
	}
	l.noteUsageRows(f, out)
	rec.Status = ledger.StatusLoaded
	if out.Rows == 0 {
		rec.Status = ledger.StatusEmpty
		rec.Reason = read.Also(rec.Reason, "no rows")
	}
	return nil
}

// noteUsageRows says what a person should know of the rows of a file.
func (l *loader) noteUsageRows(f discover.File, out *read.Outcome) {
	if len(out.Currencies) > 1 {
		slices.Sort(out.Currencies)
		l.log.note("%s holds %d billing currencies (%v); they are never added up", f.Name, len(out.Currencies), out.Currencies)
	}
	if out.Loaded > 0 && out.Costed == 0 {
		l.log.note("%s: none of its %d rows has a cost; they add quantities to the reports, but no money", f.Name, out.Loaded)
	}
	for _, o := range out.Foreign {
		are := "are"
		if o.Rows == 1 {
			are = "is"
		}
		l.log.note("%s: %d of its %d rows %s usage of %s, %s; it counts as unattributed, because evidence of Azure says nothing about it",
			f.Name, o.Rows, out.Loaded, are, o.Provider, strings.TrimSpace(columnar.FormatDecimal(o.Cost)+" "+o.Currency))
	}
}

// loadSlices loads slices: the big ones one by one, each with all goroutines, the small ones side by side. It returns those that failed.
func (l *loader) loadSlices(ctx context.Context, todo []*slice) (map[string]bool, error) {
	big, small := l.bySize(todo)
	var mu sync.Mutex // guards bad
	bad := map[string]bool{}
	var p *packer
	packed := 0
	for _, sl := range small {
		if sl.isSmall() {
			packed++
		}
	}
	if packed >= PackFrom {
		p = &packer{loader: l}
	}
	work := func(sl *slice) error {
		into := p
		if !sl.isSmall() {
			into = nil
		}
		err := l.takeOrLoad(ctx, sl, into)
		l.progress.Add(int64(len(sl.Files)), 0)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || read.IsInternal(err) {
			return err
		}
		var check *ledger.CheckError
		if errors.As(err, &check) {
			l.log.check(check)
		}
		mu.Lock()
		bad[sl.ID] = true
		mu.Unlock()
		return nil
	}
	for _, sl := range big {
		if err := work(sl); err != nil {
			return nil, err
		}
	}
	if err := forEach(ctx, l.files.Threads, small, work); err != nil || p == nil {
		return bad, err
	}
	return bad, p.close(ctx)
}

// bySize tells the slices that are worth all goroutines from those that are read side by side, and says how much there is to read.
func (l *loader) bySize(todo []*slice) (big, small []*slice) {
	var files, bytes int64
	for _, sl := range todo {
		var size int64
		for _, f := range sl.Files {
			size = max(size, f.Size)
			bytes += f.Size
			files++
		}
		if size > read.ParallelFrom {
			big = append(big, sl)
		} else {
			small = append(small, sl)
		}
	}
	l.progress.Total(files, bytes)
	return big, small
}

// dropUsage takes the rows of forgotten customers out of the Parquet files of slices that were just read, and counts them for each file.
func (l *loader) dropUsage(ctx context.Context, loaded []*slice, folder string) error {
	if len(l.input.gone) == 0 {
		return nil
	}
	return l.engine.Do(func() error { return l.dropStaged(ctx, loaded, folder) })
}

// dropStaged is dropUsage when somebody was forgotten.
func (l *loader) dropStaged(ctx context.Context, loaded []*slice, folder string) error {
	parts, err := filepath.Glob(filepath.Join(folder, "*.parquet"))
	if err != nil || len(parts) == 0 {
		return err
	}
	gone, err := l.ledger.Usage.Gone(ctx, "select * from "+engine.ParquetSource(parts))
	if err != nil || len(gone) == 0 {
		return read.Internal(err)
	}
	for _, sl := range loaded {
		for _, f := range sl.Files {
			n := gone[f.Name]
			if n == 0 {
				continue
			}
			rec := l.log.record(f)
			rec.Loaded -= n
			rec.Kinds = map[string]int64{ledger.KindForgotten: n}
			sl.usageRows -= n
			sl.forgotten += n
		}
	}
	kept := folder + ".kept"
	if err := l.ledger.Usage.Keep(ctx, kept, ""); err != nil {
		return read.Internal(err)
	}
	return read.Internal(errors.Join(os.RemoveAll(folder), os.Rename(kept, folder)))
}

// tooManyRejects applies limits.max_reject_ratio (SPEC 3.1). A last line that was copied while it was being written does not count: the
// next delivery of the file brings it whole.
func tooManyRejects(o *read.Outcome, ratio float64) error {
	if o.Rejected == o.Cut || float64(o.Rejected-o.Cut) <= ratio*float64(o.Rows) {
		return nil
	}
	first := ""
	if len(o.Rejects) > 0 {
		r := o.Rejects[0]
		first = fmt.Sprintf("; first: %s", placeOf(r)+r.Reason)
	}
	return fmt.Errorf("%d of %d rows cannot be used, more than limits.max_reject_ratio %g allows%s", o.Rejected, o.Rows, ratio, first)
}

// placeOf names the place of a reject in its file.
func placeOf(r source.Reject) string {
	s := ""
	if r.Record > 0 {
		s += fmt.Sprintf("record %d, ", r.Record)
	}
	if r.Line > 0 {
		s += fmt.Sprintf("line %d, ", r.Line)
	}
	if r.Column != "" {
		s += fmt.Sprintf("column %s, ", r.Column)
	}
	if s == "" {
		return ""
	}
	return s[:len(s)-2] + ": "
}
