package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/ingest/usage"
	"github.com/pidledger/pidledger/queries/columnar"
)

// slice is one export run, or one plain usage file: the part of the usage table that is replaced as a whole (SPEC 3.2).
type slice struct {
	ID    string
	Meta  usage.Meta // constants of its rows; CostBasis empty: found out from the rows
	Files []found
	Rows  int64 // rows that the manifest announces; negative: not known

	usageRows, rejected int64
	forgotten           int64 // rows of forgotten customers, which are read and not kept
	kind, version       string
	run                 *export.Run // nil: a plain usage file
	days                []int32     // that its rows are of, in days since 1970-01-01
	pack                string      // the folder that its rows share with other slices; empty: one of its own
	staged              string      // where that folder is until the catalog knows its files; empty: it has no rows
}

// rejectsKept is how many rejects of one file are kept; all are counted.
const rejectsKept = 10_000

// outcome is what reading one file gave.
type outcome struct {
	rows, loaded, rejected int64
	cut                    int64 // of the rejects: last lines copied while they were being written
	rejects                []source.Reject
	kinds                  map[string]int64
	currencies             []string
	days                   []int32
	hints                  usage.Hints
	costed                 int64           // of the loaded rows: those with a cost
	weights                usage.Weights   // what the amounts add up to
	foreign                []usage.Foreign // rows of other clouds
}

func (o *outcome) reject(r *source.Reject) {
	o.rejected++
	if len(o.rejects) < rejectsKept {
		o.rejects = append(o.rejects, *r)
	}
}

func (o *outcome) add(p *outcome) {
	o.rows += p.rows
	o.loaded += p.loaded
	o.rejected += p.rejected
	o.cut += p.cut
	o.rejects = append(o.rejects, p.rejects[:min(len(p.rejects), rejectsKept-min(rejectsKept, len(o.rejects)))]...)
	for k, n := range p.kinds {
		if o.kinds == nil {
			o.kinds = map[string]int64{}
		}
		o.kinds[k] += n
	}
	for _, c := range p.currencies {
		if !slices.Contains(o.currencies, c) {
			o.currencies = append(o.currencies, c)
		}
	}
	o.days = append(o.days, p.days...)
	o.hints.Add(p.hints)
	o.costed += p.costed
	o.weights.Add(p.weights)
	o.foreign = usage.AddForeign(o.foreign, p.foreign)
}

