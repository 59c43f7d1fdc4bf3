package read

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/pidledger/pidledger/ingest/identify"
	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/ingest/usage"
	"github.com/pidledger/pidledger/queries/columnar"
)

// RowSink takes the rows of one usage file.
type RowSink interface {
	// Take takes the rows of a batch and returns an empty one to go on with.
	Take(b *columnar.Batch) (*columnar.Batch, error)
	Close() error
	// Abort drops what was taken: the rows of the file are of no use.
	Abort() error
}

// fileSink is a Parquet file.
type fileSink struct{ *columnar.Writer }

// PartFile makes a Parquet file of a slice.
func PartFile(path string) func() (RowSink, error) {
	return func() (RowSink, error) {
		w, err := columnar.Create(path, usage.Columns, columnar.Options{Sync: true})
		return fileSink{w}, err
	}
}

func (f fileSink) Take(b *columnar.Batch) (*columnar.Batch, error) {
	err := f.Write(b)
	b.Reset()
	return b, err
}

// Usage runs the readers of one file: one goroutine cuts blocks, others normalise them, one writes. tooLarge is the column of which its
// rows turned out to hold too much together; empty: none.
func (r *Reader) Usage(
	ctx context.Context, file *source.File, id identify.Result, meta usage.Meta, target func() (RowSink, error), tooLarge string,
) (*Outcome, error) {
	reader, err := usage.NewReader(id.Usage, id.Header, meta)
	if err != nil {
		return nil, err
	}
	if tooLarge != "" {
		reader.HoldTo(tooLarge)
	}
	w, err := target()
	if err != nil {
		return nil, Internal(err)
	}
	p := &usagePipe{engine: r.Engine, meter: meter{file: file, tell: r.Progress.Add}, reader: reader, sink: w, file: file, threads: 1}
	if file.Size > ParallelFrom {
		p.threads = r.Threads
	}
	switch file.Kind {
	case source.KindJSON:
		err = p.json(ctx)
	case source.KindParquet:
		err = p.parquet(ctx, id.Header)
	default:
		err = p.csv(ctx, id.HeaderLine)
	}
	if err != nil {
		return &p.out, errors.Join(err, Internal(w.Abort()))
	}
	if err := w.Close(); err != nil {
		return &p.out, Internal(err)
	}
	return &p.out, nil
}

// ParallelFrom is the size from which a file is worth more than one goroutine.
const ParallelFrom = 4 << 20

// usagePipe carries the blocks of one usage file to where its rows are kept.
type usagePipe struct {
	engine  *Engine
	meter   meter
	reader  *usage.Reader
	sink    RowSink
	file    *source.File
	threads int

	mu  sync.Mutex // guards the rest and sink
	out Outcome
}

// part is what one goroutine works with.
type part struct {
	n     *usage.Normaliser
	batch *columnar.Batch
	json  source.JSONParser
	out   Outcome
}

func (p *usagePipe) newPart() *part {
	return &part{n: p.reader.NewNormaliser(), batch: columnar.NewBatch(usage.Columns)}
}

// maxBatch is how many bytes of text a batch may have before it is written.
const maxBatch = 32 << 20

// flush writes the batch of a part when it is worth it.
func (p *usagePipe) flush(w *part, always bool) error {
	if w.batch.Rows() == 0 || (!always && w.batch.Rows() < 4096 && w.batch.Bytes() < maxBatch) {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	w.batch, err = p.sink.Take(w.batch)
	return Internal(err)
}

// done adds up what a part has read.
func (p *usagePipe) done(w *part) error {
	err := p.flush(w, true)
	w.out.Hints, w.out.Costed, w.out.Weights, w.out.Foreign = w.n.Hints(), w.n.Costed(), w.n.Weights(), w.n.Foreign()
	w.out.Currencies, w.out.Days = slices.Clone(w.n.Currencies()), w.n.Days()
	p.mu.Lock()
	p.out.add(&w.out)
	p.mu.Unlock()
	return err
}

func (w *part) take(r *source.Reject) {
	w.out.Rows++
	if r != nil {
		w.out.reject(r)
		return
	}
	w.out.Loaded++
}

func (p *usagePipe) csv(ctx context.Context, headerLine int64) error {
	c, err := source.NewCSV(source.WithContext(ctx, p.file.Reader()), source.CSVOptions{HeaderLine: headerLine, BlockSize: identify.BlockSize(p.file)})
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
		p.meter.advance()
		return errors.Join(err, p.flush(w, false))
	}, p.done)
}

func (p *usagePipe) json(ctx context.Context) error {
	j := source.NewJSON(p.file.Reader(), source.JSONOptions{BufferSize: identify.BlockSize(p.file)})
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
				return identify.DamagedJSON(v, err)
			}
			line, column, reason := v.Fault()
			w.take(source.NewReject(v.Record, line, "", v.Bytes, fmt.Sprintf("no valid JSON at column %d: %s", column, cmp.Or(reason, identify.JSONReason(err)))))
			return nil
		})
		p.meter.advance()
		return errors.Join(err, p.flush(w, false))
	}, p.done)
}

// parquet reads the cells as text through the engine, whatever their types (INT96 dates, decimals, doubles) are.
func (p *usagePipe) parquet(ctx context.Context, header []string) error {
	w := p.newPart()
	err := parquetRows(ctx, p.engine, p.file.Path, len(header), func(record int64, cells [][]byte) error {
		w.take(w.n.Row(w.batch, record, 0, cells))
		return p.flush(w, false)
	})
	if err != nil {
		return err
	}
	p.meter.tell(0, p.file.Size)
	return p.done(w)
}

// errStop ends an iteration early; it is never shown.
var errStop = errors.New("stop")

// sized is a block that knows its bytes.
type sized interface{ Size() int }

// inParallel feeds the blocks of next to n goroutines, each with a part of its own. The first error ends all of them. A block with a large
// record is worked off before the next one is read.
func inParallel[B sized, P any](ctx context.Context, n int, next func() (B, error), newPart func() P, work func(P, B) error, done func(P) error) error {
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
		if !source.IsLarge(b.Size()) {
			blocks <- b
			continue
		}
		part := newPart()
		fail(work(part, b))
		fail(done(part))
	}
	close(blocks)
	wg.Wait()
	if failed != nil {
		return failed
	}
	return context.Cause(ctx)
}
