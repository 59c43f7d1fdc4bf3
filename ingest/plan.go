package ingest

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/read"
	"github.com/pidledger/pidledger/ingest/usage"
)

// plan finds the export runs in the listing, and the other files that are new.
func (s *session) plan(ctx context.Context) error {
	if s.input.nothingNew() {
		return nil
	}
	for _, f := range s.input.files {
		if f.Trouble != "" {
			s.mark(f.Name, ledger.StatusFailed, f.Trouble)
		}
	}
	for _, layout := range s.input.layouts(ctx) {
		s.runs.listed = append(s.runs.listed, layout.Runs...)
		for _, n := range layout.Notes {
			s.mark(n.Path, string(n.Status), n.Reason)
		}
		for _, w := range layout.Waiting {
			if err := s.wait(ctx, w); err != nil {
				return err
			}
		}
		for _, f := range layout.Other {
			s.other(s.input.byName[f.Path])
		}
	}
	return nil
}

// other puts a file that belongs to no export run on the list of files to read, unless it is known.
func (s *session) other(f discover.File) {
	if s.input.isRead(f) {
		return
	}
	if f.Size == 0 {
		s.mark(f.Name, ledger.StatusEmpty, "the file has no bytes")
		return
	}
	s.plain = append(s.plain, f)
}

// wait records an export run that is not complete. Files that hold no usage are not part of an export and are read all the same.
func (s *session) wait(ctx context.Context, w export.Waiting) error {
	for _, name := range w.Files {
		f := s.input.byName[name]
		if k, ok := s.input.known[name]; ok && s.input.isSame(f, k) && (k.status == ledger.StatusLoaded || k.status == ledger.StatusForgotten) {
			continue
		}
		isUsage, err := s.files.IsUsage(ctx, f)
		if err != nil {
			return err
		}
		if isUsage && w.Manifest == "" {
			byCustomer, err := s.files.IsCustomerFolder(ctx, w.Folder, f)
			if err != nil {
				return err
			}
			isUsage = !byCustomer
		}
		if !isUsage {
			s.other(f)
			continue
		}
		s.mark(name, ledger.StatusWaiting, w.Reason)
	}
	if w.Manifest != "" && !s.log.hasFailed(w.Manifest) { // else its own reason says more, and it is tried again in every run
		s.mark(w.Manifest, ledger.StatusWaiting, w.Reason)
	}
	return nil
}

// loadUsage loads the export runs that count and are not in the ledger yet. When one fails, the runs are judged again without it, so
// that its predecessor stays or comes back; and what the rows of a run say may change what it replaces. So it goes on until every run that
// counts is loaded. When nothing is new, all stays as it is.
func (s *session) loadUsage(ctx context.Context) error {
	if s.input.nothingNew() {
		return nil
	}
	loaded, err := s.runs.loaded(ctx)
	if err != nil {
		return err
	}
	loaded = s.runs.withoutDamaged(loaded)
	if err := s.runs.readContents(ctx, loaded); err != nil {
		return err
	}
	if err := s.runs.peekAll(ctx); err != nil {
		return err
	}
	failed := map[string]bool{} // by slice
	isRead := map[string]bool{} // files, by name
	tries := 0
	for {
		s.runs.standings = export.Resolve(s.runs.candidates(loaded, failed))
		inLedger := map[string]bool{}
		for _, r := range loaded {
			inLedger[contentID(r)] = true
		}
		var todo []*slice
		runs := map[string]export.Run{}
		for _, st := range s.runs.standings {
			if st.Status == export.Counts && !inLedger[contentID(st.Run)] {
				sl := s.sliceOfRun(st.Run)
				todo = append(todo, sl)
				runs[sl.ID] = st.Run
			}
		}
		if len(todo) == 0 {
			break
		}
		bad, err := s.loadAhead(ctx, todo)
		if err != nil {
			return err
		}
		var good []*slice
		for _, sl := range todo {
			if bad[sl.ID] && s.input.damaged[sl.ID] != nil {
				return s.ledger.Store.Describe(ctx, s.input.damaged[sl.ID]) // else its predecessor would count in its place
			}
			if bad[sl.ID] {
				failed[sl.ID] = true
				continue
			}
			r := runs[sl.ID]
			sl.run = &r
			if err := s.runs.learn(ctx, r, sl); err != nil {
				return err
			}
			good, loaded = append(good, sl), append(loaded, r)
			for _, f := range sl.pinned() {
				isRead[f.Name] = true
			}
		}
		if err := s.addSlices(ctx, good); err != nil {
			return err
		}
		if changed := changedSlices(todo); len(changed) > 0 && tries < maxAgain {
			tries++
			if err := s.planAgain(ctx, changed, isRead); err != nil {
				return err
			}
			for _, sl := range changed {
				delete(failed, sl.ID)
			}
			if err := s.runs.peekAll(ctx); err != nil {
				return err
			}
		}
	}
	return s.markRuns(failed)
}

