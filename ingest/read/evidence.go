package read

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/evidence"
	"github.com/pidledger/pidledger/ingest/identify"
	"github.com/pidledger/pidledger/ingest/source"
)

// Evidence reads the records of a file into a staging folder. What it finds in the file may tell more than its beginning did; note is
// told what a person should know.
func (r *Reader) Evidence(
	ctx context.Context, f discover.File, file *source.File, id identify.Result, n int, into *Staging, note func(format string, args ...any),
) (_ *Outcome, _ identify.Result, err error) {
	p := &evidencePipe{engine: r.Engine, staging: into, meter: meter{file: file, tell: r.Progress.Add}, note: note, file: file, options: evidence.Options{File: f.Name, Subscription: cmp.Or(f.Source.Subscription, evidence.PathSubscription(f.Name)), Columns: f.Source.Columns}}
	if isOrdered(id.Detail) {
		n = 1
	}
	switch {
	case id.Format.Lines:
		if err = p.text(); err == nil {
			p.nameLog(&id, f)
		}
	case id.Format.Events:
		if err = p.events(ctx, id.Events, id.HeaderLine); err == nil {
			p.nameCapture(&id)
		}
	case file.Kind == source.KindJSON:
		j := source.NewJSON(file.Reader(), source.JSONOptions{BufferSize: identify.BlockSize(file)})
		err = inParallel(ctx, n, j.NextBlock, p.newPart, p.jsonBlock, p.done)
	case file.Kind == source.KindParquet:
		err = p.parquet(ctx, id.Header)
	case len(id.Header) == 0:
		err = p.text()
	default:
		var c *source.CSV
		if c, err = source.NewCSV(source.WithContext(ctx, file.Reader()), source.CSVOptions{HeaderLine: id.HeaderLine, BlockSize: identify.BlockSize(file)}); err == nil {
			p.header = c.Header()
			err = inParallel(ctx, n, c.Next, p.newPart, p.csvBlock, p.done)
		}
	}
	if err == nil && p.setUp != nil {
		err = p.setUp
	}
	return &p.out, id, err
}

// isOrdered tells whether the records of a shape belong together in their order.
func isOrdered(shape string) bool {
	for _, s := range evidence.Shapes() {
		if s.Name == shape {
			return s.Ordered
		}
	}
	return false
}

// evidencePipe carries the records of one file to the stagers.
type evidencePipe struct {
	engine  *Engine
	staging *Staging
	meter   meter
	note    func(format string, args ...any)
	file    *source.File
	options evidence.Options
	header  []string

	mu    sync.Mutex // guards the rest
	out   Outcome
	setUp error // why a parser could not be made: the mapping does not fit the file

	shape, reason string // of what was found in a text
}

// evidencePart is what one goroutine works with.
type evidencePart struct {
	parser *evidence.Parser
	header *evidence.Header
	stager *stager
}

func (p *evidencePipe) newPart() *evidencePart {
	w := &evidencePart{stager: p.staging.stager()}
	var err error
	if w.parser, err = evidence.NewParser(p.options); err == nil && len(p.header) > 0 {
		w.header, err = w.parser.Header(p.header)
	}
	if err != nil {
		w.parser = nil
		p.mu.Lock()
		p.setUp = err
		p.mu.Unlock()
	}
	return w
}

func (p *evidencePipe) jsonBlock(w *evidencePart, b *source.JSONBlock) error {
	defer b.Release()
	if w.parser == nil {
		return p.setUp
	}
	err := b.Each(func(v source.Value) error {
		w.parser.Value(v, w.stager.sink)
		return nil
	})
	p.meter.advance()
	return errors.Join(err, p.staging.flush(w.stager, false))
}

func (p *evidencePipe) csvBlock(w *evidencePart, b *source.Block) error {
	defer b.Release()
	if w.parser == nil {
		return p.setUp
	}
	err := b.Each(func(record, line int64, fields [][]byte) error {
		w.parser.CSVRow(w.header, record, line, fields, w.stager.sink)
		return nil
	})
	p.meter.advance()
	return errors.Join(err, p.staging.flush(w.stager, false))
}

