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
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// A backup is a folder that any later version can make a ledger from:
//
//	manifest.json               versions, and rows, bytes and SHA-256 of every file; written last
//	tables/<table>.parquet      every table of the ledger database
//	usage/<folder>/*.parquet    the slices that the catalog names, as they are: each its own folder, small ones a pack for many
//
// What a run makes anew from these (derived folders, the note on what was published) is not in it.

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

// damaged is the error of a backup that is not what its manifest says.
func damaged(format string, args ...any) error {
	return &CheckError{Check: "backup", Detail: fmt.Sprintf(format, args...), Hint: "copy the backup once more from where it was made, or take an older one; nothing was imported"}
}

// backupPath is the form of the paths of a backup: a table, or a file of a slice.
var backupPath = regexp.MustCompile(`^(?:tables/([a-z0-9_]+)|usage/([A-Za-z0-9_-]+)/[A-Za-z0-9_-][A-Za-z0-9_.-]*)\.parquet$`)

// table is the table that the file holds; empty: it holds usage.
func (f backupFile) table() string { return backupPath.FindStringSubmatch(f.Path)[1] }

// folder is the slice or pack that the file is of; empty: it is a table.
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

// Export writes a backup of a ledger into a folder that is not there yet, or empty. The folder appears whole or not at all. Readers share
// the ledger; the error is an *InUseError while a run holds it, a *FolderError when the folder is taken.
func Export(ctx context.Context, o Options, dir string) (_ *Backup, err error) {
	if _, err := os.Stat(filepath.Join(o.Folder, databaseFile)); errors.Is(err, fs.ErrNotExist) {
		return nil, &FolderError{o.Folder, "holds no ledger", "pidledger run, to make it, or name another with --ledger"}
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

// exportLock is a file that an export holds in its unfinished folder: the operating system frees it when the export dies.
const exportLock = ".pidledger-export"

// sweepExports removes the unfinished folders of exports that were killed, beside which a new one is made.
func sweepExports(parent string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return // the export says so
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
		return &FolderError{dir, "is not empty", "name a folder that is not there yet, such as one with the date"}
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
	return m, writeSynced(filepath.Join(dir, backupManifest), append(data, '\n'))
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

// copySlices puts the files of every slice of the catalog into the backup: as another name of the same file where the disk is the same, for
// slices never change, else as a copy.
func (l *Ledger) copySlices(ctx context.Context, dir string, m *manifestOfBackup) error {
	l.opts.Progress.Stage("copy the usage", "files")
	folders, err := sliceFolders(ctx, l.DB)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(folders)) {
		folder := folders[id]
		if folder.rows == 0 {
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
			if folder.isPack {
				f.Slices = folder.slices
			}
			if !backupPath.MatchString(f.Path) {
				return fmt.Errorf("the ledger holds a file of a strange name, %s", from)
			}
			to := filepath.Join(dir, filepath.FromSlash(f.Path))
			if os.Link(from, to) == nil {
				f.Bytes, f.SHA256, err = digest.File(ctx, to)
			} else {
				f.Bytes, f.SHA256, err = copyFile(ctx, from, to)
			}
			if was, known := l.Store.kept[path.Join(UsageFolder, id)][filepath.Base(from)]; err == nil && known && was.sha256 != f.SHA256 {
				return l.Store.Describe(ctx, &DamagedFileError{File: from, Why: otherBytes, folder: id}) // nobody had touched it
			}
			if err == nil {
				f.Rows, err = countRows(ctx, l.DB, to, folder.isPack)
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

// Import makes a ledger from a backup, after comparing every file with the manifest. A ledger that is there is not touched: the error is
// then a *FolderError. A backup of an older schema becomes a ledger of that schema and is then brought to the one of this program.
// The error is a *CheckError when the backup is not what its manifest says.
func Import(ctx context.Context, o Options, dir string) (_ *Backup, err error) {
	m, err := readBackup(dir)
	if err != nil {
		return nil, err
	}
	if err := mustBeNew(o.Folder); err != nil {
		return nil, err
	}
	o.Progress.Stage("verify the backup", "files")
	o.Progress.Total(int64(len(m.Files)), 0)
	for _, f := range m.Files {
		size, sum, err := digest.File(ctx, filepath.Join(dir, filepath.FromSlash(f.Path)))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, damaged("%s is not there", f.Path)
		}
		if err != nil {
			return nil, err
		}
		if size != f.Bytes || sum != f.SHA256 {
			return nil, damaged("%s is not the file that was exported: its bytes or their hash differ", f.Path)
		}
		o.Progress.Add(1, size)
	}
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("make ledger folder: %w", err)
	}
	l := newLedger(o)
	l.lock = flock.New(l.Path(lockFile), flock.SetPermissions(0o600))
	if err := l.acquire(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if err := mustBeNew(o.Folder); err != nil { // somebody may have been faster
		return nil, err
	}
	if err := l.signIn(); err != nil {
		return nil, err
	}
	if err := l.readIn(ctx, dir, m); err != nil {
		return nil, errors.Join(err, os.RemoveAll(l.Path(StagingFolder)))
	}
	o.Progress.Stage("open the ledger", "files")
	return m.summary(dir, o.Folder), l.restart(ctx) // brings an older schema to this one
}

// mustBeNew refuses a ledger folder that holds more than its lock and what a stopped import left.
func mustBeNew(folder string) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch e.Name() {
		case lockFile, lockFile + ".holder", StagingFolder:
			continue
		case UsageFolder: // of an import that was stopped before its last step
			if _, err := os.Stat(filepath.Join(folder, StagingFolder, databaseFile)); err == nil {
				continue
			}
			fallthrough
		default:
			return &FolderError{folder, "is not empty (it holds " + e.Name() + ")", "name a ledger that is not there yet with --ledger, or move this one away"}
		}
	}
	return nil
}

// readBackup reads and checks the manifest of a backup.
func readBackup(dir string) (*manifestOfBackup, error) {
	const hint = "name the folder that pidledger ledger export wrote"
	data, err := os.ReadFile(filepath.Join(dir, backupManifest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &FolderError{dir, "is no backup: it has no " + backupManifest, hint}
	}
	if err != nil {
		return nil, err
	}
	var m manifestOfBackup
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, damaged("%s: %v", backupManifest, err)
	}
	if m.Generator != backupGenerator {
		return nil, &FolderError{dir, "is no backup: its " + backupManifest + " is of something else", hint}
	}
	if m.SchemaVersion > SchemaVersion() {
		return nil, &FolderError{dir, fmt.Sprintf("has schema version %d, this program knows up to %d", m.SchemaVersion, SchemaVersion()), "use pidledger " + m.Version + " or newer"}
	}
	seen := map[string]bool{}
	for _, f := range m.Files {
		if !backupPath.MatchString(f.Path) || seen[f.Path] || f.Rows < 0 {
			return nil, damaged("%s lists %q", backupManifest, f.Path)
		}
		seen[f.Path] = true
	}
	return &m, nil
}

// readIn builds the ledger in the staging folder and moves it to its place; the database comes last and makes it count.
func (l *Ledger) readIn(ctx context.Context, dir string, m *manifestOfBackup) error {
	for _, left := range []string{UsageFolder, StagingFolder} { // what tells that the first is ours goes last
		if err := os.RemoveAll(l.Path(left)); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(l.Path(StagingFolder, UsageFolder), 0o700); err != nil {
		return err
	}
	l.opts.Progress.Stage("copy the usage", "files")
	for _, f := range m.Files {
		if f.folder() == "" {
			continue
		}
		to := l.Path(StagingFolder, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		size, sum, err := copyFile(ctx, filepath.Join(dir, filepath.FromSlash(f.Path)), to)
		if err != nil {
			return err
		}
		if size != f.Bytes || sum != f.SHA256 {
			return damaged("%s changed while it was read", f.Path)
		}
		l.opts.Progress.Add(1, size)
		l.opts.Progress.Rows(f.Rows)
	}
	l.opts.Progress.Stage("load the tables", "tables")
	if err := l.loadTables(ctx, dir, m); err != nil {
		return err
	}
	if err := os.Rename(l.Path(StagingFolder, UsageFolder), l.Path(UsageFolder)); err != nil {
		return err
	}
	return os.Rename(l.Path(StagingFolder, databaseFile), l.Path(databaseFile))
}

// loadTables makes the database file in the staging folder, with the tables of the backup's schema version.
func (l *Ledger) loadTables(ctx context.Context, dir string, m *manifestOfBackup) (err error) {
	db, err := l.startEngine(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	file := l.Path(StagingFolder, databaseFile)
	if err := db.Attach(ctx, file, "ledger", false); err != nil {
		return err
	}
	if err := os.Chmod(file, 0o600); err != nil {
		return err
	}
	if err := db.Use(ctx, "ledger"); err != nil {
		return err
	}
	err = db.InTx(ctx, func() error {
		if err := makeTables(ctx, db, m.SchemaVersion); err != nil {
			return err
		}
		return l.fillTables(ctx, db, dir, m)
	})
	if err != nil {
		return err
	}
	return db.Checkpoint(ctx, "ledger") // the file alone is moved, not its write-ahead log
}

// makeTables makes the tables as they were in a schema version, by the same files in the same order.
func makeTables(ctx context.Context, db *engine.DB, version int64) error {
	for _, next := range queries.Schema() {
		if next.Number > version {
			break
		}
		if err := db.Exec(ctx, queries.Text(next.File)); err != nil {
			return fmt.Errorf("make ledger tables: %w", err)
		}
	}
	return nil
}

// fillTables loads each table by column name and compares the counts, those of the catalog and of the slices, too.
func (l *Ledger) fillTables(ctx context.Context, db *engine.DB, dir string, m *manifestOfBackup) error {
	tables, err := tableNames(ctx, db)
	if err != nil {
		return err
	}
	files, usage := map[string]backupFile{}, map[string]int64{}
	for _, f := range m.Files {
		if t := f.table(); t != "" {
			files[t] = f
		} else {
			usage[f.folder()] += f.Rows
		}
	}
	for _, t := range tables {
		f, ok := files[t]
		if !ok {
			return damaged("the table %s is not in it", t)
		}
		delete(files, t)
		from := engine.ParquetSource([]string{filepath.Join(dir, filepath.FromSlash(f.Path))})
		if err := db.Exec(ctx, "delete from ledger."+t+"; insert into ledger."+t+" by name select * from "+from); err != nil {
			return fmt.Errorf("load the table %s: %w", t, err)
		}
		n, err := db.Count(ctx, "select count(*) from ledger."+t)
		if err != nil {
			return err
		}
		if n != f.Rows {
			return damaged("the table %s has %d rows, not %d", t, n, f.Rows)
		}
		l.opts.Progress.Add(1, f.Bytes)
		l.opts.Progress.Rows(n)
	}
	for t := range files {
		return damaged("schema version %d has no table %s", m.SchemaVersion, t)
	}
	if m.SchemaVersion < packsSince { // every slice has a folder of its own
		if err := db.Exec(ctx, "create temp table slice_packs (slice_id varchar, pack varchar)"); err != nil {
			return err
		}
	}
	folders, err := sliceFolders(ctx, db)
	if err != nil {
		return err
	}
	for id, folder := range folders {
		if usage[id] != folder.rows {
			return damaged("the slice %s has %d rows of usage, not %d", id, usage[id], folder.rows)
		}
		delete(usage, id)
	}
	for id := range usage {
		return damaged("the catalog has no slice %s", id)
	}
	if m.SchemaVersion < identitySince {
		return nil
	}
	return db.Exec(ctx, queries.Text("ledger/imported.sql"))
}

// countRows counts the rows of a file of usage, in a pack those of the slices of the catalog.
func countRows(ctx context.Context, db *engine.DB, path string, isPack bool) (int64, error) {
	text := "select count(*) from " + engine.ParquetSource([]string{path})
	if isPack {
		text += " where slice_id in (select slice_id from slice_packs semi join slices using (slice_id) where pack = ?)"
		return db.Count(ctx, text, filepath.Base(filepath.Dir(path)))
	}
	return db.Count(ctx, text)
}

// packsSince is the schema version that brought packs.
const packsSince = 7

// sliceFolder is a folder of usage: the slices of the catalog in it, and their rows.
type sliceFolder struct {
	isPack       bool
	slices, rows int64
}

// sliceFolders lists the folders of usage that the catalog names.
func sliceFolders(ctx context.Context, db *engine.DB) (map[string]sliceFolder, error) {
	rows, err := db.Query(ctx, queries.Text("ledger/slice_folders.sql"))
	if err != nil {
		return nil, err
	}
	out := map[string]sliceFolder{}
	for rows.Next() {
		v := rows.Values()
		out[v[0].S] = sliceFolder{isPack: v[1].I == 1, slices: v[2].I, rows: v[3].I}
	}
	return out, errors.Join(rows.Err(), rows.Close())
}

// tableNames lists the tables of the attached ledger.
func tableNames(ctx context.Context, db *engine.DB) ([]string, error) {
	rows, err := db.Query(ctx, queries.Text("ledger/tables.sql"))
	if err != nil {
		return nil, err
	}
	var names []string
	for rows.Next() {
		name := rows.Values()[0].S
		if !backupPath.MatchString(backupTables + "/" + name + ".parquet") {
			return nil, errors.Join(fmt.Errorf("the ledger has a table of a strange name, %q", name), rows.Close())
		}
		names = append(names, name)
	}
	return names, errors.Join(rows.Err(), rows.Close())
}
