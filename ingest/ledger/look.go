package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/gofrs/flock"

	"github.com/pidledger/pidledger/queries/engine"
)

// Look opens a ledger for reading and writes nothing to it: no folder, no lock file, no holder, no row, and the engine may not spill into it.
// Readers share the lock; a run that starts meanwhile waits for them. A ledger that does not exist yet, or in which no run has completed, looks
// empty. The error is an *InUseError while a run holds the ledger, and an *OlderLedgerError if the next run must bring it up to date first.
func Look(ctx context.Context, o Options) (_ *Ledger, err error) {
	l := newLedger(o)
	l.Store.readOnly = true
	l.lock = flock.New(l.Path(lockFile), flock.SetFlag(os.O_RDONLY))
	if _, err := os.Stat(l.Path(lockFile)); err == nil { // else no run ever worked on it, or it is a copy
		shared, err := l.lock.TryRLock()
		if err != nil {
			return nil, fmt.Errorf("lock ledger %s: %w", l.folder, err)
		}
		if !shared {
			return nil, inUse(l.folder, ReadHolder(l.folder))
		}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close())
		}
	}()
	db, err := engine.Open(ctx, engine.Options{Memory: engineMemory(o.Memory), Threads: o.Threads})
	if err != nil {
		return nil, err
	}
	l.use(db)
	return l, l.attachToRead(ctx)
}

// attachToRead attaches the database file read-only, or an empty ledger where there is none.
func (l *Ledger) attachToRead(ctx context.Context) error {
	file := l.Path(databaseFile)
	_, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		if err := l.checkDatabase(); err != nil {
			return err
		}
		return l.attachEmpty(ctx)
	}
	if err == nil {
		err = l.DB.Attach(ctx, file, "ledger", true)
	}
	if errors.Is(err, engine.ErrLocked) { // see openDatabase
		return inUse(l.folder, ReadHolder(l.folder))
	}
	if err != nil {
		return NameDamage(l.folder, fmt.Errorf("open ledger database %s: %w", file, err))
	}
	if err := l.DB.Use(ctx, "ledger"); err != nil {
		return err
	}
	if err := l.checkIdentity(ctx); err != nil {
		return err
	}
	version, err := l.version(ctx)
	switch {
	case err != nil:
		return err
	case version == 0: // the first run was stopped before it had created the tables
		if err := l.DB.Detach(ctx, "ledger"); err != nil {
			return err
		}
		return l.attachEmpty(ctx)
	case version < SchemaVersion():
		return &OlderLedgerError{Folder: l.folder, Version: version, Known: SchemaVersion()}
	}
	return nil
}

// attachEmpty attaches a ledger without rows, in memory.
func (l *Ledger) attachEmpty(ctx context.Context) error {
	if err := l.DB.Attach(ctx, ":memory:", "ledger", false); err != nil {
		return err
	}
	if err := l.DB.Use(ctx, "ledger"); err != nil {
		return err
	}
	return l.migrate(ctx)
}

// LetGo unlocks a ledger that Look opened, and closes its database: a run may begin. What was made of it in memory stays.
func (l *Ledger) LetGo(ctx context.Context) error {
	if err := l.DB.Detach(ctx, "ledger"); err != nil {
		return err
	}
	return l.lock.Unlock()
}
