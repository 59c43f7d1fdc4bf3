package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/pidledger/pidledger/ingest/digest"
	"github.com/pidledger/pidledger/ingest/durable"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// A backup is a folder that any later version can make a ledger from:
//
//	manifest.json               versions, and rows, bytes and SHA-256 of every file; written last
//	tables/<table>.parquet      every table of the ledger database
//	usage/<folder>/*.parquet    the slices that the catalog names, unchanged: one folder each, or a pack of many small ones
//
// What a run derives from these (derived folders, the note on what was published) is not in it.

const (
	backupManifest  = "manifest.json"
	backupTables    = "tables"
	backupGenerator = "pidledger ledger export"
)

// backupFile is one file of a backup.
type backupFile struct {
	Path   string `json:"path"` // relative to the backup, with forward slashes
	Rows   int64  `json:"rows"` // of a pack: those of the slices of the catalog
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`           // hex
	Slices int64  `json:"slices,omitempty"` // of a pack: how many slices of the catalog are in it
}

// manifestOfBackup is the content of a backup's manifest.json.
type manifestOfBackup struct {
	Generator     string       `json:"generator"`
	Version       string       `json:"version"` // of the program that wrote it
	SchemaVersion int64        `json:"schema_version"`
	Created       time.Time    `json:"created"`
	Files         []backupFile `json:"files"`
}

// Backup says what a backup holds.
type Backup struct {
	Dir           string    `json:"dir"`
	Ledger        string    `json:"ledger"`
	Version       string    `json:"version"` // of the program that wrote it
	SchemaVersion int64     `json:"schema_version"`
	Created       time.Time `json:"created"`
	Tables        int64     `json:"tables"`
	TableRows     int64     `json:"table_rows"` // of all tables together
	Slices        int64     `json:"slices"`
	UsageRows     int64     `json:"usage_rows"`
	Files         int64     `json:"files"`
	Bytes         int64     `json:"bytes"`
}

// FolderError says that a folder is not one that the command may write to or read from (exit code 2).
type FolderError struct{ Folder, Reason, Hint string }

func (e *FolderError) Error() string { return e.Folder + " " + e.Reason }

// Try returns the way out.
func (e *FolderError) Try() string { return e.Hint }

// damaged is the error for a backup that differs from its manifest.
func damaged(format string, args ...any) error {
	return &CheckError{Check: "backup", Detail: fmt.Sprintf(format, args...), Hint: "copy the backup again from where it was made, or use an older one; nothing was imported"}
}

// backupPath is the form of the paths of a backup: a table, or a file of a slice.
var backupPath = regexp.MustCompile(`^(?:tables/([a-z0-9_]+)|usage/([A-Za-z0-9_-]+)/[A-Za-z0-9_-][A-Za-z0-9_.-]*)\.parquet$`)

// table is the table that the file holds; empty for usage.
func (f backupFile) table() string { return backupPath.FindStringSubmatch(f.Path)[1] }

// folder is the slice or pack that the file belongs to; empty for a table.
func (f backupFile) folder() string { return backupPath.FindStringSubmatch(f.Path)[2] }

// summary counts what a manifest lists.
func (m *manifestOfBackup) summary(dir, ledger string) *Backup {
	b := &Backup{Dir: dir, Ledger: ledger, Version: m.Version, SchemaVersion: m.SchemaVersion, Created: m.Created}
	held := map[string]int64{} // slices by folder
	for _, f := range m.Files {
		b.Files++
		b.Bytes += f.Bytes
		if f.table() != "" {
			b.Tables++
			b.TableRows += f.Rows
			continue
		}
		held[f.folder()] = max(1, f.Slices)
		b.UsageRows += f.Rows
	}
	for _, n := range held {
		b.Slices += n
	}
	return b
}

// Export writes a backup of a ledger into a folder that does not exist or is empty. The folder appears whole or not at all. Readers share the
// ledger; the error is an *InUseError while a run holds it, and a *FolderError if the folder is not free.
func Export(ctx context.Context, o Options, dir string) (_ *Backup, err error) {
	if _, err := os.Stat(filepath.Join(o.Folder, databaseFile)); errors.Is(err, fs.ErrNotExist) {
		return nil, &FolderError{o.Folder, "holds no ledger", "pidledger run, to create it, or name another with --ledger"}
	}
	if err := mustBeFree(dir); err != nil {
		return nil, err
	}
	l, err := Look(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	sweepExports(filepath.Dir(dir))
	fresh, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".new-*")
	if err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(fresh, exportLock), flock.SetPermissions(0o600))
	defer func() {
		if err != nil {
			err = errors.Join(err, lock.Close(), os.RemoveAll(fresh))
		}
	}()
	if ok, err := lock.TryLock(); err != nil || !ok {
		return nil, errors.Join(fmt.Errorf("lock %s", fresh), err)
	}
	m, err := l.writeBackup(ctx, fresh)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) { // an empty folder
		return nil, err
	}
	if err := errors.Join(lock.Close(), os.Rename(fresh, dir)); err != nil {
		return nil, err
	}
	return m.summary(dir, o.Folder), os.Remove(filepath.Join(dir, exportLock))
}

// exportLock is a file that an export locks in its unfinished folder; the operating system unlocks it if the export dies.
const exportLock = ".pidledger-export"

// sweepExports removes the unfinished folders that killed exports left beside the new one.
func sweepExports(parent string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return // the export reports it
	}
	for _, e := range entries {
		file := filepath.Join(parent, e.Name(), exportLock)
		if info, err := os.Lstat(file); err != nil || !e.IsDir() || !strings.HasPrefix(e.Name(), ".") || !strings.Contains(e.Name(), ".new-") || !info.Mode().IsRegular() {
			continue
		}
		lock := flock.New(file)
		if ok, err := lock.TryLock(); err == nil && ok {
			os.RemoveAll(filepath.Dir(file)) //nolint:errcheck // best effort: the next one tries again
		}
		lock.Close() //nolint:errcheck // nothing was written to it
	}
}

// mustBeFree refuses a path that is taken by anything but an empty folder.
func mustBeFree(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return &FolderError{dir, "is not empty", "name a folder that does not exist yet, such as one with the date"}
	}
	return nil
}

// writeBackup writes tables, slices and manifest into a folder.
func (l *Ledger) writeBackup(ctx context.Context, dir string) (*manifestOfBackup, error) {
	m := &manifestOfBackup{Generator: backupGenerator, Version: l.opts.Version, Created: l.opts.Now().UTC().Truncate(time.Second)}
	var err error
	if m.SchemaVersion, err = l.DB.Count(ctx, "select max(schema_version) from ledger_info"); err != nil {
		return nil, err
	}
	if err := l.writeTables(ctx, dir, m); err != nil {
		return nil, err
	}
	if err := l.copySlices(ctx, dir, m); err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	return m, durable.Write(filepath.Join(dir, backupManifest), append(data, '\n'))
}

// writeTables writes every table of the database.
func (l *Ledger) writeTables(ctx context.Context, dir string, m *manifestOfBackup) error {
	tables, err := tableNames(ctx, l.DB)
	if err != nil {
		return err
	}
	l.opts.Progress.Stage("copy the tables", "tables")
	l.opts.Progress.Total(int64(len(tables)), 0)
	if err := os.Mkdir(filepath.Join(dir, backupTables), 0o700); err != nil {
		return err
	}
	for _, t := range tables {
		f := backupFile{Path: backupTables + "/" + t + ".parquet"}
		target := filepath.Join(dir, filepath.FromSlash(f.Path))
		if f.Rows, err = l.DB.Write(ctx, "select * from ledger."+t, target, ""); err != nil {
			return fmt.Errorf("copy the table %s: %w", t, err)
		}
		if f.Bytes, f.SHA256, err = digest.File(ctx, target); err != nil {
			return err
		}
		l.opts.Progress.Add(1, f.Bytes)
		l.opts.Progress.Rows(f.Rows)
		m.Files = append(m.Files, f)
	}
	return nil
}

// copySlices puts the files of every slice of the catalog into the backup: as a hard link on the same disk, because slices never change, else as a
// copy.
func (l *Ledger) copySlices(ctx context.Context, dir string, m *manifestOfBackup) error {
	l.opts.Progress.Stage("copy the usage", "files")
	folders, err := sliceFolders(ctx, l.DB)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(folders)) {
		folder := folders[id]
		if folder.UsageRows == 0 {
			continue
		}
		names, err := l.Store.FolderFiles(ctx, id)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Join(dir, UsageFolder, id), 0o700); err != nil {
			return err
		}
		for _, from := range names {
			f := backupFile{Path: path.Join(UsageFolder, id, filepath.Base(from))}
			if folder.IsPack {
				f.Slices = folder.Slices
			}
			if !backupPath.MatchString(f.Path) {
				return fmt.Errorf("the ledger holds a file with an unexpected name, %s", from)
			}
			to := filepath.Join(dir, filepath.FromSlash(f.Path))
			if os.Link(from, to) == nil {
				f.Bytes, f.SHA256, err = digest.File(ctx, to)
			} else {
				f.Bytes, f.SHA256, err = durable.Copy(ctx, from, to)
			}
			if was, known := l.Store.kept[path.Join(UsageFolder, id)][filepath.Base(from)]; err == nil && known && was.sha256 != f.SHA256 {
				return l.Store.Describe(ctx, &DamagedFileError{File: from, Why: otherBytes, folder: id}) // its inode and time had not changed
			}
			if err == nil {
				f.Rows, err = countRows(ctx, l.DB, to, folder.IsPack)
			}
			if err != nil {
				return fmt.Errorf("copy %s: %w", from, err)
			}
			l.opts.Progress.Add(1, f.Bytes)
			l.opts.Progress.Rows(f.Rows)
			m.Files = append(m.Files, f)
		}
	}
	return nil
}

// countRows counts the rows of a usage file; in a pack, those of slices in the catalog.
func countRows(ctx context.Context, db *engine.DB, path string, isPack bool) (int64, error) {
	text := "select count(*) from " + engine.ParquetSource([]string{path})
	if isPack {
		text += " where slice_id in (select slice_id from (" + queries.Text("ledger/slice_packs.sql") + ") where pack = ?)"
		return db.Count(ctx, text, filepath.Base(filepath.Dir(path)))
	}
	return db.Count(ctx, text)
}

// packsSince is the schema version that brought packs.
const packsSince = 7

// sliceFolder is a usage folder: the slices of the catalog in it, and their rows.
type sliceFolder struct {
	Folder    string
	IsPack    bool
	Slices    int64
	UsageRows int64
}

// sliceFolders lists the usage folders that the catalog names.
func sliceFolders(ctx context.Context, db *engine.DB) (map[string]sliceFolder, error) {
	folders, err := engine.Ask[sliceFolder](ctx, db, queries.Text("ledger/slice_folders.sql"))
	out := map[string]sliceFolder{}
	for _, f := range folders {
		out[f.Folder] = f
	}
	return out, err
}

// tableNames lists the tables of the attached ledger.
func tableNames(ctx context.Context, db *engine.DB) ([]string, error) {
	names, err := engine.Ask[string](ctx, db, queries.Text("ledger/tables.sql"))
	for _, name := range names {
		if !backupPath.MatchString(backupTables + "/" + name + ".parquet") {
			return nil, fmt.Errorf("the ledger has a table with an unexpected name, %q", name)
		}
	}
	return names, err
}