// loadSlice reads the files of a slice into staging/<slice>, or puts its rows into a pack; addSlices moves both to their places. It returns
// the error of the first file that cannot be used; the slice then does not count. Every file gets its record either way.
func (s *session) loadSlice(ctx context.Context, sl *slice, p *packer) error {
	folder := s.path(stagingFolder, sl.ID)
	rows := &heldRows{}
	if p == nil {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
	}
	var failed error
	for i, f := range sl.Files {
		rec := s.record(f)
		target := rows.file()
		if p == nil {
			target = partFile(filepath.Join(folder, fmt.Sprintf("part-%04d.parquet", i+1)))
		}
		err := s.loadUsageFile(ctx, sl, f, target, rec)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			sl.usageRows += rec.Loaded
			sl.rejected += rec.Rejected
			continue
		}
		if isInternal(err) {
			return err
		}
		if isChanged(err) { // what was read of it was never whole
			rec.Rows, rec.Rejected = 0, 0
			s.keepRejects(f, &outcome{})
		}
		rec.Status, rec.Reason, rec.Loaded = StatusFailed, err.Error(), 0
		if failed == nil {
			failed = fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	if failed == nil && p == nil {
		if err := s.dropUsage(ctx, []*slice{sl}, folder); err != nil {
			return err
		}
	}
	if held := sl.usageRows + sl.rejected + sl.forgotten; failed == nil && sl.Rows >= 0 && held != sl.Rows {
		failed = &CheckError{
			Check:  "dataRowCount",
			Detail: fmt.Sprintf("export %s, run %s: the manifest says %d rows, its files hold %d; the run does not count", sl.Meta.ExportName, sl.Meta.RunID, sl.Rows, held),
			Hint:   "have the export run again, or copy its files once more",
		}
		for _, f := range sl.Files {
			rec := s.record(f)
			rec.Status, rec.Reason, rec.Loaded = StatusFailed, failed.Error(), 0
		}
	}
	if p != nil {
		if failed != nil {
			return failed
		}
		return internal(p.add(ctx, sl, rows))
	}
	if failed != nil {
		return errors.Join(failed, os.RemoveAll(folder))
	}
	sl.staged = folder
	return nil
}

// rowSink takes the rows of one usage file.
type rowSink interface {
	// take takes the rows of a batch and returns an empty one to go on with.
	take(b *columnar.Batch) (*columnar.Batch, error)
	close() error
	abort() error // the rows of the file are of no use
}

// fileSink is a Parquet file.
type fileSink struct{ *columnar.Writer }

// partFile makes a Parquet file of a slice.
func partFile(path string) func() (rowSink, error) {
	return func() (rowSink, error) {
		w, err := columnar.Create(path, usage.Columns, columnar.Options{Sync: true})
		return fileSink{w}, err
	}
}

func (f fileSink) take(b *columnar.Batch) (*columnar.Batch, error) {
	err := f.Write(b)
	b.Reset()
	return b, err
}

func (f fileSink) close() error { return f.Close() }
func (f fileSink) abort() error { return f.Abort() }

// loadUsageFile reads one usage file into one sink of rows. Where neither manifest nor header nor name tell the cost basis, the rows
// decide: when they turn out to be of the other basis than was assumed, the file is read once more. So it is when they hold more than sums can.
func (s *session) loadUsageFile(ctx context.Context, sl *slice, f found, target func() (rowSink, error), rec *FileRecord) error {
	file, err := s.open(f)
	if err != nil {
		return err
	}
	defer file.Close()
	return unchanged(file, s.readUsageFile(ctx, sl, f, file, target, rec))
}

func (s *session) readUsageFile(ctx context.Context, sl *slice, f found, file *source.File, target func() (rowSink, error), rec *FileRecord) error {
	id, err := s.identify(ctx, file, f)
	if err != nil {
		return err
	}
	if id.format == nil || !id.format.Usage {
		if file.Kind == source.KindEmpty {
			rec.Status, rec.Format, rec.Reason = StatusEmpty, "empty", "the file has no bytes; zero rows"
			return nil
		}
		return &UnknownFormatError{Path: f.Name, Reason: id.reason}
	}
	rec.Format = id.name()
	if rec.Reason == "" {
		rec.Reason = id.reason
	}
	meta := sl.Meta
	guess := meta.CostBasis == ""
	if guess {
		meta.CostBasis = firstText(f.Source.CostBasis, id.usage.Basis, usage.BasisFromName(f.Name))
		guess = meta.CostBasis == ""
		if guess {
			meta.CostBasis = "actual"
		}
	}
	meta.BlobName = f.Name
	out, err := s.readUsage(ctx, file, id, meta, target, "")
	tooLarge := ""
	if err == nil {
		tooLarge = out.weights.TooLarge()
	}
	if tooLarge != "" {
		out, err = s.readUsage(ctx, file, id, meta, target, tooLarge)
	}
	if err == nil && guess && out.hints.Basis() != "" && out.hints.Basis() != meta.CostBasis {
		meta.CostBasis = out.hints.Basis()
		out, err = s.readUsage(ctx, file, id, meta, target, tooLarge)
	}
	if out != nil {
		rec.Rows, rec.Loaded, rec.Rejected = out.rows, out.loaded, out.rejected
		s.keepRejects(f, out)
	}
	if err != nil {
		return err
	}
	if sl.Meta.CostBasis == "" {
		sl.Meta.CostBasis = meta.CostBasis
	}
	sl.days = append(sl.days, out.days...)
	sl.kind, sl.version = id.usage.Kind, firstText(meta.SchemaVersion, id.usage.Version)
	if err := tooManyRejects(out, s.opts.MaxRejectRatio); err != nil {
		return err
	}
	if name := out.weights.TooLarge(); name != "" {
		return fmt.Errorf("the rows of the file hold more than 10^18 in the column %s, which no export does: sums over it could not be exact", name)
	}
	s.noteUsageRows(f, out)
	rec.Status = StatusLoaded
	if out.rows == 0 {
		rec.Status = StatusEmpty
		rec.Reason = joinText(rec.Reason, "no rows")
	}
	return nil
}

// noteUsageRows says what a person should know of the rows of a file.
func (s *session) noteUsageRows(f found, out *outcome) {
	if len(out.currencies) > 1 {
		slices.Sort(out.currencies)
		s.note("%s holds %d billing currencies (%v); they are never added up", f.Name, len(out.currencies), out.currencies)
	}
	if out.loaded > 0 && out.costed == 0 {
		s.note("%s: none of its %d rows has a cost; they add quantities to the reports, but no money", f.Name, out.loaded)
	}
	for _, o := range out.foreign {
		are := "are"
		if o.Rows == 1 {
			are = "is"
		}
		s.note("%s: %d of its %d rows %s usage of %s, %s; it counts as unattributed, because evidence of Azure says nothing about it",
			f.Name, o.Rows, out.loaded, are, o.Provider, strings.TrimSpace(columnar.FormatDecimal(o.Cost)+" "+o.Currency))
	}
}

// readUsage runs the readers of one file: one goroutine cuts blocks, others normalise them, one writes. tooLarge is the column of which its
// rows turned out to hold too much together; empty: none.
func (s *session) readUsage(
	ctx context.Context, file *source.File, id identified, meta usage.Meta, target func() (rowSink, error), tooLarge string,
) (*outcome, error) {
	reader, err := usage.NewReader(id.usage, id.header, meta)
	if err != nil {
		return nil, err
	}
	if tooLarge != "" {
		reader.HoldTo(tooLarge)
	}
	w, err := target()
	if err != nil {
		return nil, internal(err)
	}
	p := &usagePipe{session: s, reader: reader, sink: w, file: file, threads: 1}
	if file.Size > parallelFrom {
		p.threads = s.threads()
	}
	switch file.Kind {
	case source.KindJSON:
		err = p.json(ctx)
	case source.KindParquet:
		err = p.parquet(ctx, id.header)
	default:
		err = p.csv(ctx, id.headerLine)
	}
	if err != nil {
		return &p.out, errors.Join(err, internal(w.abort()))
	}
	if err := w.close(); err != nil {
		return &p.out, internal(err)
	}
	return &p.out, nil
}

// parallelFrom is the size from which a file is worth more than one goroutine.
const parallelFrom = 4 << 20

// blockSize is how much of a file is read at once: a small file needs no large buffer, and there may be a hundred thousand of them.
func blockSize(file *source.File) int {
	if file.Gzip || file.Size > 1<<20 {
		return 1 << 20
	}
	return max(4<<10, int(file.Size)+1)
}

// usagePipe carries the blocks of one usage file to where its rows are kept.
type usagePipe struct {
	*session
	reader  *usage.Reader
	sink    rowSink
	file    *source.File
	threads int

	mu      sync.Mutex // guards the rest and sink
	out     outcome
	counted int64 // bytes of the file that progress knows of
}

// part is what one goroutine works with.
type part struct {
	n     *usage.Normaliser
	batch *columnar.Batch
	json  source.JSONParser
	out   outcome
}

func (p *usagePipe) newPart() *part {
	return &part{n: p.reader.NewNormaliser(), batch: columnar.NewBatch(usage.Columns)}
}

// flush writes the batch of a part when it is worth it.
func (p *usagePipe) flush(w *part, always bool) error {
	if w.batch.Rows() == 0 || (!always && w.batch.Rows() < 4096) {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	w.batch, err = p.sink.take(w.batch)
	return internal(err)
}

// done adds up what a part has read.
func (p *usagePipe) done(w *part) error {
	err := p.flush(w, true)
	w.out.hints, w.out.costed, w.out.weights, w.out.foreign = w.n.Hints(), w.n.Costed(), w.n.Weights(), w.n.Foreign()
	w.out.currencies, w.out.days = slices.Clone(w.n.Currencies()), w.n.Days()
	p.mu.Lock()
	p.out.add(&w.out)
	p.mu.Unlock()
	return err
}

func (w *part) take(r *source.Reject) {
	w.out.rows++
	if r != nil {
		w.out.reject(r)
		return
	}
	w.out.loaded++
}

func (p *usagePipe) csv(ctx context.Context, headerLine int64) error {
	c, err := source.NewCSV(source.WithContext(ctx, p.file.Reader()), source.CSVOptions{HeaderLine: headerLine, BlockSize: blockSize(p.file)})
	if err != nil {
		return err
	}
	first, err := c.Next()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	p.reader.DecideDates(func(yield func([]string) bool) {
		_ = first.Each(func(_, _ int64, fields [][]byte) error {
			record := make([]string, len(fields))
			for i, f := range fields {
				record[i] = string(f)
			}
			if !yield(record) {
				return errStop
			}
			return nil
		})
	})
	next := func() (*source.Block, error) {
		if b := first; b != nil {
			first = nil
			return b, nil
		}
		return c.Next()
	}
	return inParallel(ctx, p.threads, next, p.newPart, func(w *part, b *source.Block) error {
		defer b.Release()
		err := b.Each(func(record, line int64, fields [][]byte) error {
			rejected := w.n.Row(w.batch, record, line, fields)
			if rejected == nil {
				w.take(nil)
				return nil
			}
			rows, joined, err := p.reader.Joined(line, fields)
			if !joined {
				w.take(rejected)
			}
			for _, row := range rows {
				w.take(w.n.Row(w.batch, record, line, row))
			}
			return err
		})
		p.opts.Progress.Add(0, p.progress())
		return errors.Join(err, p.flush(w, false))
	}, p.done)
}

func (p *usagePipe) json(ctx context.Context) error {
	j := source.NewJSON(p.file.Reader(), source.JSONOptions{BufferSize: blockSize(p.file)})
	lines := j.Lines()
	return inParallel(ctx, p.threads, j.NextBlock, p.newPart, func(w *part, b *source.JSONBlock) error {
		defer b.Release()
		err := b.Each(func(v source.Value) error {
			if v.Damaged != nil {
				w.take(source.NewReject(v.Record, v.Line, "", nil, v.Damaged.Error()))
				return nil //nolint:nilerr // the damaged line is a reject; the file goes on
			}
			doc, err := w.json.ParseBytes(v.Bytes)
			if err == nil {
				w.take(w.n.JSON(w.batch, v.Record, v.Line, doc))
				return nil
			}
			if !lines {
				return damagedJSON(v, err)
			}
			line, column, reason := v.Fault()
			w.take(source.NewReject(v.Record, line, "", v.Bytes, fmt.Sprintf("no valid JSON at column %d: %s", column, firstText(reason, jsonReason(err)))))
			return nil
		})
		p.opts.Progress.Add(0, p.progress())
		return errors.Join(err, p.flush(w, false))
	}, p.done)
}

// parquet reads the cells as text through the engine, whatever their types (INT96 dates, decimals, doubles) are.
func (p *usagePipe) parquet(ctx context.Context, header []string) error {
	p.dbMu.Lock()
	defer p.dbMu.Unlock()
	w := p.newPart()
	err := parquetRows(ctx, p.DB, p.file.Path, len(header), func(record int64, cells [][]byte) error {
		w.take(w.n.Row(w.batch, record, 0, cells))
		return p.flush(w, false)
	})
	if err != nil {
		return err
	}
	p.opts.Progress.Add(0, p.file.Size)
	return p.done(w)
}

// progress is how many bytes of the file were read since it was last asked.
func (p *usagePipe) progress() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	read := p.file.BytesRead()
	n := read - p.counted
	p.counted = read
	return n
}

// errStop ends an iteration early; it is never shown.
var errStop = errors.New("stop")

// inParallel feeds the blocks of next to n goroutines, each with a part of its own. The first error ends all of them.
func inParallel[B, P any](ctx context.Context, n int, next func() (B, error), newPart func() P, work func(P, B) error, done func(P) error) error {
	if n <= 1 {
		part := newPart()
		for {
			if err := ctx.Err(); err != nil {
				return err
			}
			b, err := next()
			if errors.Is(err, io.EOF) {
				return done(part)
			}
			if err == nil {
				err = work(part, b)
			}
			if err != nil {
				return errors.Join(err, done(part))
			}
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	blocks := make(chan B, n)
	var wg sync.WaitGroup
	var failed error
	var once sync.Once
	fail := func(err error) {
		if err != nil {
			once.Do(func() { failed = err })
			cancel(err)
		}
	}
	for range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			part := newPart()
			for b := range blocks {
				if ctx.Err() == nil {
					fail(work(part, b))
				}
			}
			fail(done(part))
		}()
	}
	for ctx.Err() == nil {
		b, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fail(err)
			break
		}
		blocks <- b
	}
	close(blocks)
	wg.Wait()
	if failed != nil {
		return failed
	}
	return context.Cause(ctx)
}

// tooManyRejects applies limits.max_reject_ratio (SPEC 3.1). A last line that was copied while it was being written does not count: the
// next delivery of the file brings it whole.
func tooManyRejects(o *outcome, ratio float64) error {
	if o.rejected == o.cut || float64(o.rejected-o.cut) <= ratio*float64(o.rows) {
		return nil
	}
	first := ""
	if len(o.rejects) > 0 {
		r := o.rejects[0]
		first = fmt.Sprintf("; first: %s", placeOf(r)+r.Reason)
	}
	return fmt.Errorf("%d of %d rows cannot be used, more than limits.max_reject_ratio %g allows%s", o.rejected, o.rows, ratio, first)
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

func firstText(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func joinText(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}
