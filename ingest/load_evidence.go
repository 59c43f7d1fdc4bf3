package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/pidledger/pidledger/ingest/evidence"
	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// Files are read in groups; each group is staged as Parquet and merged into the ledger in one transaction, so that an interrupted
// run keeps what it had merged.
const (
	groupFiles = 5_000
	groupBytes = 4 << 30
)

// loadEvidence reads the files that belong to no export run: evidence is merged, plain usage files become slices of their own.
func (s *session) loadEvidence(ctx context.Context) error {
	var total int64
	for _, f := range s.plain {
		total += f.Size
	}
	s.opts.Progress.Total(int64(len(s.plain)), total)
	for from := 0; from < len(s.plain); {
		to, bytes := from, int64(0)
		for to < len(s.plain) && to-from < groupFiles && (to == from || bytes+s.plain[to].Size <= groupBytes) {
			bytes += s.plain[to].Size
			to++
		}
		if err := s.loadGroup(ctx, s.plain[from:to]); err != nil {
			return err
		}
		from = to
	}
	return s.place(ctx)
}

// loadGroup reads one group of files and merges what they held.
func (s *session) loadGroup(ctx context.Context, files []found) error {
	g := &group{session: s, folder: s.path(stagingFolder, "evidence"), usage: map[string][]found{}}
	if err := os.MkdirAll(g.folder, 0o700); err != nil {
		return err
	}
	var big, small []found
	for _, f := range files {
		if f.Size > parallelFrom {
			big = append(big, f)
		} else {
			small = append(small, f)
		}
	}
	for _, f := range big {
		if err := g.file(ctx, f, s.threads()); err != nil {
			return err
		}
	}
	if err := forEach(ctx, s.threads(), small, func(f found) error { return g.file(ctx, f, 1) }); err != nil {
		return err
	}
	if err := g.merge(ctx); err != nil {
		return err
	}
	return s.loadPlainUsage(ctx, g.usage)
}

// group is what is staged of one group of files.
type group struct {
	*session
	folder string

	gmu    sync.Mutex
	idle   []*stager
	all    []*stager
	failed []string           // names of files whose rows must not be merged
	usage  map[string][]found // plain usage files by content hash
}

// stager writes the canonical rows of one goroutine to Parquet, one file per table.
type stager struct {
	sink    *evidence.Sink
	writers map[string]*columnar.Writer
	number  int
}

// stager hands out a stager to a goroutine, which gives it back.
func (g *group) stager() *stager {
	g.gmu.Lock()
	defer g.gmu.Unlock()
	if n := len(g.idle); n > 0 {
		st := g.idle[n-1]
		g.idle = g.idle[:n-1]
		return st
	}
	st := &stager{sink: evidence.NewSink(), writers: map[string]*columnar.Writer{}, number: len(g.all)}
	g.all = append(g.all, st)
	return st
}

func (g *group) giveBack(st *stager) {
	g.gmu.Lock()
	defer g.gmu.Unlock()
	g.idle = append(g.idle, st)
}

// flush writes the batches of a stager that are worth it.
func (g *group) flush(st *stager, always bool) error {
	for _, t := range st.sink.Batches() {
		if t.Batch.Rows() == 0 || (!always && t.Batch.Rows() < 8192) {
			continue
		}
		w := st.writers[t.Name]
		if w == nil {
			var err error
			w, err = columnar.Create(filepath.Join(g.folder, fmt.Sprintf("%s-%d.parquet", t.Name, st.number)), t.Batch.Schema(), columnar.Options{Compression: columnar.Snappy})
			if err != nil {
				return internal(err)
			}
			st.writers[t.Name] = w
		}
		err := w.Write(t.Batch)
		t.Batch.Reset()
		if err != nil {
			return internal(err)
		}
	}
	return nil
}

// file reads one file with n goroutines. A file that cannot be read is recorded; only what is no fault of the file is an error.
func (g *group) file(ctx context.Context, f found, n int) error {
	rec := g.record(f)
	defer g.opts.Progress.Add(1, 0)
	out, id, err := g.read(ctx, f, n, rec)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if isInternal(err) {
		return err
	}
	if err == nil && id.format != nil && id.format.Usage {
		return nil // its turn comes
	}
	rec.Format, rec.Reason = id.name(), id.reason
	if out != nil {
		rec.Rows, rec.Loaded, rec.Rejected, rec.Kinds = out.rows, out.loaded, out.rejected, out.kinds
		g.keepRejects(f, out)
		if err == nil {
			err = tooManyRejects(out, g.opts.MaxRejectRatio)
		}
	}
	switch {
	case err != nil:
		rec.Status, rec.Reason, rec.Loaded = StatusFailed, err.Error(), 0
		g.gmu.Lock()
		g.failed = append(g.failed, f.Name)
		g.gmu.Unlock()
	case id.format == nil && rec.Size == 0:
		rec.Status = StatusEmpty
	case id.format == nil:
		rec.Status = StatusUnknown
	case id.format.Name == "registry", id.format.Name == "manifest", id.format.Name == "other":
		rec.Status = StatusIgnored
	case rec.Rows == 0:
		rec.Status = StatusEmpty
	default:
		rec.Status = StatusLoaded
	}
	return nil
}

