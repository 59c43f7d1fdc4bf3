package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pidledger/pidledger/ingest/digest"
	"github.com/pidledger/pidledger/ingest/durable"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// Import makes a ledger from a backup, after comparing every file with the manifest. An existing ledger is not touched; the error is then a
// *FolderError. A backup of an older schema becomes a ledger of that schema, which is then brought up to date. The error is a *CheckError if the
// backup differs from its manifest.
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
			return nil, damaged("%s is missing", f.Path)
		}
		if err != nil {
			return nil, err
		}
		if size != f.Bytes || sum != f.SHA256 {
			return nil, damaged("%s is not the file that was exported: its size or hash differs", f.Path)
		}
		o.Progress.Add(1, size)
	}
	l, err := lockLedger(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if err := mustBeNew(o.Folder); err != nil { // another process may have been faster
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

// mustBeNew refuses a ledger folder that holds more than its lock and the remains of a stopped import.
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
			return &FolderError{folder, "is not empty (it holds " + e.Name() + ")", "name a new ledger with --ledger, or move this one away"}
		}
	}
	return nil
}

// readBackup reads and checks the manifest of a backup.
func readBackup(dir string) (*manifestOfBackup, error) {
	const hint = "name the folder that pidledger ledger export wrote"
	data, err := os.ReadFile(filepath.Join(dir, backupManifest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &FolderError{dir, "is not a backup: it has no " + backupManifest, hint}
	}
	if err != nil {
		return nil, err
	}
	var m manifestOfBackup
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, damaged("%s: %v", backupManifest, err)
	}
	if m.Generator != backupGenerator {
		return nil, &FolderError{dir, "is not a backup: its " + backupManifest + " belongs to something else", hint}
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

// readIn builds the ledger in the staging folder and moves it into place; the database comes last and makes it valid.
func (l *Ledger) readIn(ctx context.Context, dir string, m *manifestOfBackup) error {
	for _, left := range []string{UsageFolder, StagingFolder} { // the second shows that the first is ours, so it goes last
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
		size, sum, err := durable.Copy(ctx, filepath.Join(dir, filepath.FromSlash(f.Path)), to)
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

// makeTables creates the tables of a schema version, with the same files in the same order.
func makeTables(ctx context.Context, db *engine.DB, version int64) error {
	for _, next := range queries.Schema() {
		if next.Number > version {
			break
		}
		if err := db.Exec(ctx, next.SQL); err != nil {
			return fmt.Errorf("make ledger tables: %w", err)
		}
	}
	return nil
}

// fillTables loads each table by column name and compares the counts, including those of the catalog and the slices.
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
			return damaged("the table %s is missing", t)
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
		if err := db.Table(ctx, "slice_packs", queries.Text("ledger/no_packs.sql")); err != nil {
			return err
		}
	}
	folders, err := sliceFolders(ctx, db)
	if err != nil {
		return err
	}
	for id, folder := range folders {
		if usage[id] != folder.UsageRows {
			return damaged("the slice %s has %d rows of usage, not %d", id, usage[id], folder.UsageRows)
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
