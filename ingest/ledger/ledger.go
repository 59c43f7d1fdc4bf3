// Package ledger keeps what runs have read (SPEC 3.4): a database with the catalog and the evidence, and Parquet files with the usage.
//
//	ledger.go, lock.go, look.go   open it to write (one run at a time) or to read (any number at once)
//	schema.go, identity.go        bring the database up to date; make sure that it belongs to the files beside it
//	store.go, damage.go, sweep.go every Parquet file, with its size and hash: enter it, compare it, say what is lost with it, remove it
//	usage.go                      show the engine the rows of slices
//	files.go, hidden.go           what became of each input file, without the names of customers who opted out
//	forgotten.go, compact.go      customers who were erased
//	runs.go, published.go         which runs there were; what was last published
//	backup.go, check.go           copies, and whether all is as it was written
package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gofrs/flock"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// The files and folders of a ledger (SPEC 3.4).
const (
	databaseFile  = "ledger.duckdb" // catalog and evidence
	UsageFolder   = "usage"         // one folder of immutable Parquet files per slice
	StagingFolder = "staging"       // what a run is working on; emptied when a run starts
	lockFile      = "lock"
)

// Options control how a ledger is opened.
type Options struct {
	Folder   string // absolute; created if missing
	Memory   int64  // bytes the engine may use
	Threads  int    // 0: all processors
	Progress Progress
	Now      func() time.Time
	Version  string // of the program, kept in the table runs
	RunID    string // empty: derived from the time
	Command  string // that was called, kept in the table runs
}

// threads is how many goroutines work on files at once.
func (o *Options) threads() int { return cmp.Or(o.Threads, runtime.GOMAXPROCS(0)) }

// Ledger is an open ledger: the folder, its lock and the one database connection of a run.
type Ledger struct {
	DB       *engine.DB
	Batches  *Batches
	Store    *Store
	Usage    *Usage
	folder   string
	opts     Options
	lock     *flock.Flock
	run      Run       // zero: none began
	identity *identity // of the database; nil: not asked yet, or nobody may write
}

// newLedger returns a ledger that is neither locked nor open.
func newLedger(o Options) *Ledger {
	l := &Ledger{folder: o.Folder, opts: o, Batches: &Batches{folder: filepath.Join(o.Folder, StagingFolder)}}
	l.Store = &Store{batches: l.Batches, folder: o.Folder, threads: o.threads()}
	l.Usage = &Usage{store: l.Store, nameDamage: l.NameDamage}
	return l
}

// use sets the connection of the ledger.
func (l *Ledger) use(db *engine.DB) { l.DB, l.Batches.db, l.Store.db, l.Usage.db = db, db, db, db }

// Open locks a ledger and opens its database, creating both if needed. What an interrupted run left half done is removed. The error is an
// *InUseError if another run holds the ledger.
func Open(ctx context.Context, o Options) (_ *Ledger, err error) {
	l, err := lockLedger(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close())
		}
	}()
	for _, d := range []string{UsageFolder, JudgedFolder} {
		if err := os.MkdirAll(l.Path(d), 0o700); err != nil {
			return nil, fmt.Errorf("make ledger folder: %w", err)
		}
	}
	if o.Memory > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(o.Memory / 3) // the collector works harder rather than let garbage grow beside the engine
	}
	if err := l.checkDatabase(); err != nil {
		return nil, err
	}
	if err := l.restart(ctx); err != nil {
		return nil, err
	}
	if err := l.Store.adopt(ctx); err != nil {
		return nil, err
	}
	return l, l.Sweep(ctx)
}

// engineMemory is the engine's part of the memory limit: six tenths. The rest is for the readers and writers of this program and for memory that
// the engine does not count.
func engineMemory(limit int64) int64 { return limit / 10 * 6 }

