package ingest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// The catalog knows every Parquet file of the ledger with its size and SHA-256 (table ledger_files): what a disk, a copy or a person did to one of them
// must not become a figure. A file is entered before it is moved to its place, so that what the catalog does not know was never written for this ledger.
// It is hashed again when its inode, its time or its size is not that under which it was last found to be right, and by Check.

// fileState is what the catalog knows of a file of the ledger.
type fileState struct {
	bytes           int64
	sha256          string
	inode, modified int64
}

var ledgerFileColumns = columnar.Schema{
	{Name: "path", Type: columnar.String}, {Name: "bytes", Type: columnar.Int}, {Name: "sha256", Type: columnar.String},
	{Name: "inode", Type: columnar.Int}, {Name: "modified_ns", Type: columnar.Int},
}

// DamagedFileError says that a file of the ledger is not as it was written.
type DamagedFileError struct {
	File string // absolute
	Why  string
	Hold string // what is lost with it, in words; empty: nothing that cannot be made again
	Hint string

	folder string // of usage
}

func (e *DamagedFileError) Error() string {
	text := fmt.Sprintf("the ledger's file %s is damaged: %s", e.File, e.Why)
	if e.Hold != "" {
		text += "; it holds " + e.Hold
	}
	return text
}

// Try returns the way out.
func (e *DamagedFileError) Try() string { return e.Hint }

// folderStates are the states of files by their folder, such as usage/0123456789abcdef, and their path in it.
type folderStates map[string]map[string]fileState

// add takes the state of a file of the ledger, by its path.
func (f folderStates) add(name string, s fileState) {
	top, rest, _ := strings.Cut(name, "/")
	inside, rel, _ := strings.Cut(rest, "/")
	folder := top + "/" + inside
	if f[folder] == nil {
		f[folder] = map[string]fileState{}
	}
	f[folder][rel] = s
}

// states gives what the catalog knows of the files of the ledger.
func (l *Ledger) states(ctx context.Context) (folderStates, error) {
	if l.kept != nil {
		return l.kept, nil
	}
	kept := folderStates{}
	err := l.each(ctx, "select path, bytes, sha256, inode, modified_ns from ledger.ledger_files", func(v []engine.Value) {
		kept.add(v[0].S, fileState{v[1].I, v[2].S, v[3].I, v[4].I})
	})
	if err != nil {
		return nil, fmt.Errorf("read which files the ledger has: %w", err)
	}
	l.kept = kept
	return kept, nil
}

// stateOf reads a file and says what it is.
func stateOf(ctx context.Context, name string) (fileState, error) {
	info, err := os.Lstat(name)
	if err != nil {
		return fileState{}, err
	}
	s := fileState{inode: engine.Inode(info), modified: info.ModTime().UnixNano()}
	s.bytes, s.sha256, err = fingerprint(ctx, name)
	return s, err
}

// compare says why a file is not the one that the catalog knows; "": it is. It is read when always says so, or when it was touched since it was last
// found to be right; now is then what it is.
func (was fileState) compare(ctx context.Context, name string, always bool) (why string, now fileState, err error) {
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return missing, was, nil
	case err != nil:
		return "", was, err
	case !info.Mode().IsRegular():
		return "it is no file", was, nil
	case info.Size() != was.bytes:
		return fmt.Sprintf("it has %d bytes, not %d", info.Size(), was.bytes), was, nil
	case !always && was.inode == engine.Inode(info) && was.modified == info.ModTime().UnixNano():
		return "", was, nil
	}
	now, err = stateOf(ctx, name)
	switch {
	case errors.Is(err, syscall.EIO):
		return err.Error(), was, nil // the disk cannot give it back
	case err != nil:
		return "", was, err
	case now.bytes != was.bytes || now.sha256 != was.sha256:
		return otherBytes, was, nil
	}
	return "", now, nil
}

