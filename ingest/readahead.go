package ingest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/pidledger/pidledger/ingest/ahead"
	"github.com/pidledger/pidledger/ingest/digest"
	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/ingest/identify"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/read"
)

// Ahead is what ReadAhead did.
type Ahead struct {
	Runs     int64         `json:"runs"`     // export runs that were read
	Files    int64         `json:"files"`    // usage files outside of export runs that were read
	Rows     int64         `json:"rows"`     // of both
	Rejected int64         `json:"rejected"` // of these rows
	Bytes    int64         `json:"bytes"`
	Before   int64         `json:"before"`  // export runs and usage files that match and were read before
	Waiting  int64         `json:"waiting"` // export runs that match and are not complete
	Other    int64         `json:"other"`   // files that match and hold no usage: the run reads them
	Failed   []AheadFailed `json:"failed"`  // by path; the run tries them again
}

// AheadFailed is an export run, by its manifest, or a file that cannot be used.
type AheadFailed struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

// NoMatchError says that a pattern matches no file of the sources.
type NoMatchError struct {
	Pattern string
	Files   int    // in the sources
	Example string // name of one of them; empty: there is none that may be shown
}

func (e *NoMatchError) Error() string {
	return fmt.Sprintf("%q matches none of the %d files in the sources", e.Pattern, e.Files)
}

// Try returns the way out.
func (e *NoMatchError) Try() string {
	if e.Example == "" {
		return "name files as pidledger files does, or a folder above them; * stands for anything but a slash"
	}
	return fmt.Sprintf("name files as pidledger does, such as %s, or a folder above them; * stands for anything but a slash", e.Example)
}

// RemovedError says that what was read ahead was removed before all was read.
type RemovedError struct{ err error }

func (e *RemovedError) Error() string {
	return "what was read ahead was removed meanwhile, as pidledger forget does"
}
func (e *RemovedError) Unwrap() error { return e.err }

// Try returns the way out.
func (e *RemovedError) Try() string { return "start it again" }

