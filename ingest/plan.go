package ingest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/ingest/usage"
	"github.com/pidledger/pidledger/queries/engine"
)

// plan finds the export runs in the listing, and the other files that are new.
func (s *session) plan(ctx context.Context) error {
	if s.nothingNew() {
		return nil
	}
	for _, f := range s.files {
		if f.Trouble != "" {
			s.mark(f.Name, StatusFailed, f.Trouble)
		}
	}
	for _, layout := range s.layouts() {
		s.runs = append(s.runs, layout.Runs...)
		for _, n := range layout.Notes {
			s.mark(n.Path, string(n.Status), n.Reason)
		}
		for _, w := range layout.Waiting {
			if err := s.wait(ctx, w); err != nil {
				return err
			}
		}
		for _, f := range layout.Other {
			s.other(s.byName[f.Path])
		}
	}
	return nil
}

// layouts sorts the files of each source folder into export runs and the rest. It reads manifests and nothing else.
func (s *session) layouts() []export.Layout {
	var out []export.Layout
	byRoot := map[string][]export.FileInfo{}
	var roots []string
	for _, f := range s.files {
		if f.Trouble != "" {
			continue
		}
		if byRoot[f.Root] == nil {
			roots = append(roots, f.Root)
		}
		byRoot[f.Root] = append(byRoot[f.Root], export.FileInfo{Path: f.Name, Size: f.Size, ModTime: f.Modified})
	}
	for _, root := range roots {
		manifests := map[string]export.Parsed{}
		for _, f := range byRoot[root] {
			if !export.IsManifest(f.Path) {
				continue
			}
			data, err := s.readManifest(s.byName[f.Path])
			if err != nil {
				manifests[f.Path] = export.Parsed{Err: err}
				continue
			}
			m, err := export.ParseManifest(f.Path, []byte(s.gone.neutral(string(data))))
			manifests[f.Path] = export.Parsed{Manifest: m, Err: err}
		}
		layout := export.Classify(byRoot[root], manifests)
		layout.Runs = slices.DeleteFunc(layout.Runs, s.isForgottenRun)
		out = append(out, layout)
	}
	return out
}

// isForgottenRun tells whether an export run was taken back: one of its files was, and none was delivered anew since.
func (s *session) isForgottenRun(r export.Run) bool {
	names := []string{r.Manifest}
	for _, b := range r.Blobs {
		names = append(names, b.Path)
	}
	any := false
	for _, n := range names {
		k, known := s.known[n]
		if !known || k.status != StatusForgotten {
			continue
		}
		if !s.isSame(s.byName[n], k) {
			return false
		}
		any = true
	}
	return any
}

// nothingNew tells whether every file is as the last run saw it. Files that failed are tried again every time; and when something was
// forgotten since, other runs may count.
func (s *session) nothingNew() bool {
	if s.forgotSince || s.unread || len(s.damaged) > 0 {
		return false
	}
	for _, f := range s.files {
		k, ok := s.known[f.Name]
		if !ok || !s.isSame(f, k) || k.status == StatusFailed {
			return false
		}
	}
	return true
}

// other puts a file that belongs to no export run on the list of files to read, unless it is known.
func (s *session) other(f found) {
	if k, ok := s.known[f.Name]; ok && s.isSame(f, k) && k.status != StatusFailed && s.damaged[k.sliceID] == nil {
		return
	}
	if f.Size == 0 {
		s.mark(f.Name, StatusEmpty, "the file has no bytes")
		return
	}
	s.plain = append(s.plain, f)
}

// wait records an export run that is not complete. Files that hold no usage are no part of an export and are read all the same.
func (s *session) wait(ctx context.Context, w export.Waiting) error {
	for _, name := range w.Files {
		f := s.byName[name]
		if k, ok := s.known[name]; ok && s.isSame(f, k) && (k.status == StatusLoaded || k.status == StatusForgotten) {
			continue
		}
		isUsage, err := s.isUsageFile(ctx, f)
		if err != nil {
			return err
		}
		if isUsage && w.Manifest == "" {
			byCustomer, err := s.isCustomerFolder(ctx, w.Folder, f)
			if err != nil {
				return err
			}
			isUsage = !byCustomer
		}
		if !isUsage {
			s.other(f)
			continue
		}
		s.mark(name, StatusWaiting, w.Reason)
	}
	if w.Manifest != "" && !s.hasFailed(w.Manifest) { // else its own reason says more, and it is tried again in every run
		s.mark(w.Manifest, StatusWaiting, w.Reason)
	}
	return nil
}