// enter writes down what files of the ledger are. It is part of the transaction that the caller has begun.
func (l *Ledger) enter(ctx context.Context, files map[string]fileState) error {
	if len(files) == 0 {
		return nil
	}
	for name, s := range files {
		if l.kept != nil {
			l.kept.add(name, s)
		}
	}
	b := columnar.NewBatch(ledgerFileColumns)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		s := files[name]
		b.Str(0, name)
		b.Int(1, s.bytes)
		b.Str(2, s.sha256)
		b.Int(3, s.inode)
		b.Int(4, s.modified)
		b.EndRow()
	}
	if err := l.temp(ctx, "entered_files", b); err != nil {
		return err
	}
	return l.DB.Exec(ctx, "delete from ledger_files where path in (select path from temp.entered_files); insert into ledger_files by name from temp.entered_files")
}

// statesBelow reads the Parquet files below a folder, on all processors, and says what they are by their path in it, with forward slashes.
func (l *Ledger) statesBelow(ctx context.Context, folder string) (map[string]fileState, error) {
	var names []string
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(name) == ".parquet" {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out := map[string]fileState{}
	var mu sync.Mutex
	err = forEach(ctx, l.threads(), names, func(name string) error {
		s, err := stateOf(ctx, name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(folder, name)
		mu.Lock()
		defer mu.Unlock()
		out[filepath.ToSlash(rel)] = s
		return err
	})
	return out, err
}

// moveIn moves folders to their places in usage, by the names that they get there. Their files are entered into the catalog first: a folder that a killed run
// leaves is known, and nothing else is ever swept.
func (l *Ledger) moveIn(ctx context.Context, folders map[string]string) error {
	if len(folders) == 0 {
		return nil
	}
	files := map[string]fileState{}
	for name, from := range folders {
		found, err := l.statesBelow(ctx, from)
		if err != nil {
			return err
		}
		for rel, s := range found {
			files[path.Join(usageFolder, name, rel)] = s
		}
	}
	if err := l.DB.InTx(ctx, func() error { return l.enter(ctx, files) }); err != nil {
		return err
	}
	for name, from := range folders {
		final := l.path(usageFolder, name)
		if err := errors.Join(os.RemoveAll(final), os.Rename(from, final)); err != nil {
			return err
		}
	}
	return nil
}

// damage finds the first file of a folder of usage that is not as it was written.
func (l *Ledger) damage(ctx context.Context, folder string, always bool) (files []string, damaged *DamagedFileError, err error) {
	kept, err := l.states(ctx)
	if err != nil {
		return nil, nil, err
	}
	known := kept[path.Join(usageFolder, folder)]
	there, err := parquetIn(l.path(usageFolder, folder))
	if err != nil {
		return nil, nil, err
	}
	if len(known) == 0 { // of a slice of an older pidledger, which the next run adopts; else it is lost
		if len(there) == 0 {
			damaged = &DamagedFileError{File: l.path(usageFolder, folder), Why: missing, folder: folder}
		}
		return there, damaged, nil
	}
	touched := map[string]fileState{}
	for _, rel := range slices.Sorted(maps.Keys(known)) {
		name := path.Join(usageFolder, folder, rel)
		file := l.path(filepath.FromSlash(name))
		why, now, err := known[rel].compare(ctx, file, always)
		if err != nil {
			return nil, nil, err
		}
		if why != "" {
			return nil, &DamagedFileError{File: file, Why: why, folder: folder}, nil
		}
		if now != known[rel] {
			touched[name] = now
		}
		files = append(files, file)
	}
	for _, file := range there {
		if !slices.Contains(files, file) {
			return nil, &DamagedFileError{File: file, Why: "this ledger did not write it", folder: folder}, nil
		}
	}
	if len(touched) > 0 && !l.readOnly {
		err = l.enter(ctx, touched)
	}
	return files, nil, err
}

// adopt enters the files of slices that were loaded before the catalog knew its files; they are taken as they are.
func (l *Ledger) adopt(ctx context.Context) error {
	kept, err := l.states(ctx)
	if err != nil {
		return err
	}
	folders, err := sliceFolders(ctx, l.DB)
	if err != nil {
		return err
	}
	files := map[string]fileState{}
	for folder := range folders {
		if kept[path.Join(usageFolder, folder)] != nil {
			continue
		}
		found, err := l.statesBelow(ctx, l.path(usageFolder, folder))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for rel, s := range found {
			files[path.Join(usageFolder, folder, rel)] = s
		}
	}
	return l.enter(ctx, files)
}

// otherBytes is why a file of the right size is damaged.
const otherBytes = "its bytes are not those that were written"

// missing is why a file that is not there is damaged.
const missing = "it is not there, and must be restored or made again"

// parquetIn lists the Parquet files in a folder, which may not be there.
func parquetIn(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder) // no pattern: the path of a ledger may hold [ or *
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".parquet" {
			names = append(names, filepath.Join(folder, e.Name()))
		}
	}
	return names, nil
}

