package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/report/spec"
)

// Snapshots says where snapshots are kept: folders of Parquet files that never change, one for each run that published, for ad-hoc SQL. The
// reports point to theirs, so that both are switched to in one step; a reader who has followed the pointer reads on undisturbed.
type Snapshots struct {
	Folder string   // made when it is not there
	Keep   int      // how many stay, the newest included; less than 1: one
	Tables []string // besides the reports
}

// SnapshotLink is what the manifest of the reports says of their snapshot. A link of that name lies beside it where the system has links.
type SnapshotLink struct {
	ID   string `json:"id"`
	Path string `json:"path"` // relative to the report folder, with forward slashes
}

// snapshotName is the link in the report folder.
const snapshotName = "snapshot"

// snapshot is one that is being written.
type snapshot struct {
	id     string
	number int64 // Manifest.Sequence
	parent string
	folder string // where it is now
	of     string // the reports it belongs to, relative to it
	tables []ManifestReport
}

// begin makes the folder of a new snapshot of the reports in dir, and sweeps those that killed runs left unfinished.
func (o Snapshots) begin(runID, dir string) (*snapshot, error) {
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the snapshots: %w", err)
	}
	entries, err := os.ReadDir(o.Folder)
	if err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	number := int64(0)
	for _, e := range entries {
		taken[e.Name()] = true
		if m, err := ReadManifest(filepath.Join(o.Folder, e.Name())); err == nil {
			number = max(number, m.Sequence)
		}
		if strings.HasSuffix(e.Name(), newSnapshot) {
			if err := os.RemoveAll(filepath.Join(o.Folder, e.Name())); err != nil {
				return nil, err
			}
		}
	}
	s := &snapshot{id: runID, number: number + 1, parent: o.Folder}
	for n := 2; taken[s.id]; n++ {
		s.id = fmt.Sprintf("%s-%d", runID, n)
	}
	s.folder = filepath.Join(s.parent, s.id+newSnapshot)
	if s.of, err = filepath.Rel(filepath.Join(s.parent, s.id), dir); err != nil {
		s.of = dir // on another volume
	}
	s.of = filepath.ToSlash(s.of)
	return s, os.Mkdir(s.folder, 0o700)
}

// newSnapshot ends the name of a snapshot that is not complete.
const newSnapshot = ".new"

func (s *snapshot) path(name string) string { return filepath.Join(s.folder, name) }

// add takes a finished table into the manifest.
func (s *snapshot) add(table string, rows int64, path string) error {
	file, err := measure(s.folder, filepath.Base(path), spec.Parquet)
	if err != nil {
		return err
	}
	s.tables = append(s.tables, ManifestReport{Report: table, Rows: rows, Files: []ManifestFile{file}})
	return nil
}

// finish writes the other tables and the manifest, and gives the snapshot its name.
func (s *snapshot) finish(ctx context.Context, e Engine, m Manifest, tables []string) error {
	for _, t := range tables {
		path := s.path(t + "." + spec.Parquet)
		rows, err := e.CopyTable(ctx, t, path)
		if err != nil {
			return fmt.Errorf("table %s: %w", t, err)
		}
		if err := s.add(t, rows, path); err != nil {
			return err
		}
	}
	m.Reports, m.Of, m.Sequence = s.tables, s.of, s.number
	if err := m.stamp(s.folder); err != nil {
		return err
	}
	if err := m.write(s.folder); err != nil {
		return err
	}
	if err := syncDirs(s.folder); err != nil {
		return err
	}
	final := filepath.Join(s.parent, s.id)
	if err := os.Rename(s.folder, final); err != nil {
		return err
	}
	s.folder = final
	return syncDir(s.parent)
}

// link points from the new reports, which will be at dir, to the snapshot.
func (s *snapshot) link(fresh, dir string) (*SnapshotLink, error) {
	parent, err := filepath.EvalSymlinks(s.parent)
	if err != nil {
		return nil, err
	}
	target, err := filepath.Rel(dir, filepath.Join(parent, s.id))
	if err != nil {
		target = filepath.Join(parent, s.id) // on another volume
	}
	err = os.Symlink(target, filepath.Join(fresh, snapshotName))
	if err != nil && !isLinkless(err) {
		return nil, err
	}
	return &SnapshotLink{ID: s.id, Path: filepath.ToSlash(target)}, nil
}

// isLinkless tells whether a link could not be made because the file system has none or the user may not make any.
func isLinkless(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission)
}

// abandon removes what was written of a snapshot.
func (s *snapshot) abandon() {
	os.RemoveAll(s.folder) //nolint:errcheck // best effort: the next run sweeps it
}

// retire removes the oldest snapshots of the same report folder, never the one just published. A reader who has a file of a removed one open reads on.
func (o Snapshots) retire(current *snapshot) {
	others, err := keptSnapshots(o.Folder, current.of)
	if err != nil {
		return // the next run tries again
	}
	others = slices.DeleteFunc(others, func(k keptSnapshot) bool { return k.name == current.id })
	for len(others) >= max(o.Keep, 1) {
		os.RemoveAll(filepath.Join(o.Folder, others[0].name)) //nolint:errcheck // best effort: the next run tries again
		others = others[1:]
	}
}

// keptSnapshot is a complete snapshot: the name of its folder and what its manifest says.
type keptSnapshot struct {
	name     string
	manifest *Manifest
}

// keptSnapshots lists the complete snapshots in a folder that belong to one report folder, in the order in which they were published.
func keptSnapshots(folder, of string) (kept []keptSnapshot, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		m, err := ReadManifest(filepath.Join(folder, e.Name()))
		if err == nil && m.Of == of && !strings.HasSuffix(e.Name(), newSnapshot) {
			kept = append(kept, keptSnapshot{e.Name(), m})
		}
	}
	// Names begin with the time of their run, which is wrong where the clock was; they order those of versions that wrote no number.
	slices.SortFunc(kept, func(a, b keptSnapshot) int {
		return cmp.Or(cmp.Compare(a.manifest.Sequence, b.manifest.Sequence), strings.Compare(a.name, b.name))
	})
	return kept, nil
}

// linkOrCopy makes a second name for a file that never changes, or a copy where the two folders are on different file systems.
func linkOrCopy(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err = io.Copy(out, in); err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}