// Close ends the connection and unlocks the ledger.
func (l *Ledger) Close() error {
	var errs []error
	if l.DB != nil {
		if l.identity != nil {
			if now, err := l.ownIdentity(context.Background()); err == nil { // otherwise the connection is broken, and ledger.id stays as it was
				l.identity.Completed = now.Completed
			}
		}
		errs = append(errs, l.DB.Close())
		if l.identity != nil {
			errs = append(errs, l.leave())
		}
	}
	return errors.Join(append(errs, l.lock.Close())...)
}

func (l *Ledger) Path(parts ...string) string {
	return filepath.Join(append([]string{l.folder}, parts...)...)
}

// LostDatabaseError says that a ledger holds usage but no database that describes it.
type LostDatabaseError struct{ File, Beside string }

func (e *LostDatabaseError) Error() string {
	return fmt.Sprintf("the ledger has lost its database: %s is missing, but %s holds what earlier runs loaded", e.File, e.Beside)
}

// Try returns the way out.
func (e *LostDatabaseError) Try() string {
	return "restore the whole ledger from a copy (pidledger ledger import), or move the folder away to start a new ledger with what the sources still hold"
}

// checkDatabase refuses to create a new database beside the slices of another: sweeping these would lose months that Azure no longer delivers.
func (l *Ledger) checkDatabase() error {
	file := l.Path(databaseFile)
	info, err := os.Stat(file)
	if err == nil && info.Size() > 0 {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, d := range []string{UsageFolder, JudgedFolder} {
		entries, err := os.ReadDir(l.Path(d))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if len(entries) > 0 {
			return &LostDatabaseError{file, l.Path(d)}
		}
	}
	if _, err := os.Stat(l.Path(identityFile)); err == nil { // it held evidence, at least
		return &LostDatabaseError{file, l.Path(identityFile)}
	}
	return nil
}

// openDatabase attaches the database file and brings it to the schema version of this program.
func (l *Ledger) openDatabase(ctx context.Context) error {
	file := l.Path(databaseFile)
	err := l.DB.Attach(ctx, file, "ledger", false)
	if errors.Is(err, engine.ErrLocked) { // the lock file was deleted and created again while a run is at work; the engine has a lock of its own
		return inUse(l.folder, ReadHolder(l.folder))
	}
	if err != nil {
		return NameDamage(l.folder, fmt.Errorf("open ledger database %s: %w", file, err))
	}
	if err := os.Chmod(file, 0o600); err != nil {
		return err
	}
	if err := l.DB.Use(ctx, "ledger"); err != nil {
		return err
	}
	if l.identity != nil { // opened again by the same command
		return nil
	}
	if err := l.checkIdentity(ctx); err != nil {
		return err
	}
	if err := l.signIn(); err != nil {
		return err
	}
	if err := l.migrate(ctx); err != nil {
		return err
	}
	own, err := l.ownIdentity(ctx)
	if err != nil {
		return err
	}
	own.AtWork = true
	if err := l.writeIdentity(own); err != nil {
		return err
	}
	l.identity = &own
	return nil
}

// Sweep removes what a stopped run left and what newer runs replaced: slices that no catalog row points to, and judged months.
func (l *Ledger) Sweep(ctx context.Context) error {
	if err := l.Store.sweepFolder(ctx, UsageFolder); err != nil {
		return err
	}
	if err := l.DB.Exec(ctx, queries.Text("ledger/drop_packs.sql")); err != nil {
		return err
	}
	return l.SweepJudged(ctx)
}

// Checkpoint moves committed data from the write-ahead log into the database file. Checkpoints are only made explicitly, and only with free space
// of more than twice the file: DuckDB loses the log if the disk fills up during an automatic one.
func (l *Ledger) Checkpoint(ctx context.Context) error {
	var need int64
	for _, f := range []string{databaseFile, databaseFile + ".wal"} {
		if info, err := os.Stat(l.Path(f)); err == nil {
			need += 2 * info.Size()
		}
	}
	free, err := FreeSpace(l.folder)
	if err != nil || free < need+(16<<20) {
		return err
	}
	return l.DB.Checkpoint(ctx, "ledger")
}
