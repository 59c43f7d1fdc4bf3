package report

import (
	"bytes"
	"context"
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
	"strings"
	"time"

	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report/spec"
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
	Focus       *ManifestReport  `json:"focus,omitempty"`     // attributed usage as FOCUS; absent unless it is asked for
	Snapshot    *SnapshotLink    `json:"snapshot,omitempty"`  // of reports; absent when none is kept
	Sequence    int64            `json:"sequence,omitempty"`  // of a snapshot: greater than that of every one before; no clock tells as surely
	Of          string           `json:"of,omitempty"`        // of a snapshot: the report folder it was published with, relative to the snapshot
	Checksum    string           `json:"checksum,omitempty"`  // of a snapshot: SHA-256 of this manifest with 64 zeros in this place
}

// ManifestReport says what there is of one report.
type ManifestReport struct {
	Report string         `json:"report"`
	Rows   int64          `json:"rows"` // in each format; all parts of a partitioned report together
	Files  []ManifestFile `json:"files"`

	Elsewhere string `json:"elsewhere,omitempty"` // URI of the folder with the Parquet files of a report that is not copied
}

// ManifestFile is one file of a report.
type ManifestFile struct {
	Path   string `json:"path"` // relative to the report folder, with forward slashes
	Format string `json:"format"`
	Rows   *int64 `json:"rows,omitempty"` // absent in parts of a partitioned report, in documents and empty files
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`

	// Of a snapshot: under which the bytes are known to be right. A file that has others now is read before it is believed.
	Inode    int64 `json:"inode,omitempty"`
	Modified int64 `json:"modified_ns,omitempty"`
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
	if m.Of != "" && m.Checksum != "" && checksum(bytes.Replace(data, []byte(m.Checksum), []byte(noChecksum), 1)) != m.Checksum {
		return nil, &DamagedSnapshotError{filepath.Join(dir, ManifestName), otherBytes}
	}
	return &m, nil
}

// noChecksum stands in place of the checksum while it is taken.
var noChecksum = strings.Repeat("0", hex.EncodedLen(sha256.Size))

func checksum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// DamagedSnapshotError says that a file of a snapshot is not as it was published.
type DamagedSnapshotError struct {
	File string
	Why  string // such as: is missing
}

func (e *DamagedSnapshotError) Error() string {
	return fmt.Sprintf("the snapshot is damaged: %s %s", e.File, e.Why)
}

// Try returns the way out.
func (e *DamagedSnapshotError) Try() string {
	return "pidledger run, which publishes the reports and their snapshot again; an older snapshot is of no use any more: remove its folder"
}

const otherBytes = "has other bytes than were written"

// stamp notes under which inode and time the files of a snapshot are as the manifest says.
func (m *Manifest) stamp(dir string) error {
	for i := range m.Reports {
		m.Reports[i].Files = slices.Clone(m.Reports[i].Files) // the manifest of the reports has them, too
		for k := range m.Reports[i].Files {
			f := &m.Reports[i].Files[k]
			info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(f.Path)))
			if err != nil {
				return err
			}
			f.Inode, f.Modified = engine.Inode(info), info.ModTime().UnixNano()
		}
	}
	return nil
}

// verify compares the files of a snapshot with its manifest: those that were touched since, or all of them. A snapshot of an older pidledger, which noted
// no times, is believed unless always. The error is a *DamagedSnapshotError.
func (m *Manifest) verify(dir string, always bool) error {
	known := map[string]bool{}
	for _, r := range m.Reports {
		for _, f := range r.Files {
			known[f.Path] = true
			if err := f.verify(filepath.Join(dir, filepath.FromSlash(f.Path)), always); err != nil {
				return err
			}
		}
	}
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != "."+spec.Parquet {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err == nil && filepath.Dir(rel) != "." && !known[filepath.ToSlash(rel)] { // a month's rows, which would be read with the others
			return &DamagedSnapshotError{name, "was not published with the others"}
		}
		return err
	})
}

func (f ManifestFile) verify(name string, always bool) error {
	info, err := os.Stat(name)
	switch {
	case err != nil || !info.Mode().IsRegular():
		return &DamagedSnapshotError{name, "is missing"}
	case info.Size() != f.Bytes:
		return &DamagedSnapshotError{name, fmt.Sprintf("has %d bytes, not %d", info.Size(), f.Bytes)}
	case !always && (f.Modified == 0 || f.Modified == info.ModTime().UnixNano() && f.Inode == engine.Inode(info)):
		return nil
	}
	in, err := os.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	h := sha256.New()
	if _, err := io.Copy(h, in); err != nil {
		return &DamagedSnapshotError{name, "cannot be read: " + err.Error()}
	}
	if hex.EncodeToString(h.Sum(nil)) != f.SHA256 {
		return &DamagedSnapshotError{name, otherBytes}
	}
	return nil
}

// CheckSnapshots reads every file of the snapshots in a folder and returns what is damaged, one for each snapshot, and the number of files and bytes read.
func CheckSnapshots(ctx context.Context, folder string) (damaged []*DamagedSnapshotError, files, size int64, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, 0, 0, err
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return nil, 0, 0, err
		}
		dir := filepath.Join(folder, e.Name())
		if !e.IsDir() || strings.HasSuffix(e.Name(), newSnapshot) {
			continue // what a killed run left is swept by the next
		}
		var bad *DamagedSnapshotError
		m, err := ReadManifest(dir)
		if err == nil {
			for _, r := range m.Reports {
				for _, f := range r.Files {
					files++
					size += f.Bytes
				}
			}
			err = m.verify(dir, true)
		} else if !errors.As(err, &bad) {
			err = &DamagedSnapshotError{filepath.Join(dir, ManifestName), "cannot be read: " + err.Error()}
		}
		if errors.As(err, &bad) {
			damaged, err = append(damaged, bad), nil
		}
		if err != nil {
			return nil, 0, 0, err
		}
	}
	return damaged, files, size, nil
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
	var damaged *DamagedSnapshotError
	switch _, err := FindSnapshot(dir); {
	case errors.As(err, &damaged):
		return m, "in their snapshot " + filepath.Base(damaged.File) + " " + damaged.Why
	case err != nil:
		return m, "their snapshot is missing"
	}
	return m, ""
}

// files lists all files of the manifest.
func (m *Manifest) files() []ManifestFile {
	files := slices.Clone(m.Documents)
	for _, r := range m.Reports {
		files = append(files, r.Files...)
	}
	if m.Focus != nil {
		files = append(files, m.Focus.Files...)
	}
	return files
}

// missing names the first file of the manifest that is not in dir with its size.
func (m *Manifest) missing(dir string) string {
	for _, f := range m.files() {
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
	if m.Of != "" {
		m.Checksum = noChecksum
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if m.Of != "" {
		m.Checksum = checksum(append(data, '\n'))
		data = bytes.Replace(data, []byte(noChecksum), []byte(m.Checksum), 1)
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
