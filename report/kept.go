package report

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/report/spec"
)

// KeptSnapshots are the snapshots that are kept of one report folder, the oldest first; at least one.
type KeptSnapshots struct {
	Folder string // that they lie in; absolute, without links
	All    []SnapshotFolder
	Newest SnapshotFolder // the one that the reports point to
}

// FindSnapshots finds the snapshots that are kept of the reports in dir. The error is a *NoSnapshotError when there is none.
func FindSnapshots(dir string) (*KeptSnapshots, error) {
	newest, err := FindSnapshot(dir)
	if err != nil {
		return nil, err
	}
	own, err := ReadManifest(newest.Dir)
	if err != nil {
		return nil, err
	}
	k := &KeptSnapshots{Folder: filepath.Dir(newest.Dir), Newest: *newest}
	kept, err := keptSnapshots(k.Folder, own.Of)
	if err != nil {
		return nil, err
	}
	for _, one := range kept {
		s := SnapshotFolder{ID: one.manifest.RunID, Dir: filepath.Join(k.Folder, one.name)}
		if one.manifest.DataThrough != nil {
			s.DataThrough = *one.manifest.DataThrough
		}
		k.All = append(k.All, s)
	}
	return k, nil
}

// NotKeptError says that a snapshot is asked for that is not there, or not the only one of that name.
type NotKeptError struct{ Msg, Hint string }

func (e *NotKeptError) Error() string { return e.Msg }

// Try returns the way out.
func (e *NotKeptError) Try() string { return e.Hint }

// ids lists the runs whose snapshots are kept.
func (k *KeptSnapshots) ids() string {
	var ids []string
	for _, s := range k.All {
		ids = append(ids, s.ID)
	}
	return strings.Join(ids, ", ")
}

// find gives the place of the snapshot of a run, whose id may be cut.
func (k *KeptSnapshots) find(run string) (int, error) {
	var found []int
	for i, s := range k.All {
		if s.ID == run {
			return i, nil
		}
		if strings.HasPrefix(s.ID, run) && run != "" {
			found = append(found, i)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return 0, &NotKeptError{fmt.Sprintf("no snapshot of a run %q is kept", run), "one of " + k.ids() + "; report.snapshots says how many are kept"}
	}
	return 0, &NotKeptError{fmt.Sprintf("%d kept runs begin with %q", len(found), run), "write more of it: " + k.ids()}
}

// Pair chooses two snapshots, the earlier one first: the last two, that of a run and the newest, or those of two runs.
// Errors: *NotKeptError.
func (k *KeptSnapshots) Pair(runs []string) (earlier, later SnapshotFolder, err error) {
	if len(k.All) == 1 && len(runs) < 2 {
		return earlier, later, &NotKeptError{"the snapshot of run " + k.All[0].ID + " is the only one that is kept: there is nothing to compare it with",
			"run again when there is something new; a run without news publishes none, and report.snapshots says how many are kept"}
	}
	at := []int{len(k.All) - 2, len(k.All) - 1}
	for i, run := range runs {
		if at[i], err = k.find(run); err != nil {
			return earlier, later, err
		}
		if len(runs) == 1 {
			at[1] = len(k.All) - 1
		}
	}
	if at[0] == at[1] {
		return earlier, later, &NotKeptError{"the snapshot of run " + k.All[at[0]].ID + " is compared with itself", "name another run: " + k.ids()}
	}
	slices.Sort(at)
	return k.All[at[0]], k.All[at[1]], nil
}

// diffTables are the tables that a difference is found in.
var diffTables = []string{"summary", "coverage", "restatements", "registrations", "settings"}

// DiffTables lists the tables of both snapshots as queries/diff/lines.sql names them.
func DiffTables(earlier, later SnapshotFolder) ([]adhoc.Table, error) {
	var tables []adhoc.Table
	for name, s := range map[string]SnapshotFolder{"earlier_": earlier, "later_": later} {
		m, err := ReadManifest(s.Dir)
		if err == nil {
			err = m.verify(s.Dir, false)
		}
		if err != nil {
			return nil, err
		}
		for _, t := range diffTables {
			file := filepath.Join(s.Dir, t+"."+spec.Parquet)
			if _, err := os.Stat(file); err != nil {
				return nil, fmt.Errorf("snapshot of run %s: %w", s.ID, err)
			}
			tables = append(tables, adhoc.Table{Name: name + t, Files: []string{file}})
		}
	}
	return tables, nil
}
