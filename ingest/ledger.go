package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"github.com/pidledger/pidledger/queries/engine"
)

// The files and folders of a ledger (SPEC 3.4).
const (
	databaseFile  = "ledger.duckdb" // catalog and evidence
	usageFolder   = "usage"         // one folder of immutable Parquet files per slice
	stagingFolder = "staging"       // what a run is working on; emptied when a run starts
	lockFile      = "lock"
)

// Ledger is an open ledger: the folder, its lock and the one database connection of a run.
type Ledger struct {
	DB       *engine.DB
	folder   string
	lock     *flock.Flock
	opts     Options
	run      Run          // zero: none began
	kept     folderStates // what the catalog knows of the files; nil: not read yet
	readOnly bool
	identity *identity       // of the database; nil: not asked yet, or nobody may write
	inView   map[string]bool // slices that the table `usage` holds; nil: it is a view of files
}

// Holder is what the lock file says of the run that holds the ledger.
type Holder struct {
	Host    string    `json:"host"`
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`
	RunID   string    `json:"run_id,omitempty"`
	Command string    `json:"command,omitempty"`
}

func (h Holder) String() string {
	if h.PID == 0 {
		return "another run"
	}
	return fmt.Sprintf("process %d on %s since %s", h.PID, h.Host, h.Started.UTC().Format(time.RFC3339))
}

// InUseError says which run holds the ledger. It wraps ErrInUse.
type InUseError struct {
	Folder string
	Holder string // empty when the lock file does not tell
}

func (e *InUseError) Error() string {
	who := "another run"
	if e.Holder != "" {
		who = e.Holder
	}
	return fmt.Sprintf("ledger %s is in use by %s", e.Folder, who)
}

// Unwrap gives ErrInUse.
func (e *InUseError) Unwrap() error { return ErrInUse }

// Try returns the way out.
func (e *InUseError) Try() string {
	return "wait until it is done, or name another ledger with --ledger"
}

// Open locks a ledger and opens its database, making both when they are not there yet. What an interrupted run left half done is
// swept away. The error is an *InUseError when another run holds the ledger.
func Open(ctx context.Context, o Options) (_ *Ledger, err error) {
	if err := os.MkdirAll(o.Ledger, 0o700); err != nil {
		return nil, fmt.Errorf("make ledger folder: %w", err)
	}
	l := &Ledger{folder: o.Ledger, opts: o, lock: flock.New(filepath.Join(o.Ledger, lockFile), flock.SetPermissions(0o600))}
	if err := l.acquire(ctx); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close())
		}
	}()
	for _, d := range []string{usageFolder, judgedFolder} {
		if err := os.MkdirAll(l.path(d), 0o700); err != nil {
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
	if err := l.adopt(ctx); err != nil {
		return nil, err
	}
	return l, l.sweep(ctx)
}

// engineMemory is the engine's part of the memory limit: six tenths; the rest is for what the readers and writers of this program
// hold and for what the engine does not count.
func engineMemory(limit int64) int64 { return limit / 10 * 6 }

// Close ends the connection and gives the ledger free.
func (l *Ledger) Close() error {
	var errs []error
	if l.DB != nil {
		if l.identity != nil {
			if now, err := l.ownIdentity(context.Background()); err == nil { // else it has broken, and it stays what it was
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

func (l *Ledger) path(parts ...string) string {
	return filepath.Join(append([]string{l.folder}, parts...)...)
}

// acquire takes the lock, which the operating system frees when its holder dies.
func (l *Ledger) acquire(ctx context.Context) error {
	ok, err := l.lock.TryLock()
	if err == nil && !ok {
		ok, err = l.waitForReaders(ctx)
	}
	if errors.Is(err, ErrInUse) {
		return err
	}
	if err != nil {
		return fmt.Errorf("lock ledger %s: %w", l.folder, err)
	}
	if !ok {
		return inUse(l.folder, l.holder())
	}
	return nil
}

// signIn writes down who holds the ledger, and clears away what a killed run was working on.
func (l *Ledger) signIn() error {
	who := l.path(lockFile + ".holder")
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	b, err := json.Marshal(Holder{Host: host, PID: os.Getpid(), Started: l.opts.Now(), RunID: l.opts.RunID, Command: l.opts.Command})
	if err == nil {
		err = os.WriteFile(who, b, 0o600)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", who, err)
	}
	if err := os.RemoveAll(l.path(stagingFolder)); err != nil {
		return fmt.Errorf("clear staging folder: %w", err)
	}
	if err := os.MkdirAll(l.path(stagingFolder), 0o700); err != nil {
		return fmt.Errorf("make ledger folder: %w", err)
	}
	return nil
}

// LostDatabaseError says that a ledger holds usage, and no database that knows what it is.
type LostDatabaseError struct{ File, Beside string }

func (e *LostDatabaseError) Error() string {
	return fmt.Sprintf("the ledger has lost its database: %s is not there, but %s holds what earlier runs loaded", e.File, e.Beside)
}

// Try returns the way out.
func (e *LostDatabaseError) Try() string {
	return "restore the ledger from a copy, all of it (pidledger ledger import), or move the folder away to begin a new ledger with what the sources still hold"
}

// checkDatabase refuses to begin a new database beside the slices of another: sweeping these would lose months that Azure no longer delivers.
func (l *Ledger) checkDatabase() error {
	file := l.path(databaseFile)
	info, err := os.Stat(file)
	if err == nil && info.Size() > 0 {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, d := range []string{usageFolder, judgedFolder} {
		entries, err := os.ReadDir(l.path(d))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if len(entries) > 0 {
			return &LostDatabaseError{file, l.path(d)}
		}
	}
	if _, err := os.Stat(l.path(identityFile)); err == nil { // it held evidence at least
		return &LostDatabaseError{file, l.path(identityFile)}
	}
	return nil
}

// openDatabase attaches the database file and brings it to the schema version of this program.
func (l *Ledger) openDatabase(ctx context.Context) error {
	file := l.path(databaseFile)
	err := l.DB.Attach(ctx, file, "ledger", false)
	if errors.Is(err, engine.ErrLocked) { // the lock file was deleted while a run is at work, and made anew; the engine has a lock of its own
		return inUse(l.folder, l.holder())
	}
	if err != nil {
		return NameDamage(l.folder, fmt.Errorf("open ledger database %s: %w", file, err))
	}
	if err := os.Chmod(file, 0o600); err != nil {
		return err
	}
	if err := l.DB.Exec(ctx, "use ledger"); err != nil {
		return err
	}
	if l.identity != nil { // opened once more by the same command
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

// sweep removes what a run wrote before it was stopped, or a newer run replaced: slices that no catalog row points to, and judged months.
func (l *Ledger) sweep(ctx context.Context) error {
	if err := l.sweepFolder(ctx, usageFolder); err != nil {
		return err
	}
	if err := l.DB.Exec(ctx, "delete from slice_packs where slice_id not in (select slice_id from slices)"); err != nil {
		return err
	}
	return l.sweepJudged(ctx)
}

// Checkpoint moves committed data from the write-ahead log into the database file. It is done on purpose only, and only with free
// space above twice the file: DuckDB loses the log when the disk fills up during an automatic one.
func (l *Ledger) Checkpoint(ctx context.Context) error {
	var need int64
	for _, f := range []string{databaseFile, databaseFile + ".wal"} {
		if info, err := os.Stat(l.path(f)); err == nil {
			need += 2 * info.Size()
		}
	}
	free, err := FreeSpace(l.folder)
	if err != nil || free < need+(16<<20) {
		return err
	}
	return l.DB.Exec(ctx, "checkpoint ledger")
}

// manyFiles is from how many files on the rows of slices are read once into a table, when they are no more than fewRows: to open and close
// thousands of files again for each step takes far longer than to read them.
const manyFiles, fewRows = 100, 500_000

// usageView makes the view `usage` (SPEC 3) of the rows of some slices, without the days that a newer export run replaced.
func (l *Ledger) usageView(ctx context.Context, ids []string) (err error) {
	defer func() { err = l.nameDamage(ctx, err) }()
	l.inView = nil
	rows, files, err := l.rowsOf(ctx, "shown_slices", ids)
	if err != nil {
		return err
	}
	text := "select * from ledger.usage_columns"
	if files > 0 {
		text += " union all by name select u.* from (" + rows + ") u anti join ledger.masked_days m on m.slice_id = u.slice_id and u.usage_date between m.date_from and m.date_to"
	}
	if files < manyFiles {
		return l.DB.View(ctx, "usage", text)
	}
	n, err := l.DB.Count(ctx, "select cast(coalesce(sum(usage_rows), 0) as bigint) from slices")
	if err != nil {
		return err
	}
	if n > fewRows {
		return l.DB.View(ctx, "usage", text)
	}
	if err := l.DB.Table(ctx, "read_usage", text); err != nil {
		return err
	}
	l.inView = map[string]bool{}
	for _, id := range ids {
		l.inView[id] = true
	}
	return l.DB.View(ctx, "usage", "from read_usage")
}

// usageOf makes the view `usage` of at least the rows of some slices. What was read into a table just before is not read again.
func (l *Ledger) usageOf(ctx context.Context, ids []string) error {
	if l.inView != nil && !slices.ContainsFunc(ids, func(id string) bool { return !l.inView[id] }) {
		return nil
	}
	return l.usageView(ctx, ids)
}

// Views makes the view `usage` of all rows that the ledger holds, beside the other canonical tables.
func (l *Ledger) Views(ctx context.Context) error {
	live, err := l.texts(ctx, "select slice_id from slices where is_live and usage_rows > 0 order by slice_id")
	if err != nil {
		return err
	}
	return l.usageView(ctx, live)
}
