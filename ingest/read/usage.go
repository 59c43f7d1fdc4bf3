package read

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

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

// Usage reads the rows of a file into a sink. tooLarge is the column of which its
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
	threads := 1
	if file.Size > ParallelFrom {
		threads = r.Threads
	}
	p := &usagePipe{pipe: newPipe[*usageParser](r, file, threads), reader: reader, sink: w}
	p.newParser = func() (*usageParser, error) {
		return &usageParser{n: reader.NewNormaliser(), batch: columnar.NewBatch(usage.Columns), pipe: p}, nil
	}
	switch file.Kind {
	case source.KindJSON:
		j := p.openJSON()
		p.isLines = j.Lines()
		err = p.json(ctx, j)
	case source.KindParquet:
		err = p.parquet(ctx, len(id.Header))
	default:
		err = p.readCSV(ctx, id.HeaderLine)
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

// usagePipe is the pipe of one usage file.
type usagePipe struct {
	*pipe[*usageParser]
	reader  *usage.Reader
	sink    RowSink // guarded by mu
	isLines bool    // of JSON: a line that is no JSON costs itself alone
}

// readCSV looks at the first rows before any is read: they decide how dates are written.
func (p *usagePipe) readCSV(ctx context.Context, headerLine int64) error {
	c, err := p.openCSV(ctx, headerLine)
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
	return p.csv(ctx, c, first)
}

// errStop ends an iteration early; it is never shown.
var errStop = errors.New("stop")

// usageParser normalises rows.
type usageParser struct {
	pipe  *usagePipe
	n     *usage.Normaliser
	batch *columnar.Batch
	text  source.JSONParser
	out   Outcome
}

func (w *usageParser) take(r *source.Reject) {
	w.out.Rows++
	if r != nil {
		w.out.reject(r)
		return
	}
	w.out.Loaded++
}

func (w *usageParser) row(record, line int64, cells [][]byte) error {
	rejected := w.n.Row(w.batch, record, line, cells)
	if rejected == nil || w.pipe.file.Kind == source.KindParquet {
		w.take(rejected)
		return nil
	}
	rows, joined, err := w.pipe.reader.Joined(line, cells)
	if !joined {
		w.take(rejected)
	}
	for _, row := range rows {
		w.take(w.n.Row(w.batch, record, line, row))
	}
	return err
}

func (w *usageParser) value(v source.Value) error {
	if v.Damaged != nil {
		w.take(source.NewReject(v.Record, v.Line, "", nil, v.Damaged.Error()))
		return nil //nolint:nilerr // the damaged line is a reject; the file goes on
	}
	doc, err := w.text.ParseBytes(v.Bytes)
	if err == nil {
		w.take(w.n.JSON(w.batch, v.Record, v.Line, doc))
		return nil
	}
	if !w.pipe.isLines {
		return identify.DamagedJSON(v, err)
	}
	line, column, reason := v.Fault()
	w.take(source.NewReject(v.Record, line, "", v.Bytes, fmt.Sprintf("no valid JSON at column %d: %s", column, cmp.Or(reason, identify.JSONReason(err)))))
	return nil
}

// maxBatch is how many bytes of text a batch may have before it is written.
const maxBatch = 32 << 20

func (w *usageParser) flush() error {
	if w.batch.Rows() < 4096 && w.batch.Bytes() < maxBatch {
		return nil
	}
	return w.write()
}

// write gives the rows to the sink.
func (w *usageParser) write() error {
	if w.batch.Rows() == 0 {
		return nil
	}
	w.pipe.mu.Lock()
	defer w.pipe.mu.Unlock()
	var err error
	w.batch, err = w.pipe.sink.Take(w.batch)
	return Internal(err)
}

func (w *usageParser) end() (*Outcome, error) {
	err := w.write()
	w.out.Hints, w.out.Costed, w.out.Weights, w.out.Foreign = w.n.Hints(), w.n.Costed(), w.n.Weights(), w.n.Foreign()
	w.out.Currencies, w.out.Days = slices.Clone(w.n.Currencies()), w.n.Days()
	return &w.out, err
}
