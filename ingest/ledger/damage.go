package ledger

import (
	"cmp"
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

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/engine"
)

// DamagedFileError says that a file of the ledger differs from what was written.
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

// damage finds the first damaged file of a usage folder.
func (s *Store) damage(ctx context.Context, folder string, always bool) (files []string, damaged *DamagedFileError, err error) {
	kept, err := s.states(ctx)
	if err != nil {
		return nil, nil, err
	}
	known := kept[path.Join(UsageFolder, folder)]
	there, err := parquetIn(s.path(UsageFolder, folder))
	if err != nil {
		return nil, nil, err
	}
	if len(known) == 0 { // from an older pidledger, and the next run adopts it; else it is lost
		if len(there) == 0 {
			damaged = &DamagedFileError{File: s.path(UsageFolder, folder), Why: missing, folder: folder}
		}
		return there, damaged, nil
	}
	touched := map[string]FileState{}
	for _, rel := range slices.Sorted(maps.Keys(known)) {
		name := path.Join(UsageFolder, folder, rel)
		file := s.path(filepath.FromSlash(name))
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
	if len(touched) > 0 && !s.readOnly {
		err = s.Enter(ctx, touched)
	}
	return files, nil, err
}

// otherBytes is why a file of the right size is damaged.
const otherBytes = "its content is not what was written"

// missing is why a missing file counts as damaged.
const missing = "it is missing, and must be restored or made again"

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

// FolderFiles lists the Parquet files of a usage folder that holds rows. The error is a *DamagedFileError if one of them is damaged.
func (s *Store) FolderFiles(ctx context.Context, folder string) ([]string, error) {
	files, damaged, err := s.damage(ctx, folder, false)
	if err == nil && damaged != nil {
		err = s.Describe(ctx, damaged)
	}
	return files, err
}

// Describe adds to the error of a damaged usage file what it holds and how to get it back. What names a customer who opted out is not shown.
func (s *Store) Describe(ctx context.Context, e *DamagedFileError) error {
	hidden, err := FindHidden(ctx, s.db)
	if err != nil {
		return err
	}
	var holds []string
	var source, forget string
	shown := func(text string) string {
		if hidden.Names(text) {
			return chain.HiddenText
		}
		return text
	}
	lost, err := engine.Ask[struct {
		Folder, SliceID, ExportName, ExportRunID string
		IsRun                                    bool
		FirstDay, LastDay, SourcePath            string
		Sources                                  int64
	}](ctx, s.db, queries.Text("ledger/damaged_slices.sql"), e.folder)
	if err != nil {
		return err
	}
	for _, sl := range lost[:min(len(lost), 3)] {
		days := ""
		if sl.FirstDay != "" {
			days = fmt.Sprintf(", days %s to %s", sl.FirstDay, sl.LastDay)
		}
		from := shown(sl.SourcePath)
		if sl.IsRun {
			holds = append(holds, fmt.Sprintf("export %s, run %s%s", shown(cmp.Or(sl.ExportName, "without a name")), shown(cmp.Or(sl.ExportRunID, "without an id")), days))
			from = shown(path.Dir(sl.SourcePath))
		} else {
			holds = append(holds, "the file "+from+days)
		}
		if source == "" {
			source, forget = from, "--file "+from
			if sl.IsRun && sl.ExportRunID != "" {
				forget = "--run " + shown(sl.ExportRunID)
			}
		}
	}
	if n := len(lost) - len(holds); n > 0 {
		holds = append(holds, fmt.Sprintf("%d more", n))
	}
	e.Hold = strings.Join(holds, "; ")
	e.Hint = "restore it from a copy of the ledger"
	if source != "" {
		e.Hint += fmt.Sprintf("; or pidledger run, which reads it again if %s is still as delivered; or pidledger forget %s, which takes it back for good", source, forget)
	}
	return e
}

// VerifyUsage finds the slices with damaged files, and makes the files of the intact ones known. Files that have not been touched since they were
// last found intact are not read.
func (s *Store) VerifyUsage(ctx context.Context) (map[string]*DamagedFileError, error) {
	folders, err := s.usageFolders(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]*DamagedFileError{}
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		_, damaged, err := s.damage(ctx, folder, false)
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

// usageFolders lists the usage folders with rows of slices in the catalog, and these slices.
func (s *Store) usageFolders(ctx context.Context) (map[string][]string, error) {
	all, err := engine.Ask[struct{ Folder, SliceID string }](ctx, s.db, queries.Text("ledger/slices_by_folder.sql"))
	out := map[string][]string{}
	for _, sl := range all {
		out[sl.Folder] = append(out[sl.Folder], sl.SliceID)
	}
	return out, err
}