func (s *session) hasFailed(name string) bool {
	r := s.records[name]
	return r != nil && r.Status == StatusFailed
}

// loadUsage loads the export runs that count and are not in the ledger yet. When one fails, the runs are judged again without it, so
// that its predecessor stays or comes back; and what the rows of a run say may change what it replaces. So it goes on until every run that
// counts is loaded. When nothing is new, all stays as it is.
func (s *session) loadUsage(ctx context.Context) error {
	if s.nothingNew() {
		return nil
	}
	loaded, err := s.loadedRuns(ctx)
	if err != nil {
		return err
	}
	loaded = s.withoutDamaged(loaded)
	if err := s.readContents(ctx, loaded); err != nil {
		return err
	}
	if err := s.peekAll(ctx); err != nil {
		return err
	}
	failed := map[string]bool{} // by slice
	for {
		s.standings = export.Resolve(s.candidates(loaded, failed))
		inLedger := map[string]bool{}
		for _, r := range loaded {
			inLedger[contentID(r)] = true
		}
		var todo []*slice
		runs := map[string]export.Run{}
		for _, st := range s.standings {
			if st.Status == export.Counts && !inLedger[contentID(st.Run)] {
				sl := s.sliceOfRun(st.Run)
				todo = append(todo, sl)
				runs[sl.ID] = st.Run
			}
		}
		if len(todo) == 0 {
			break
		}
		bad, err := s.loadSlices(ctx, todo)
		if err != nil {
			return err
		}
		var good []*slice
		for _, sl := range todo {
			if bad[sl.ID] && s.damaged[sl.ID] != nil {
				return s.describe(ctx, s.damaged[sl.ID]) // else its predecessor would count in its place
			}
			if bad[sl.ID] {
				failed[sl.ID] = true
				continue
			}
			r := runs[sl.ID]
			sl.run = &r
			if err := s.learn(ctx, r, sl); err != nil {
				return err
			}
			good, loaded = append(good, sl), append(loaded, r)
		}
		if err := s.addSlices(ctx, good); err != nil {
			return err
		}
	}
	return s.markRuns(failed)
}

// withoutDamaged leaves out the loaded runs of which a file of the ledger is damaged and which the sources still hold: they are read again.
func (s *session) withoutDamaged(loaded []export.Run) []export.Run {
	listed := map[string]bool{}
	for _, r := range s.runs {
		listed[contentID(r)] = true
	}
	return slices.DeleteFunc(loaded, func(r export.Run) bool { return s.damaged[s.sliceID(r)] != nil && listed[contentID(r)] })
}

// candidates are the runs that may count: those listed, and those loaded earlier that are not listed any longer or whose listed form failed.
func (s *session) candidates(loaded []export.Run, failed map[string]bool) []export.Run {
	var out []export.Run
	listed, keys, forms := map[string]bool{}, map[string]bool{}, map[string]bool{}
	add := func(r export.Run) {
		r.Content = s.contents[contentID(r)]
		out = append(out, r)
		keys[r.Key], forms[contentID(r)] = true, true
	}
	for _, r := range s.runs {
		listed[r.Key] = true
		if !failed[s.sliceID(r)] {
			add(r)
		}
	}
	for _, r := range loaded {
		if !failed[s.sliceID(r)] && !forms[contentID(r)] && (!listed[r.Key] || !keys[r.Key]) {
			add(r)
		}
	}
	return out
}

// loadSlices loads slices: the big ones one by one, each with all goroutines, the small ones side by side. It returns those that failed.
func (s *session) loadSlices(ctx context.Context, todo []*slice) (map[string]bool, error) {
	var big, small []*slice
	var files, bytes int64
	for _, sl := range todo {
		var size int64
		for _, f := range sl.Files {
			size = max(size, f.Size)
			bytes += f.Size
			files++
		}
		if size > parallelFrom {
			big = append(big, sl)
		} else {
			small = append(small, sl)
		}
	}
	s.opts.Progress.Total(files, bytes)
	bad := map[string]bool{}
	var p *packer
	if n := countFunc(small, (*slice).isSmall); n >= packFrom {
		p = &packer{session: s}
	}
	work := func(sl *slice) error {
		into := p
		if !sl.isSmall() {
			into = nil
		}
		err := s.loadSlice(ctx, sl, into)
		s.opts.Progress.Add(int64(len(sl.Files)), 0)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || isInternal(err) {
			return err
		}
		var check *CheckError
		if errors.As(err, &check) {
			s.check(check)
		}
		s.mu.Lock()
		bad[sl.ID] = true
		s.mu.Unlock()
		return nil
	}
	for _, sl := range big {
		if err := work(sl); err != nil {
			return nil, err
		}
	}
	if err := forEach(ctx, s.threads(), small, work); err != nil || p == nil {
		return bad, err
	}
	return bad, p.close(ctx)
}