// ReadAhead reads the usage in files that match one of the patterns and puts it aside for the next run, which takes it instead of reading it. An
// export run is read as a whole if one of its files matches. The ledger is one of Look and is let go before files are read, so that others may read
// ahead at the same time, on other machines too, and a run may go on. Nothing counts before a run says so.
func ReadAhead(ctx context.Context, l *ledger.Ledger, o Options, patterns []string) (_ *Ahead, err error) {
	s := newSession(l, o)
	if err := s.discover(ctx); err != nil {
		return nil, err
	}
	a := &readAhead{session: s, folder: ahead.Of(l.Path()), seen: map[string]bool{}, failed: map[string]bool{}, out: &Ahead{Failed: []AheadFailed{}}}
	if a.hidden, err = s.optOuts(ctx); err != nil {
		return nil, err
	}
	if a.chosen, err = s.input.matching(patterns, a.hidden); err != nil {
		return nil, err
	}
	files, err := a.plan(ctx)
	if err != nil {
		return nil, err
	}
	if err := l.LetGo(ctx); err != nil {
		return nil, err
	}
	if a.writer, err = a.folder.NewWriter(); err != nil {
		return nil, err
	}
	defer func() {
		if _, gone := os.Stat(a.writer.Path()); err != nil && errors.Is(gone, fs.ErrNotExist) {
			err = &RemovedError{err}
		}
		err = errors.Join(err, a.writer.Close())
	}()
	plain, err := a.plainUsage(ctx, files)
	if err != nil {
		return nil, err
	}
	for todo := append(a.exportRuns(), plain...); len(todo) > 0; todo = a.exportRuns() { // once more when one fails: its predecessor counts then
		if err := a.read(ctx, todo); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(a.out.Failed, func(x, y AheadFailed) int { return strings.Compare(x.Path, y.Path) })
	return a.out, nil
}

// readAhead is the work of ReadAhead.
type readAhead struct {
	session *session
	chosen  map[string]bool // names of the files that match
	folder  ahead.Folder
	writer  *ahead.Writer
	hidden  *ledger.Hidden
	loaded  []export.Run    // of the ledger
	seen    map[string]bool // export runs that are read or need not be, by slice

	mu     sync.Mutex      // guards the rest
	failed map[string]bool // slices
	out    *Ahead
}

// plan finds out all that the ledger has to be asked for, and returns the files that match and belong to no export run.
func (a *readAhead) plan(ctx context.Context) (files []discover.File, err error) {
	s := a.session
	for _, layout := range s.input.layouts(ctx) {
		s.runs.listed = append(s.runs.listed, layout.Runs...)
		for _, w := range layout.Waiting {
			if a.chosen[w.Manifest] || slices.ContainsFunc(w.Files, func(f string) bool { return a.chosen[f] }) {
				a.out.Waiting++
			}
		}
		for _, f := range layout.Other {
			if a.chosen[f.Path] && f.Size > 0 {
				files = append(files, s.input.byName[f.Path])
			}
		}
	}
	loaded, err := s.runs.loaded(ctx)
	if err != nil {
		return nil, err
	}
	a.loaded = s.runs.withoutDamaged(loaded)
	return files, s.runs.readContents(ctx, a.loaded)
}

// exportRuns are the slices of the export runs that match and that the next run would read, as far as that can be told before it has read any.
func (a *readAhead) exportRuns() (todo []*slice) {
	s := a.session
	isLoaded := map[string]bool{}
	for _, r := range a.loaded {
		isLoaded[contentID(r)] = true
	}
	for _, st := range export.Resolve(s.runs.candidates(a.loaded, a.failed)) {
		id := s.runs.sliceID(st.Run)
		if st.Status != export.Counts || !a.touches(st.Run) || a.seen[id] {
			continue
		}
		a.seen[id] = true
		if isLoaded[contentID(st.Run)] {
			a.out.Before++
			continue
		}
		sl := s.sliceOfRun(st.Run)
		sl.run = &st.Run
		todo = a.add(todo, sl)
	}
	return todo
}

// touches tells whether a file of an export run is chosen.
func (a *readAhead) touches(r export.Run) bool {
	return a.chosen[r.Manifest] || slices.ContainsFunc(r.Blobs, func(b export.RunBlob) bool { return a.chosen[b.Path] })
}

// add adds a slice, unless it was read ahead before.
func (a *readAhead) add(todo []*slice, sl *slice) []*slice {
	if a.folder.Has(a.session.loader.aheadName(sl)) {
		a.out.Before++
		return todo
	}
	return append(todo, sl)
}

// plainUsage finds the usage among files outside of export runs, each content once.
func (a *readAhead) plainUsage(ctx context.Context, files []discover.File) (todo []*slice, err error) {
	s := a.session
	sliceOfHash, holderOf := s.plainSlices()
	byID := map[string]discover.File{}
	defer s.input.sources.Ahead(ctx, files)()
	err = forEach(ctx, s.files.Threads, files, func(f discover.File) error {
		if s.input.isRead(f) {
			a.mu.Lock()
			defer a.mu.Unlock()
			if s.input.known[f.Name].sliceID == "" {
				a.out.Other++
			} else {
				a.out.Before++
			}
			return nil
		}
		hash, err := a.hashUsage(ctx, f)
		if read.IsInternal(err) || ctx.Err() != nil {
			return err
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		switch id := cmp.Or(sliceOfHash[hash], plainID(hash)); {
		case err != nil:
			a.fail(f.Name, err)
		case hash == "":
			a.out.Other++
		case holderOf[id] != "" && s.input.damaged[id] == nil:
			a.out.Before++
		default:
			if first, ok := byID[id]; !ok || f.Name < first.Name {
				byID[id] = f
			}
		}
		return nil
	})
	for id, f := range byID {
		todo = a.add(todo, plainSlice(id, f))
	}
	return todo, err
}

// hashUsage returns the hash of a file with usage, and nothing for others.
func (a *readAhead) hashUsage(ctx context.Context, f discover.File) (string, error) {
	file, err := read.Open(ctx, f)
	if err != nil {
		return "", err
	}
	defer file.Close()
	id, err := identify.File(ctx, a.session.files.Engine, file, f)
	if err != nil || id.Format == nil || !id.Format.Usage {
		return "", read.Unchanged(file, err)
	}
	_, hash, err := digest.File(ctx, file.Path)
	return hash, read.Unchanged(file, err)
}

// read reads slices and puts them aside.
func (a *readAhead) read(ctx context.Context, todo []*slice) error {
	s := a.session
	var files []discover.File
	for _, sl := range todo {
		files = append(files, sl.Files...)
	}
	defer s.input.sources.Ahead(ctx, inReadingOrder(files))()
	big, small := s.loader.bySize(todo)
	for _, sl := range big {
		if err := a.readSlice(ctx, sl); err != nil {
			return err
		}
	}
	return forEach(ctx, s.files.Threads, small, func(sl *slice) error { return a.readSlice(ctx, sl) })
}

func (a *readAhead) readSlice(ctx context.Context, sl *slice) error {
	name := a.session.loader.aheadName(sl)
	l := *a.session.loader
	l.log, l.staging = newJournal(), a.writer.Path()
	l.log.gone = l.input.gone
	err := l.loadSlice(ctx, sl, nil)
	l.progress.Add(int64(len(sl.Files)), 0)
	if err != nil && (ctx.Err() != nil || read.IsInternal(err)) {
		return err
	}
	if err == nil {
		return a.put(ctx, name, sl, l.log)
	}
	path := sl.Files[0].Name
	if sl.manifest != nil {
		path = sl.manifest.Name
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failed[sl.ID] = true
	a.fail(path, err)
	return nil
}

// put puts a slice aside that was read.
func (a *readAhead) put(ctx context.Context, name string, sl *slice, log *journal) error {
	r := reading{
		UsageRows: sl.usageRows, Rejected: sl.rejected, Forgotten: sl.forgotten, CostBasis: sl.Meta.CostBasis, Kind: sl.kind, Version: sl.version,
		Days: sl.days, Rejects: log.rejects, Notes: log.notes,
	}
	var rows, bytesRead int64
	for _, f := range sl.Files {
		rec := log.records[f.Name]
		r.Files = append(r.Files, *rec)
		rows += rec.Rows
		bytesRead += f.Size
	}
	var note bytes.Buffer
	if err := gob.NewEncoder(&note).Encode(r); err != nil {
		return err
	}
	if err := a.writer.Put(ctx, name, sl.staged, note.Bytes()); err != nil {
		return err
	}
	a.session.opts.Progress.Rows(rows)
	a.mu.Lock()
	defer a.mu.Unlock()
	if sl.run != nil {
		a.out.Runs++
	} else {
		a.out.Files++
	}
	a.out.Rows += rows
	a.out.Rejected += sl.rejected
	a.out.Bytes += bytesRead
	return nil
}

// fail notes what cannot be used, without the names of customers who opted out.
func (a *readAhead) fail(path string, err error) {
	r := ledger.FileRecord{Path: path, Reason: err.Error()}
	a.hidden.File(&r)
	a.out.Failed = append(a.out.Failed, AheadFailed{r.Path, r.Reason})
}
