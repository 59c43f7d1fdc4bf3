package ingest

import (
	"context"
	"slices"
	"time"

	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries"
)

// inventory is what the sources hold now, beside what the ledger knows of it.
type inventory struct {
	ledger  *ledger.Ledger
	sources discover.Sources

	files  []discover.File
	byName map[string]discover.File
	known  map[string]knownFile // files of earlier runs, by name
	gone   ledger.ForgottenIDs  // customers whose rows are not kept

	forgotSince bool                                // something was forgotten since the last run
	damaged     map[string]*ledger.DamagedFileError // slices of which a file is not as it was written
	unread      bool                                // of loaded runs it is not known what their rows say: an older pidledger loaded them
}

// knownFile is what the ledger knows of a file.
type knownFile struct {
	size     int64
	modified time.Time
	etag     string
	readAs   string
	status   string
	sliceID  string
	hash     string
	record   ledger.FileRecord
}

// read lists the sources, and returns those that hold nothing.
func (v *inventory) read(ctx context.Context, now time.Time) (empty []string, err error) {
	if err := v.readForgotten(ctx, now); err != nil {
		return nil, err
	}
	if empty, err = v.list(ctx); err != nil {
		return nil, err
	}
	if v.known, err = v.knownFiles(ctx); err != nil {
		return nil, err
	}
	v.damaged, err = v.ledger.Store.VerifyUsage(ctx)
	return empty, err
}

// list lists the sources.
func (v *inventory) list(ctx context.Context) (empty []string, err error) {
	if v.files, empty, err = v.sources.Files(ctx); err != nil {
		return nil, err
	}
	v.byName = map[string]discover.File{}
	for i := range v.files {
		v.files[i].Name = v.gone.Neutral(v.files[i].Name)
		v.byName[v.files[i].Name] = v.files[i]
	}
	return empty, nil
}

// readForgotten finds out what was forgotten.
func (v *inventory) readForgotten(ctx context.Context, now time.Time) (err error) {
	if v.gone, err = v.ledger.ForgottenIDs(ctx); err != nil {
		return err
	}
	unread, err := v.ledger.DB.Count(ctx, queries.Text("ledger/unread_runs.sql"))
	if err != nil {
		return err
	}
	v.unread = unread > 0
	since, err := v.ledger.DB.Count(ctx, queries.Text("ledger/forgotten_since.sql"), now.UTC())
	v.forgotSince = since > 0
	if err != nil || len(v.gone) == 0 {
		return err
	}
	return v.gone.Teach(ctx, v.ledger.DB)
}

// knownFiles reads what the ledger knows of files.
func (v *inventory) knownFiles(ctx context.Context) (map[string]knownFile, error) {
	rows, err := ledger.FileRows(ctx, v.ledger.DB)
	if err != nil {
		return nil, err
	}
	out := map[string]knownFile{}
	for _, row := range rows {
		row.Kinds = "" // nobody asks how many of each kind an earlier run read
		record, err := row.Record()
		if err != nil {
			return nil, err
		}
		out[row.Path] = knownFile{size: row.Size, modified: row.ModifiedAt, etag: row.ETag, readAs: row.ReadAs, status: row.Status, sliceID: row.SliceID, hash: row.ContentHash, record: record}
	}
	return out, nil
}

// isSame tells whether a file is as an earlier run read it, without opening it. What was forgotten stays so under other settings.
func (v *inventory) isSame(f discover.File, k knownFile) bool {
	return k.size == f.Size && k.modified.Equal(f.Modified) && k.etag == f.ETag && (k.readAs == f.Source.Digest() || k.status == ledger.StatusForgotten)
}

// isRead tells whether an earlier run read a file that belongs to no export run, as it is, and need not read it again.
func (v *inventory) isRead(f discover.File) bool {
	k, ok := v.known[f.Name]
	return ok && v.isSame(f, k) && k.status != ledger.StatusFailed && v.damaged[k.sliceID] == nil
}

// matching returns the names of the listed files that one of some patterns matches. The error is a *NoMatchError if a pattern matches none; its
// example is no file that names a customer who opted out.
func (v *inventory) matching(patterns []string, hidden *ledger.Hidden) (map[string]bool, error) {
	chosen := map[string]bool{}
	for _, pattern := range patterns {
		any := false
		for _, f := range v.files {
			matches, err := f.Matches(pattern)
			if err != nil {
				return nil, err
			}
			if matches {
				chosen[f.Name], any = true, true
			}
		}
		if !any {
			e := &NoMatchError{Pattern: pattern, Files: len(v.files)}
			if i := slices.IndexFunc(v.files, func(f discover.File) bool { return !hidden.Names(f.Name) }); i >= 0 {
				e.Example = v.files[i].Name
			}
			return nil, e
		}
	}
	return chosen, nil
}

// layouts sorts the files of each source folder into export runs and the rest. It reads manifests and nothing else.
func (v *inventory) layouts(ctx context.Context) []export.Layout {
	var out []export.Layout
	byRoot := map[string][]export.FileInfo{}
	var roots []string
	for _, f := range v.files {
		if f.Trouble != "" {
			continue
		}
		if byRoot[f.Root] == nil {
			roots = append(roots, f.Root)
		}
		byRoot[f.Root] = append(byRoot[f.Root], export.FileInfo{Path: f.Name, Size: f.Size, ModTime: f.Modified})
	}
	defer v.sources.Ahead(ctx, v.manifests())()
	for _, root := range roots {
		manifests := map[string]export.Parsed{}
		for _, f := range byRoot[root] {
			if !export.IsManifest(f.Path) {
				continue
			}
			data, err := v.byName[f.Path].ReadManifest(ctx)
			if err != nil {
				manifests[f.Path] = export.Parsed{Err: err}
				continue
			}
			m, err := export.ParseManifest(f.Path, []byte(v.gone.Neutral(string(data))))
			manifests[f.Path] = export.Parsed{Manifest: m, Err: err}
		}
		layout := export.Classify(byRoot[root], manifests)
		layout.Runs = slices.DeleteFunc(layout.Runs, v.isForgottenRun)
		out = append(out, layout)
	}
	return out
}

// manifests are the listed files that are named like one.
func (v *inventory) manifests() []discover.File {
	return slices.DeleteFunc(slices.Clone(v.files), func(f discover.File) bool { return f.Trouble != "" || !export.IsManifest(f.Name) })
}

// isForgottenRun tells whether an export run was taken back: one of its files was, and none was delivered again since.
func (v *inventory) isForgottenRun(r export.Run) bool {
	names := []string{r.Manifest}
	for _, b := range r.Blobs {
		names = append(names, b.Path)
	}
	any := false
	for _, n := range names {
		k, known := v.known[n]
		if !known || k.status != ledger.StatusForgotten {
			continue
		}
		if !v.isSame(v.byName[n], k) {
			return false
		}
		any = true
	}
	return any
}

// nothingNew tells whether every file is as the last run saw it. Files that failed are tried again every time; and when something was
// forgotten since, other runs may count.
func (v *inventory) nothingNew() bool {
	if v.forgotSince || v.unread || len(v.damaged) > 0 {
		return false
	}
	for _, f := range v.files {
		k, ok := v.known[f.Name]
		if !ok || !v.isSame(f, k) || k.status == ledger.StatusFailed {
			return false
		}
	}
	return true
}
