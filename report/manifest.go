package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// ManifestName is the file that says what a report folder holds. It is written last: a folder without it is not complete.
const ManifestName = "manifest.json"

// generator marks a manifest as ours. Export manifests of Azure have the same file name.
const generator = "pidledger"

// Manifest is the content of manifest.json.
type Manifest struct {
	Generator   string           `json:"generator"`
	Version     string           `json:"version"`
	RunID       string           `json:"run_id"`
	Started     time.Time        `json:"started"`
	DataThrough *string          `json:"data_through"` // last usage date, YYYY-MM-DD; null when there is no usage
	Reports     []ManifestReport `json:"reports"`
	Documents   []ManifestFile   `json:"documents,omitempty"` // files that show several reports: html, xlsx
	Snapshot    *SnapshotLink    `json:"snapshot,omitempty"`  // of reports; absent when none is kept
	Sequence    int64            `json:"sequence,omitempty"`  // of a snapshot: greater than that of every one before; no clock tells as surely
	Of          string           `json:"of,omitempty"`        // of a snapshot: the report folder it was published with, relative to the snapshot
}

// ManifestReport says what there is of one report.
type ManifestReport struct {
	Report string         `json:"report"`
	Rows   int64          `json:"rows"` // in each format; all parts of a partitioned report together
	Files  []ManifestFile `json:"files"`
}

// ManifestFile is one file of a report.
type ManifestFile struct {
	Path   string `json:"path"` // relative to the report folder, with forward slashes
	Format string `json:"format"`
	Rows   *int64 `json:"rows,omitempty"` // absent in parts of a partitioned report and in documents
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// ReadManifest reads the manifest of a report folder. It fails with fs.ErrNotExist when there is none.
func ReadManifest(dir string) (*Manifest, error) {
	data, err := os.ReadFile(filepath.Join(dir, ManifestName))
	if err != nil {
		return nil, err
	}
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Join(dir, ManifestName), err)
	}
	if m.Generator != generator {
		return nil, fmt.Errorf("%s was not written by pidledger", filepath.Join(dir, ManifestName))
	}
	return &m, nil
}

// Missing finds what reports that were published in dir lack of what their manifest and that of their snapshot list: a file, or bytes of
// one. It returns the manifest, and in words what is missing first; an empty text says that all is there. Contents are not read.
func Missing(dir string) (*Manifest, string) {
	m, err := ReadManifest(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ManifestName + " is missing"
	}
	if err != nil {
		return nil, ManifestName + " is damaged"
	}
	if lack := m.missing(dir); lack != "" || m.Snapshot == nil {
		return m, lack
	}
	s, err := FindSnapshot(dir)
	if err != nil {
		return m, "their snapshot is missing"
	}
	own, err := ReadManifest(s.Dir)
	if err != nil {
		return m, ManifestName + " of their snapshot is damaged"
	}
	if lack := own.missing(s.Dir); lack != "" {
		return m, "in their snapshot " + lack
	}
	return m, ""
}

// missing names the first file of the manifest that is not in dir with its size.
func (m *Manifest) missing(dir string) string {
	files := slices.Clone(m.Documents)
	for _, r := range m.Reports {
		files = append(files, r.Files...)
	}
	for _, f := range files {
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(f.Path)))
		switch {
		case err != nil || !info.Mode().IsRegular():
			return f.Path + " is missing"
		case info.Size() != f.Bytes:
			return fmt.Sprintf("%s has %d bytes, not %d", f.Path, info.Size(), f.Bytes)
		}
	}
	return ""
}

// write writes the manifest and sees to it that it is on the disk.
func (m *Manifest) write(dir string) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, ManifestName), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(append(data, '\n')); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// seal gives a finished file its mode, sees to it that it is on the disk, and measures it.
func seal(path string) (size int64, sum string, err error) {
	if err := os.Chmod(path, 0o600); err != nil {
		return 0, "", err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0) // a file open only for reading cannot be synced everywhere
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	h := sha256.New()
	if size, err = io.Copy(h, f); err != nil {
		return 0, "", err
	}
	return size, hex.EncodeToString(h.Sum(nil)), f.Sync()
}
