package ledger

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// UnknownFolderError says that the ledger contains a folder that its database never knew.
type UnknownFolderError struct{ Folder, Database string }

func (e *UnknownFolderError) Error() string {
	return fmt.Sprintf("the ledger's database %s does not know %s beside it: it belongs to another ledger, or is an older copy", e.Database, e.Folder)
}

// Try returns the way out.
func (e *UnknownFolderError) Try() string {
	return "restore the whole ledger from one copy (pidledger ledger import); if nothing was restored, an older pidledger was killed while it wrote that folder: move it out of the ledger"
}

// pointers lists what the catalog points to in a folder of the ledger with one folder per slice, pack or run, and what else it knows there.
func (s *Store) pointers(ctx context.Context, folder string) (to, known []string, err error) {
	if folder == JudgedFolder {
		if to, err = JudgedRuns(ctx, s.db); err != nil {
			return nil, nil, err
		}
		known, err = engine.Ask[string](ctx, s.db, "select run_id from runs")
		return to, known, err
	}
	folders, err := sliceFolders(ctx, s.db)
	if err != nil {
		return nil, nil, err
	}
	known, err = engine.Ask[string](ctx, s.db, "select pack from slice_packs")
	return slices.Collect(maps.Keys(folders)), known, err
}

// sweepable lists what the catalog knows in a folder of the ledger and does not point to any more: what a run wrote before it was stopped, or a newer run
// replaced. The error is an *UnknownFolderError when usage lies there that the catalog never knew.
func (s *Store) sweepable(ctx context.Context, folder string) ([]string, error) {
	to, packs, err := s.pointers(ctx, folder)
	if err != nil {
		return nil, err
	}
	keep, known := setOf(to), setOf(packs)
	kept, err := s.states(ctx)
	if err != nil {
		return nil, err
	}
	gone := map[string]bool{}
	for name := range kept {
		if top, inside, _ := strings.Cut(name, "/"); top == folder && !keep[inside] {
			gone[inside] = true
		}
	}
	entries, err := os.ReadDir(s.path(folder))
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case keep[name]:
		case known[name] || gone[name]:
			gone[name] = true
		case folder == UsageFolder: // judged months can be made again
			holds, err := holdsParquet(s.path(folder, name))
			if err != nil {
				return nil, err
			}
			if holds {
				return nil, &UnknownFolderError{s.path(folder, name), s.path(databaseFile)}
			}
		}
	}
	return slices.Sorted(maps.Keys(gone)), nil
}

// sweepFolder removes everything sweepable in a folder of the ledger.
func (s *Store) sweepFolder(ctx context.Context, folder string) error {
	gone, err := s.sweepable(ctx, folder)
	if err != nil {
		return err
	}
	swept := columnar.NewBatch(sweptColumns)
	for _, name := range gone {
		if err := os.RemoveAll(s.path(folder, name)); err != nil {
			return fmt.Errorf("sweep %s: %w", name, err)
		}
		place := path.Join(folder, name)
		for rel := range s.kept[place] {
			swept.Str(0, path.Join(place, rel))
			swept.EndRow()
		}
		delete(s.kept, place)
	}
	if swept.Rows() == 0 {
		return nil
	}
	if err := s.batches.Temp(ctx, "swept_files", swept); err != nil {
		return err
	}
	return s.db.Exec(ctx, queries.Text("ledger/drop_swept.sql"))
}

var sweptColumns = columnar.Schema{{Name: "path", Type: columnar.String}}

// setOf is a set of texts.
func setOf(texts []string) map[string]bool {
	set := make(map[string]bool, len(texts))
	for _, t := range texts {
		set[t] = true
	}
	return set
}

// holdsParquet reports whether there is a Parquet file below a folder.
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
