package read

import (
	"context"
	"errors"
	"io"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/pidledger/pidledger/ingest/identify"
	"github.com/pidledger/pidledger/ingest/source"
)

// pipe carries the records of one file to where their rows are kept. One goroutine cuts blocks of whole records; each of the others has a
// parser, which turns records into rows or rejects. What is kept in memory at once is a block for each, and what a parser has not written yet.
type pipe[P parser] struct {
	engine    *Engine
	file      *source.File
	meter     meter
	threads   int
	newParser func() (P, error)

	mu  sync.Mutex // guards the rest
	out Outcome
}

func newPipe[P parser](r *Reader, file *source.File, threads int) *pipe[P] {
	return &pipe[P]{engine: r.Engine, file: file, threads: threads, meter: meter{file: file, tell: r.Progress.Add}}
}

// parser works for one goroutine. There are two kinds: usageParser and evidenceParser.
type parser interface {
	row(record, line int64, cells [][]byte) error // of CSV, or of Parquet, whose rows have no line
	value(v source.Value) error                   // of JSON
	flush() error                                 // writes the rows, if they are worth it
	end() (*Outcome, error)                       // writes what is left, and tells what became of the records
}

// alone gives one parser to read, and adds up what it has read.
func (p *pipe[P]) alone(read func(w P) error) error {
	w, err := p.newParser()
	if err != nil {
		return err
	}
	err = read(w)
	out, ended := w.end()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out.add(out)
	return errors.Join(err, ended)
}

// after tells how far the file is read, and writes what is worth it.
func (p *pipe[P]) after(w P, err error) error {
	p.meter.advance()
	return errors.Join(err, w.flush())
}

// csv reads what is left of a CSV file; first is a block of it that was read before, or nil.
func (p *pipe[P]) csv(ctx context.Context, c *source.CSV, first *source.Block) error {
	next := func() (*source.Block, error) {
		if b := first; b != nil {
			first = nil
			return b, nil
		}
		return c.Next()
	}
	return inParallel(ctx, p, next, func(w P, b *source.Block) error { return b.Each(w.row) })
}

// openCSV opens the file as CSV, its header in line headerLine.
func (p *pipe[P]) openCSV(ctx context.Context, headerLine int64) (*source.CSV, error) {
	return source.NewCSV(source.WithContext(ctx, p.file.Reader()), source.CSVOptions{HeaderLine: headerLine, BlockSize: identify.BlockSize(p.file)})
}

func (p *pipe[P]) json(ctx context.Context, j *source.JSON) error {
	return inParallel(ctx, p, j.NextBlock, func(w P, b *source.JSONBlock) error { return b.Each(w.value) })
}

func (p *pipe[P]) openJSON() *source.JSON {
	return source.NewJSON(p.file.Reader(), source.JSONOptions{BufferSize: identify.BlockSize(p.file)})
}

// parquet reads the cells as text through the engine, whatever their types (INT96 dates, decimals, doubles) are.
func (p *pipe[P]) parquet(ctx context.Context, columns int) error {
	return p.alone(func(w P) error {
		err := parquetRows(ctx, p.engine, p.file.Path, columns, func(record int64, cells [][]byte) error {
			return errors.Join(w.row(record, 0, cells), w.flush())
		})
		if err == nil {
			p.meter.add(p.file.Size)
		}
		return err
	})
}

// block is a piece of a file, of whole records.
type block interface {
	Size() int
	Release()
}

// inParallel feeds the blocks of next to the goroutines, each with a parser of its own. The first error ends all of them. A block with a
// large record is worked off before the next one is read.
func inParallel[P parser, B block](ctx context.Context, p *pipe[P], next func() (B, error), each func(P, B) error) error {
	work := func(w P, b B) error {
		defer b.Release()
		return p.after(w, each(w, b))
	}
	cut := func(ctx context.Context, take func(B) error) error {
		for {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			b, err := next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err == nil {
				err = take(b)
			}
			if err != nil {
				return err
			}
		}
	}
	if p.threads <= 1 {
		return p.alone(func(w P) error { return cut(ctx, func(b B) error { return work(w, b) }) })
	}
	g, ctx := errgroup.WithContext(ctx)
	queue := make(chan B, p.threads)
	for range p.threads {
		g.Go(func() error {
			return p.alone(func(w P) error {
				for b := range queue {
					if err := work(w, b); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
	err := cut(ctx, func(b B) error {
		if source.IsLarge(b.Size()) {
			return p.alone(func(w P) error { return work(w, b) })
		}
		select {
		case queue <- b:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	close(queue)
	if failed := g.Wait(); failed != nil {
		return failed // what ended the others, too
	}
	return err
}