// folderFiles lists the Parquet files of a folder of usage that holds rows. The error is a *DamagedFileError when one of them is not as it was written.
func (l *Ledger) folderFiles(ctx context.Context, folder string) ([]string, error) {
	files, damaged, err := l.damage(ctx, folder, false)
	if err == nil && damaged != nil {
		err = l.describe(ctx, damaged)
	}
	return files, err
}

// describe says of a damaged file of usage what it holds and how it can be had again. What names a customer who opted out is not shown.
func (l *Ledger) describe(ctx context.Context, e *DamagedFileError) error {
	hidden, err := l.findHidden(ctx)
	if err != nil {
		return err
	}
	var holds []string
	var source, forget string
	n := 0
	err = l.each(ctx, queries.Text("ledger/damaged_slices.sql"), func(v []engine.Value) {
		if n++; n > 3 {
			return
		}
		days := fmt.Sprintf(", days %s to %s", v[5].S, v[6].S)
		if v[5].Null {
			days = ""
		}
		shown := func(text string) string {
			if hidden.names(text) {
				return chain.HiddenText
			}
			return text
		}
		from := shown(v[7].S)
		if v[4].I == 1 {
			holds = append(holds, fmt.Sprintf("export %s, run %s%s", shown(firstText(v[2].S, "without a name")), shown(firstText(v[3].S, "without an id")), days))
			from = shown(folderOf(v[7].S))
		} else {
			holds = append(holds, "the file "+from+days)
		}
		if source == "" {
			source, forget = from, "--file "+from
			if v[4].I == 1 && v[3].S != "" {
				forget = "--run " + shown(v[3].S)
			}
		}
	}, e.folder)
	if err != nil {
		return err
	}
	if n > len(holds) {
		holds = append(holds, fmt.Sprintf("%d more", n-len(holds)))
	}
	e.Hold = strings.Join(holds, "; ")
	e.Hint = "restore it from a copy of the ledger"
	if source != "" {
		e.Hint += fmt.Sprintf("; or pidledger run, which reads it again where %s is as it was delivered; or pidledger forget %s, which takes it back for good", source, forget)
	}
	return e
}

// verifyUsage finds the slices of which files are damaged, and makes the files of those that nobody has touched known. Files that were not touched
// since they were last found to be right are not read.
func (l *Ledger) verifyUsage(ctx context.Context) (map[string]*DamagedFileError, error) {
	folders, err := l.usageFolders(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]*DamagedFileError{}
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		_, damaged, err := l.damage(ctx, folder, false)
		if err != nil {
			return nil, err
		}
		for _, id := range folders[folder] {
			if damaged != nil {
				out[id] = damaged
			}
		}
	}
	return out, nil
}

// usageFolders lists the folders of usage that hold rows of slices of the catalog, with these slices.
func (l *Ledger) usageFolders(ctx context.Context) (map[string][]string, error) {
	out := map[string][]string{}
	err := l.each(ctx, queries.Text("ledger/slices_by_folder.sql"), func(v []engine.Value) {
		out[v[0].S] = append(out[v[0].S], v[1].S)
	})
	return out, err
}

// UnknownFolderError says that there lies in the ledger what its database never knew.
type UnknownFolderError struct{ Folder, Database string }