func (p *evidencePipe) text() error {
	w := p.newPart()
	if w.parser == nil {
		return p.setUp
	}
	err := w.parser.Text(p.file.Reader(), w.stager.sink)
	p.shape, p.reason = w.parser.Found()
	p.meter.advance()
	return errors.Join(err, p.done(w))
}

// nameLog says what was found in a text: requests may stand far from its beginning, or nowhere.
func (p *evidencePipe) nameLog(id *identify.Result, f discover.File) {
	switch {
	case p.shape != "":
		id.Detail, id.Reason = p.shape, p.reason
	case p.out.Rows > 0:
	case id.Detail == "":
		*id = identify.Result{Reason: evidence.NoCalls}
		if text := identify.OtherText(p.file.Head()); strings.HasPrefix(text, identify.SeemsToBe) {
			id.Reason = text
		}
	default:
		id.Reason = Also(id.Reason, evidence.NoCalls)
		p.note("%s: %s", f.Name, evidence.NoCalls)
	}
}

// events reads the events of a capture, which stand in one column.
func (p *evidencePipe) events(ctx context.Context, column string, headerLine int64) error {
	w := p.newPart()
	if w.parser == nil {
		return p.setUp
	}
	each := func(body []byte, record int64) error {
		w.parser.Event(record, body, w.stager.sink)
		p.meter.advance()
		return p.staging.flush(w.stager, false)
	}
	record := int64(0)
	next := func(body []byte) error {
		record++
		return each(body, record)
	}
	var err error
	switch p.file.Kind {
	case source.KindAvro:
		var a *source.Avro
		if a, err = source.NewAvro(p.file.Reader(), column); err == nil {
			err = errors.Join(identify.AvroBodies(a, each), a.Close())
		}
	case source.KindParquet:
		err = p.engine.ParquetBytes(ctx, p.file.Path, column, next)
	default:
		var c *source.CSV
		if c, err = source.NewCSV(source.WithContext(ctx, p.file.Reader()), source.CSVOptions{HeaderLine: headerLine, BlockSize: identify.BlockSize(p.file)}); err == nil {
			err = identify.CSVColumn(c, slices.Index(c.Header(), column))(next)
		}
	}
	return errors.Join(err, p.done(w))
}

// nameCapture says when no event of a capture is of a known kind.
func (p *evidencePipe) nameCapture(id *identify.Result) {
	if unknown := p.out.Kinds["unknown"]; unknown > 0 && unknown+p.out.Kinds["event.no_body"] == p.out.Rows {
		*id = identify.Result{Reason: "a capture of Event Hubs whose events are of no known kind: that of the hub which the diagnostic setting of the subscription writes to is needed"}
	}
}

func (p *evidencePipe) parquet(ctx context.Context, header []string) error {
	p.header = header
	w := p.newPart()
	if w.parser == nil {
		return p.setUp
	}
	err := parquetRows(ctx, p.engine, p.file.Path, len(header), func(record int64, cells [][]byte) error {
		w.parser.CSVRow(w.header, record, 0, cells, w.stager.sink)
		return p.staging.flush(w.stager, false)
	})
	return errors.Join(err, p.done(w))
}

// done takes the counts of a parser.
func (p *evidencePipe) done(w *evidencePart) error {
	var o Outcome
	if w.parser != nil {
		w.parser.Flush(w.stager.sink)
		t := w.parser.Tally()
		o.Rows, o.Rejects, o.Rejected, o.Kinds = t.Records(), t.Rejects, int64(len(t.Rejects)), t.Kinds
		for _, r := range t.Rejects {
			if evidence.IsCut(r) {
				o.Cut++
			}
		}
		for k, n := range t.Kinds {
			if evidence.IsKept(k) {
				o.Loaded += n
			}
		}
	}
	err := p.staging.flush(w.stager, false)
	p.staging.giveBack(w.stager)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out.add(&o)
	return err
}