// countFunc counts the items of which a test is true.
func countFunc[T any](items []T, test func(T) bool) (n int) {
	for _, item := range items {
		if test(item) {
			n++
		}
	}
	return n
}

// sliceOfRun describes the slice that an export run becomes.
func (s *session) sliceOfRun(r export.Run) *slice {
	sl := &slice{
		ID:   s.sliceID(r),
		Rows: -1,
		Meta: usage.Meta{
			CostBasis: r.Basis, Scope: r.Scope, ExportName: r.Name, RunID: r.RunID, SliceID: s.sliceID(r),
			SubmittedAt: r.Submitted, SchemaVersion: r.DataVersion,
		},
	}
	if r.DataRowCount != nil {
		sl.Rows = *r.DataRowCount
	}
	for _, b := range r.Blobs {
		sl.Files = append(sl.Files, s.byName[b.Path])
	}
	return sl
}

// sliceID names the slice of a run: the one that holds it, else the one to be made, of the run and its content.
func (s *session) sliceID(r export.Run) string {
	if id := s.sliceOfLoaded[contentID(r)]; id != "" {
		return id
	}
	return digest("run", r.Key, r.Token)[:16]
}

// markRuns writes down what became of the files of every listed run.
func (s *session) markRuns(failed map[string]bool) error {
	standing := map[string]export.Standing{}
	for _, st := range s.standings {
		standing[s.sliceID(st.Run)] = st
		if st.Note != "" {
			s.note("%s", st.Note)
		}
	}
	for _, r := range s.runs {
		id := s.sliceID(r)
		if failed[id] {
			if r.Manifest != "" {
				s.mark(r.Manifest, StatusFailed, "its run cannot be used")
			}
			for _, b := range r.Blobs {
				if rec := s.record(s.byName[b.Path]); rec.Status != StatusFailed {
					rec.Status, rec.Reason, rec.Loaded = StatusFailed, "another file of its run cannot be used", 0
				}
			}
			continue
		}
		status, reason := StatusLoaded, ""
		switch st := standing[id]; st.Status {
		case export.Superseded:
			status, reason = StatusSuperseded, "replaced by "+lastPart(st.By)
		case export.Duplicate:
			status, reason = StatusDuplicate, "the same run as "+lastPart(st.By)
		}
		if r.Manifest != "" {
			s.mark(r.Manifest, status, firstText(reason, "manifest of an export run"))
		}
		for _, b := range r.Blobs {
			if status == StatusLoaded {
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

// loadedRuns reads the export runs whose rows the ledger holds.
func (s *session) loadedRuns(ctx context.Context) ([]export.Run, error) {
	rows, err := s.DB.Query(ctx, `select run_key, export_group, change_token, scope, export_type, cost_basis, export_name, run_id, time_frame,
		submitted_at, month_start, range_start, range_end, is_whole, manifest_path, source_paths, slice_id
		from slices where month_start is not null`)
	if err != nil {
		return nil, err
	}
	s.sliceOfLoaded = map[string]string{}
	var out []export.Run
	for rows.Next() {
		v := rows.Values()
		r := export.Run{
			Key: v[0].S, Group: v[1].S, Token: v[2].S, Scope: v[3].S, Type: v[4].S, Basis: v[5].S, Name: v[6].S, RunID: v[7].S, TimeFrame: v[8].S,
			Submitted: microTime(v[9]), Month: export.Day(v[10].I), Start: export.Day(v[11].I), End: export.Day(v[12].I), Whole: v[13].I == 1,
			Manifest: v[14].S, Legacy: strings.HasPrefix(v[0].S, "legacy|"),
		}
		r.Regroup()
		for _, p := range v[15].L {
			r.Blobs = append(r.Blobs, export.RunBlob{Path: p})
		}
		s.sliceOfLoaded[contentID(r)] = v[16].S
		out = append(out, r)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}

func microTime(v engine.Value) time.Time {
	if v.Null {
		return time.Time{}
	}
	return time.UnixMicro(v.I).UTC()
}
