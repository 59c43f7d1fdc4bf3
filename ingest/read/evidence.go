package read

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

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
	if isOrdered(id.Detail) {
		n = 1
	}
	p := &evidencePipe{pipe: newPipe[*evidenceParser](r, file, n), note: note}
	options := evidence.Options{File: f.Name, Subscription: cmp.Or(f.Source.Subscription, evidence.PathSubscription(f.Name)), Columns: f.Source.Columns}
	var header []string // of rows
	p.newParser = func() (*evidenceParser, error) { return newEvidenceParser(options, header, into) }
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
		err = p.json(ctx, p.openJSON())
	case file.Kind == source.KindParquet:
		header = id.Header
		err = p.parquet(ctx, len(header))
	case len(id.Header) == 0:
		err = p.text()
	default:
		var c *source.CSV
		if c, err = p.openCSV(ctx, id.HeaderLine); err == nil {
			header = c.Header()
			err = p.csv(ctx, c, nil)
		}
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

// evidencePipe is the pipe of one file of evidence.
type evidencePipe struct {
	*pipe[*evidenceParser]
	note          func(format string, args ...any)
	shape, reason string // of what was found in a text
}

// evidenceParser reads records into a stager.
type evidenceParser struct {
	parser  *evidence.Parser
	header  *evidence.Header // of rows
	staging *Staging
	stager  *stager
}

func newEvidenceParser(o evidence.Options, header []string, into *Staging) (*evidenceParser, error) {
	w := &evidenceParser{staging: into}
	var err error
	if w.parser, err = evidence.NewParser(o); err == nil && len(header) > 0 {
		w.header, err = w.parser.Header(header)
	}
	if err != nil {
		return nil, err // the mapping does not fit the file
	}
	w.stager = into.stager()
	return w, nil
}

func (w *evidenceParser) row(record, line int64, cells [][]byte) error {
	w.parser.CSVRow(w.header, record, line, cells, w.stager.sink)
	return nil
}

func (w *evidenceParser) value(v source.Value) error {
	w.parser.Value(v, w.stager.sink)
	return nil
}

func (w *evidenceParser) flush() error { return w.staging.flush(w.stager, false) }

// end leaves what is not worth a write with the stager, which goes on with another file.
func (w *evidenceParser) end() (*Outcome, error) {
	w.parser.Flush(w.stager.sink)
	t := w.parser.Tally()
	o := &Outcome{Rows: t.Records(), Rejects: t.Rejects, Rejected: int64(len(t.Rejects)), Kinds: t.Kinds}
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
	err := w.flush()
	w.staging.giveBack(w.stager)
	return o, err
}

// text reads a text that is neither CSV nor JSON.
func (p *evidencePipe) text() error {
	return p.alone(func(w *evidenceParser) error {
		err := w.parser.Text(p.file.Reader(), w.stager.sink)
		p.shape, p.reason = w.parser.Found()
		p.meter.advance()
		return err
	})
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
	return p.alone(func(w *evidenceParser) error {
		each := func(body []byte, record int64) error {
			w.parser.Event(record, body, w.stager.sink)
			return p.after(w, nil)
		}
		record := int64(0)
		next := func(body []byte) error {
			record++
			return each(body, record)
		}
		switch p.file.Kind {
		case source.KindAvro:
			a, err := source.NewAvro(p.file.Reader(), column)
			if err != nil {
				return err
			}
			return errors.Join(identify.AvroBodies(a, each), a.Close())
		case source.KindParquet:
			return p.engine.ParquetBytes(ctx, p.file.Path, column, next)
		}
		c, err := p.openCSV(ctx, headerLine)
		if err != nil {
			return err
		}
		return identify.CSVColumn(c, slices.Index(c.Header(), column))(next)
	})
}

// nameCapture says when no event of a capture is of a known kind.
func (p *evidencePipe) nameCapture(id *identify.Result) {
	if unknown := p.out.Kinds["unknown"]; unknown > 0 && unknown+p.out.Kinds["event.no_body"] == p.out.Rows {
		*id = identify.Result{Reason: "a capture of Event Hubs whose events are of no known kind: that of the hub which the diagnostic setting of the subscription writes to is needed"}
	}
}