// loadAhead loads slices, whose files are fetched ahead.
func (s *session) loadAhead(ctx context.Context, todo []*slice) (bad map[string]bool, err error) {
	var files []discover.File
	for _, sl := range todo {
		files = append(files, sl.Files...)
	}
	defer s.input.sources.Ahead(ctx, inReadingOrder(files))()
	return s.loader.loadSlices(ctx, todo)
}

// inReadingOrder puts files in the order in which they are read: large ones come first.
func inReadingOrder(files []discover.File) []discover.File {
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b discover.File) int {
		switch aLarge, bLarge := a.Size > read.ParallelFrom, b.Size > read.ParallelFrom; {
		case aLarge && !bLarge:
			return -1
		case bLarge && !aLarge:
			return 1
		}
		return 0
	})
	return files
}

// sliceOfRun describes the slice that an export run becomes.
func (s *session) sliceOfRun(r export.Run) *slice {
	sl := &slice{
		ID:   s.runs.sliceID(r),
		Rows: -1,
		Meta: usage.Meta{
			CostBasis: r.Basis, Scope: r.Scope, ExportName: r.Name, RunID: r.RunID, SliceID: s.runs.sliceID(r),
			SubmittedAt: r.Submitted, SchemaVersion: r.DataVersion,
		},
	}
	if r.DataRowCount != nil {
		sl.Rows = *r.DataRowCount
	}
	for _, b := range r.Blobs {
		sl.Files = append(sl.Files, s.input.byName[b.Path])
	}
	if f, there := s.input.byName[r.Manifest]; there {
		sl.manifest = &f
	}
	return sl
}

// markRuns writes down what became of the files of every listed run.
func (s *session) markRuns(failed map[string]bool) error {
	standing := map[string]export.Standing{}
	for _, st := range s.runs.standings {
		standing[s.runs.sliceID(st.Run)] = st
		if st.Note != "" {
			s.log.note("%s", st.Note)
		}
	}
	for _, r := range s.runs.listed {
		id := s.runs.sliceID(r)
		if failed[id] {
			if r.Manifest != "" {
				s.mark(r.Manifest, ledger.StatusFailed, "its run cannot be used")
			}
			for _, b := range r.Blobs {
				if rec := s.log.record(s.input.byName[b.Path]); rec.Status != ledger.StatusFailed {
					rec.Status, rec.Reason, rec.Loaded = ledger.StatusFailed, "another file of its run cannot be used", 0
				}
			}
			continue
		}
		status, reason := ledger.StatusLoaded, ""
		switch st := standing[id]; st.Status {
		case export.Superseded:
			status, reason = ledger.StatusSuperseded, "replaced by "+lastPart(st.By)
		case export.Duplicate:
			status, reason = ledger.StatusDuplicate, "the same run as "+lastPart(st.By)
		}
		if r.Manifest != "" {
			s.mark(r.Manifest, status, cmp.Or(reason, "manifest of an export run"))
		}
		for _, b := range r.Blobs {
			if status == ledger.StatusLoaded {
				s.sliceOf[b.Path] = id
				continue // read just now, or by an earlier run
			}
			delete(s.sliceOf, b.Path) // it was read before the rows of another said that it does not count
			s.mark(b.Path, status, reason)
		}
	}
	return nil
}

func lastPart(key string) string {
	parts := strings.Split(key, "|")
	return "run " + parts[len(parts)-1]
}
