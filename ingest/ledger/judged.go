package ledger

import (
	"context"
	"maps"
	"path"
	"path/filepath"
	"slices"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// JudgedFolder holds the judged months, one folder per run that judged any. A month points to the run that judged it last (table judged_months);
// folders that no month points to are swept.
const JudgedFolder = "judged"

// Judged compares judged files with the catalog, each file once.
type Judged struct {
	store  *Store
	states folderStates
	seen   map[string]string // why a file is damaged, by its path; "": it is not
}

// Judged begins a comparison.
func (s *Store) Judged(ctx context.Context) (*Judged, error) {
	states, err := s.states(ctx)
	return &Judged{store: s, states: states, seen: map[string]string{}}, err
}

// First finds the first damaged file among some files and folders of a run, given as paths in its folder, and why; "" if there is none.
func (c *Judged) First(ctx context.Context, run string, files, folders []string) (string, error) {
	known := c.states[path.Join(JudgedFolder, run)]
	want := slices.Clone(files)
	for _, folder := range folders {
		for rel := range known {
			if path.Dir(rel) == folder {
				want = append(want, rel)
			}
		}
		there, err := parquetIn(c.store.path(JudgedFolder, run, filepath.FromSlash(folder)))
		if err != nil {
			return "", err
		}
		for _, name := range there {
			if rel := path.Join(folder, filepath.Base(name)); !slices.Contains(want, rel) {
				want = append(want, rel)
			}
		}
	}
	for _, rel := range want {
		name := c.store.path(JudgedFolder, run, filepath.FromSlash(rel))
		why, seen := c.seen[name]
		if !seen {
			why = "this ledger did not write it"
			if was, ok := known[rel]; ok {
				var now FileState
				var err error
				if why, now, err = was.compare(ctx, name, false); err != nil {
					return "", err
				}
				if why == "" && now != was {
					if err := c.store.Enter(ctx, map[string]FileState{path.Join(JudgedFolder, run, rel): now}); err != nil {
						return "", err
					}
				}
			}
			c.seen[name] = why
		}
		if why != "" {
			return name + ": " + why, nil
		}
	}
	return "", nil
}

// JudgedRuns lists the runs with current judgements.
func JudgedRuns(ctx context.Context, db *engine.DB) ([]string, error) {
	return engine.Ask[string](ctx, db, queries.Text("ledger/judged_runs.sql"))
}

// SweepJudged removes judged months that the ledger no longer points to.
func (l *Ledger) SweepJudged(ctx context.Context) error {
	return l.Store.sweepFolder(ctx, JudgedFolder)
}

// checkJudged reads the judged months.
func (l *Ledger) checkJudged(ctx context.Context, c *Checked) error {
	kept, err := l.Store.states(ctx)
	if err != nil {
		return err
	}
	runs, err := JudgedRuns(ctx, l.DB)
	if err != nil {
		return err
	}
	for _, run := range runs {
		known := kept[path.Join(JudgedFolder, run)]
		for _, rel := range slices.Sorted(maps.Keys(known)) {
			file := l.Path(JudgedFolder, run, filepath.FromSlash(rel))
			why, _, err := known[rel].compare(ctx, file, true)
			if err != nil {
				return err
			}
			if why != "" {
				c.Damaged = append(c.Damaged, DamagedFile{file, why, "", "the next pidledger run that judges makes it again from usage and evidence; pidledger run --rebuild does so now"})
			}
		}
		c.count(known)
	}
	return nil
}