func (e *UnknownFolderError) Error() string {
	return fmt.Sprintf("the ledger's database %s does not know %s, which lies beside it: it is the database of another ledger, or an older copy", e.Database, e.Folder)
}

// Try returns the way out.
func (e *UnknownFolderError) Try() string {
	return "restore the ledger from one copy, all of it (pidledger ledger import); if nothing was restored, an older pidledger was killed while it wrote that folder: move it out of the ledger"
}

// pointers are SELECTs over the catalog for the folders of the ledger that have one folder for each slice, pack or run.
var pointers = map[string]struct{ to, known string }{
	usageFolder:  {"select folder from (" + queries.Text("ledger/slice_folders.sql") + ")", "select pack from slice_packs"},
	judgedFolder: {judgedRuns, "select run_id from runs"},
}

// judgedRuns are the runs whose judgements stand.
const judgedRuns = "select run_id from judgement union select run_id from judged_months"

// sweepable lists what the catalog knows in a folder of the ledger and does not point to any more: what a run wrote before it was stopped, or a newer run
// replaced. The error is an *UnknownFolderError when usage lies there that the catalog never knew.
func (l *Ledger) sweepable(ctx context.Context, folder string) ([]string, error) {
	keep, known := map[string]bool{}, map[string]bool{}
	if err := l.each(ctx, pointers[folder].to, func(v []engine.Value) { keep[v[0].S] = true }); err != nil {
		return nil, err
	}
	if err := l.each(ctx, pointers[folder].known, func(v []engine.Value) { known[v[0].S] = true }); err != nil {
		return nil, err
	}
	kept, err := l.states(ctx)
	if err != nil {
		return nil, err
	}
	gone := map[string]bool{}
	for name := range kept {
		if top, inside, _ := strings.Cut(name, "/"); top == folder && !keep[inside] {
			gone[inside] = true
		}
	}
	entries, err := os.ReadDir(l.path(folder))
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case keep[name]:
		case known[name] || gone[name]:
			gone[name] = true
		case folder == usageFolder: // of judged months nothing is lost
			holds, err := holdsParquet(l.path(folder, name))
			if err != nil {
				return nil, err
			}
			if holds {
				return nil, &UnknownFolderError{l.path(folder, name), l.path(databaseFile)}
			}
		}
	}
	return slices.Sorted(maps.Keys(gone)), nil
}

// sweepFolder removes what is sweepable in a folder of the ledger.
func (l *Ledger) sweepFolder(ctx context.Context, folder string) error {
	gone, err := l.sweepable(ctx, folder)
	if err != nil {
		return err
	}
	swept := columnar.NewBatch(sweptColumns)
	for _, name := range gone {
		if err := os.RemoveAll(l.path(folder, name)); err != nil {
			return fmt.Errorf("sweep %s: %w", name, err)
		}
		place := path.Join(folder, name)
		for rel := range l.kept[place] {
			swept.Str(0, path.Join(place, rel))
			swept.EndRow()
		}
		delete(l.kept, place)
	}
	if swept.Rows() == 0 {
		return nil
	}
	if err := l.temp(ctx, "swept_files", swept); err != nil {
		return err
	}
	return l.DB.Exec(ctx, "delete from ledger_files where path in (select path from temp.swept_files)")
}

var sweptColumns = columnar.Schema{{Name: "path", Type: columnar.String}}

// holdsParquet tells whether there is a Parquet file below a folder.
func holdsParquet(folder string) (bool, error) {
	found := false
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(name) == ".parquet" {
			found = true
			return filepath.SkipAll
		}
		return err
	})
	return found, err
}

// noteDamaged says which usage cannot be read any more and is not there to be read again. Nothing needs it tonight, else the run stops when it does.
func (s *session) noteDamaged(ctx context.Context) error {
	for _, id := range slices.Sorted(maps.Keys(s.damaged)) {
		e := s.damaged[id]
		if err := s.describe(ctx, e); !errors.Is(err, e) {
			return err
		}
		s.note("%s: %s", e.Error(), e.Try())
	}
	return nil
}
