package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/report/spec"
)

// SnapshotFolder is a published snapshot as its readers see it.
type SnapshotFolder struct {
	ID          string // of the run that published it
	Dir         string // absolute, without links: a run that publishes again does not change it
	DataThrough string // last usage date, YYYY-MM-DD; empty: there is no usage
	Tables      []adhoc.Table
}

// NoSnapshotError says that there is nothing to ask yet.
type NoSnapshotError struct {
	Dir string // the report folder
	Why string
}

func (e *NoSnapshotError) Error() string {
	return fmt.Sprintf("no snapshot was published with the reports in %s: %s", e.Dir, e.Why)
}

// Try returns the way out.
func (e *NoSnapshotError) Try() string {
	return "pidledger run, to publish one, or name the report folder of an earlier run with --report-dir"
}

// FindSnapshot finds the snapshot that the reports in dir point to, and lists its tables. The error is a *DamagedSnapshotError when a file of it is
// not as it was published.
func FindSnapshot(dir string) (*SnapshotFolder, error) {
	m, err := ReadManifest(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &NoSnapshotError{dir, "there are no reports"}
	}
	if err != nil {
		return nil, err
	}
	if m.Snapshot == nil {
		return nil, &NoSnapshotError{dir, "they were written by a version that published none"}
	}
	path := filepath.FromSlash(m.Snapshot.Path)
	if !filepath.IsAbs(path) {
		if dir, err = filepath.EvalSymlinks(dir); err != nil {
			return nil, err
		}
		path = filepath.Join(dir, path)
	}
	// The manifest of the folder itself tells that it is a snapshot, and this one.
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &NoSnapshotError{dir, "its folder " + path + " is gone"}
	}
	if err != nil {
		return nil, err
	}
	if path, err = filepath.Abs(real); err != nil {
		return nil, err
	}
	own, err := ReadManifest(path)
	var damaged *DamagedSnapshotError
	if err != nil && !errors.As(err, &damaged) && !errors.Is(err, fs.ErrNotExist) {
		err = &DamagedSnapshotError{filepath.Join(path, ManifestName), "cannot be read: " + err.Error()}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil || own.RunID != m.RunID {
		return nil, &NoSnapshotError{dir, path + " is not the snapshot of run " + m.RunID}
	}
	if err := own.verify(path, false); err != nil {
		return nil, err
	}
	s := &SnapshotFolder{ID: m.Snapshot.ID, Dir: path}
	if m.DataThrough != nil {
		s.DataThrough = *m.DataThrough
	}
	s.Tables, err = snapshotTables(path, own)
	return s, err
}

// snapshotTables lists the tables of a snapshot: one for each Parquet file, and the partitioned reports.
func snapshotTables(dir string, m *Manifest) ([]adhoc.Table, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var tables []adhoc.Table
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), "."+spec.Parquet); ok && e.Type().IsRegular() {
			tables = append(tables, adhoc.Table{Name: name, Files: []string{filepath.Join(dir, e.Name())}})
		}
	}
	for _, s := range spec.Reports {
		if s.Partition == "" {
			continue
		}
		files, err := filepath.Glob(filepath.Join(escapeGlob(dir), s.Name, s.Partition+"=*", "*."+spec.Parquet))
		if err != nil {
			return nil, err
		}
		t := adhoc.Table{Name: s.Name, Files: files, Partition: s.Partition, Empty: s.Schema()}
		for _, r := range m.Reports {
			if r.Report == s.Name {
				t.Elsewhere = r.Elsewhere
			}
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// escapeGlob writes a path as a pattern that matches only it.
func escapeGlob(path string) string {
	return strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]").Replace(path)
}