// read identifies a file and stages its records.
func (g *group) read(ctx context.Context, f found, n int, rec *FileRecord) (*outcome, identified, error) {
	file, err := g.open(f)
	if err != nil {
		return nil, identified{}, err
	}
	defer file.Close()
	out, id, err := g.readRecords(ctx, f, file, n, rec)
	err = unchanged(file, err)
	if isChanged(err) {
		out = nil // what was read of it was never whole
	}
	return out, id, err
}

func (g *group) readRecords(ctx context.Context, f found, file *source.File, n int, rec *FileRecord) (*outcome, identified, error) {
	id, err := g.identify(ctx, file, f)
	if err != nil {
		return nil, id, err
	}
	if file.Kind == source.KindEmpty {
		rec.Size = 0
	}
	if id.format == nil || id.format.Name != "evidence" {
		if id.format != nil && id.format.Usage {
			return nil, id, g.noteUsage(f, file)
		}
		return nil, id, nil
	}
	p := &evidencePipe{group: g, file: file, options: evidence.Options{File: f.Name, Subscription: cmp.Or(f.Source.Subscription, evidence.PathSubscription(f.Name)), Columns: f.Source.Columns}}
	if isOrdered(id.detail) {
		n = 1
	}
	switch {
	case id.format.Lines:
		if err = p.text(); err == nil {
			p.nameLog(&id, f)
		}
	case id.format.Events:
		if err = p.events(ctx, id.events, id.headerLine); err == nil {
			p.nameCapture(&id)
		}
	case file.Kind == source.KindJSON:
		j := source.NewJSON(file.Reader(), source.JSONOptions{BufferSize: blockSize(file)})
		err = inParallel(ctx, n, j.NextBlock, p.newPart, p.jsonBlock, p.done)
	case file.Kind == source.KindParquet:
		err = p.parquet(ctx, id.header)
	case len(id.header) == 0:
		err = p.text()
	default:
		var c *source.CSV
		if c, err = source.NewCSV(source.WithContext(ctx, file.Reader()), source.CSVOptions{HeaderLine: id.headerLine, BlockSize: blockSize(file)}); err == nil {
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
	*group
	file    *source.File
	options evidence.Options
	header  []string

	pmu     sync.Mutex // guards the rest
	out     outcome
	counted int64
	setUp   error // why a parser could not be made: the mapping does not fit the file

	shape, reason string // of what was found in a text
}

// evidencePart is what one goroutine works with.
type evidencePart struct {
	parser *evidence.Parser
	header *evidence.Header
	stager *stager
}

func (p *evidencePipe) newPart() *evidencePart {
	w := &evidencePart{stager: p.stager()}
	var err error
	if w.parser, err = evidence.NewParser(p.options); err == nil && len(p.header) > 0 {
		w.header, err = w.parser.Header(p.header)
	}
	if err != nil {
		w.parser = nil
		p.pmu.Lock()
		p.setUp = err
		p.pmu.Unlock()
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
	p.advance()
	return errors.Join(err, p.flush(w.stager, false))
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
	p.advance()
	return errors.Join(err, p.flush(w.stager, false))
}

func (p *evidencePipe) text() error {
	w := p.newPart()
	if w.parser == nil {
		return p.setUp
	}
	err := w.parser.Text(p.file.Reader(), w.stager.sink)
	p.shape, p.reason = w.parser.Found()
	p.advance()
	return errors.Join(err, p.done(w))
}

// nameLog says what was found in a text: requests may stand far from its beginning, or nowhere.
func (p *evidencePipe) nameLog(id *identified, f found) {
	switch {
	case p.shape != "":
		id.detail, id.reason = p.shape, p.reason
	case p.out.rows > 0:
	case id.detail == "":
		*id = identified{reason: evidence.NoCalls}
		if text := otherText(p.file.Head()); strings.HasPrefix(text, seemsToBe) {
			id.reason = text
		}
	default:
		id.reason = joinText(id.reason, evidence.NoCalls)
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
		p.advance()
		return p.flush(w.stager, false)
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
			err = errors.Join(avroBodies(a, each), a.Close())
		}
	case source.KindParquet:
		p.dbMu.Lock()
		err = p.DB.ParquetBytes(ctx, p.file.Path, column, next)
		p.dbMu.Unlock()
	default:
		var c *source.CSV
		if c, err = source.NewCSV(source.WithContext(ctx, p.file.Reader()), source.CSVOptions{HeaderLine: headerLine, BlockSize: blockSize(p.file)}); err == nil {
			err = csvColumn(c, slices.Index(c.Header(), column))(next)
		}
	}
	return errors.Join(err, p.done(w))
}

// nameCapture says when no event of a capture is of a known kind.
func (p *evidencePipe) nameCapture(id *identified) {
	if unknown := p.out.kinds["unknown"]; unknown > 0 && unknown+p.out.kinds["event.no_body"] == p.out.rows {
		*id = identified{reason: "a capture of Event Hubs whose events are of no known kind: that of the hub which the diagnostic setting of the subscription writes to is needed"}
	}
}

func (p *evidencePipe) parquet(ctx context.Context, header []string) error {
	p.dbMu.Lock()
	defer p.dbMu.Unlock()
	p.header = header
	w := p.newPart()
	if w.parser == nil {
		return p.setUp
	}
	err := parquetRows(ctx, p.DB, p.file.Path, len(header), func(record int64, cells [][]byte) error {
		w.parser.CSVRow(w.header, record, 0, cells, w.stager.sink)
		return p.flush(w.stager, false)
	})
	return errors.Join(err, p.done(w))
}

// done takes the counts of a parser.
func (p *evidencePipe) done(w *evidencePart) error {
	var o outcome
	if w.parser != nil {
		w.parser.Flush(w.stager.sink)
		t := w.parser.Tally()
		o.rows, o.rejects, o.rejected, o.kinds = t.Records(), t.Rejects, int64(len(t.Rejects)), t.Kinds
		for _, r := range t.Rejects {
			if evidence.IsCut(r) {
				o.cut++
			}
		}
		for k, n := range t.Kinds {
			if evidence.IsKept(k) {
				o.loaded += n
			}
		}
	}
	err := p.flush(w.stager, false)
	p.giveBack(w.stager)
	p.pmu.Lock()
	defer p.pmu.Unlock()
	p.out.add(&o)
	return err
}

func (p *evidencePipe) advance() {
	p.pmu.Lock()
	read := p.file.BytesRead()
	n := read - p.counted
	p.counted = read
	p.pmu.Unlock()
	p.opts.Progress.Add(0, n)
}

// merge ends the staged files and runs the merge statement of every table that has any, in one transaction.
func (g *group) merge(ctx context.Context) error {
	staged := map[string][]string{}
	for _, st := range g.all {
		if err := g.flush(st, true); err != nil {
			return err
		}
		for table, w := range st.writers {
			if err := w.Close(); err != nil {
				return err
			}
			staged[table] = append(staged[table], filepath.Join(g.folder, fmt.Sprintf("%s-%d.parquet", table, st.number)))
		}
	}
	g.all, g.idle = nil, nil
	if len(staged) > 0 {
		debug.FreeOSMemory() // what the readers held goes to the engine now
		g.opts.Progress.Note("merging evidence")
		if err := g.DB.Exec(ctx, "create or replace temp table failed_files (path varchar)"); err != nil {
			return err
		}
		for _, name := range g.failed {
			if err := g.DB.Exec(ctx, "insert into failed_files values (?)", name); err != nil {
				return err
			}
		}
		err := g.DB.InTx(ctx, func() error {
			for _, table := range queries.Evidence {
				if len(staged[table]) == 0 {
					continue
				}
				if err := g.mergeTable(ctx, table, staged[table]); err != nil {
					return fmt.Errorf("merge %s: %w", table, err)
				}
			}
			return g.DB.Exec(ctx, queries.Text("ledger/next_generation.sql"))
		})
		if err != nil {
			return err
		}
	}
	return os.RemoveAll(g.folder)
}

// mergeTable adds staged rows to an evidence table. Keys that occur once and are new are just inserted, which is most of a night; only of
// the others the record that stays is chosen, and written when it is not what is there (a MERGE of all took twice as long).
func (g *group) mergeTable(ctx context.Context, table string, files []string) error {
	if len(g.gone) > 0 {
		if err := g.dropEvidence(ctx, table, files); err != nil {
			return err
		}
	} else if err := g.DB.View(ctx, "staged_files", "select * from "+engine.ParquetSource(files)); err != nil {
		return err
	}
	if err := g.DB.View(ctx, "staged", queries.Text("load/"+table+"_staged.sql")); err != nil {
		return err
	}
	contested := "select dedupe_key from staged group by 1 having count(*) > 1" +
		" union select t.dedupe_key from " + table + " t semi join staged s on s.dedupe_key = t.dedupe_key"
	if err := g.DB.Table(ctx, "contested", contested); err != nil {
		return err
	}
	n, err := g.DB.Count(ctx, "select count(*) from contested")
	if err != nil {
		return err
	}
	if n > 0 {
		if err := g.DB.Table(ctx, "present", "select * from "+table+" semi join contested using (dedupe_key)"); err != nil {
			return err
		}
		if err := g.DB.Table(ctx, "candidates", "from present union all by name select * from staged semi join contested using (dedupe_key)"); err != nil {
			return err
		}
		if err := g.DB.Table(ctx, "changed", queries.Text("load/"+table+"_winners.sql")+" except from present"); err != nil {
			return err
		}
		if err := g.DB.Exec(ctx, "delete from "+table+" where dedupe_key in (select dedupe_key from changed)"); err != nil {
			return err
		}
	}
	err = g.DB.Exec(ctx, "insert into "+table+" by name select * from staged anti join contested using (dedupe_key)")
	if err != nil || n == 0 {
		return err
	}
	return g.DB.Exec(ctx, "insert into "+table+" by name select * from changed")
}

// noteUsage puts a usage file that belongs to no export run aside, under the hash of its content: two copies are one slice.
func (g *group) noteUsage(f found, file *source.File) error {
	hash, err := hashFile(f.Path)
	if err = unchanged(file, err); err != nil {
		return err
	}
	g.gmu.Lock()
	g.usage[hash] = append(g.usage[hash], f)
	g.gmu.Unlock()
	g.mu.Lock()
	g.hashes[f.Name] = hash
	g.mu.Unlock()
	return nil
}

// loadPlainUsage loads usage files that belong to no export run, each content once (SPEC 3.2).
func (s *session) loadPlainUsage(ctx context.Context, byHash map[string][]found) error {
	var todo []*slice
	copies := map[string][]found{}
	sliceOfHash, holderOf := s.plainSlices()
	for hash, files := range byHash {
		id := firstText(sliceOfHash[hash], digest("file", hash)[:16])
		first := files[0]
		for _, f := range files {
			s.sliceOf[f.Name] = id
			if f.Name < first.Name {
				first = f
			}
		}
		for _, f := range files {
			if f.Name != first.Name {
				copies[first.Name] = append(copies[first.Name], f)
			}
		}
		if holder := holderOf[id]; holder != "" && s.damaged[id] == nil {
			for _, f := range files {
				rec := s.record(f)
				rec.Status, rec.Format, rec.Reason = StatusDuplicate, "usage", "the same content as "+holder
				if holder == f.Name {
					rec.Status, rec.Reason = StatusLoaded, "the same content as before"
				}
			}
			continue
		}
		sl := &slice{ID: id, Rows: -1, Files: []found{first}}
		sl.Meta.SliceID, sl.Meta.CostBasis = id, first.Source.CostBasis
		todo = append(todo, sl)
	}
	bad, err := s.loadSlices(ctx, todo)
	if err != nil {
		return err
	}
	var good []*slice
	for _, sl := range todo {
		first := sl.Files[0]
		if bad[sl.ID] {
			delete(s.sliceOf, first.Name)
		} else {
			good = append(good, sl)
		}
		for _, f := range copies[first.Name] {
			rec := s.record(f)
			rec.Status, rec.Format, rec.Reason = StatusDuplicate, "usage", "the same content as "+first.Name
			if bad[sl.ID] {
				delete(s.sliceOf, f.Name)
				rec.Status, rec.Reason = StatusFailed, s.records[first.Name].Reason
			}
		}
	}
	s.own = append(s.own, good...)
	return s.addSlices(ctx, good)
}

// plainSlices tells of the content of files of earlier runs which slice an earlier run made of it, by hash (what was taken out of a slice
// later is not in its name), and of each slice which file holds it, the first by name.
func (s *session) plainSlices() (byHash, holder map[string]string) {
	byHash, holder = map[string]string{}, map[string]string{}
	for name, k := range s.known {
		if k.sliceID == "" {
			continue
		}
		if k.hash != "" {
			byHash[k.hash] = k.sliceID
		}
		if first, ok := holder[k.sliceID]; !ok || name < first {
			holder[k.sliceID] = name
		}
	}
	return byHash, holder
}
