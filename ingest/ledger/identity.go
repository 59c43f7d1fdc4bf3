package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pidledger/pidledger/ingest/durable"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// identityFile lies beside the slices and says which ledger they belong to.
const identityFile = "ledger.id"

// identity is the content of ledger.id: which ledger this is, how far its database had come, and whether a run is at work on it. A database that
// belongs to another ledger, is older than the files beside it, or was copied while being written would silently give wrong figures.
type identity struct {
	ID        string `json:"ledger"`
	Completed int64  `json:"completed"` // runs and other changes; never more than the database says
	AtWork    bool   `json:"at_work"`   // or killed at work
	Inode     int64  `json:"inode"`     // of the database, because a copy has another; 0 if the system has none
	CRC       uint32 `json:"crc32c"`    // of the database and its log after the last change; 0 while at work
}

// ForeignDatabaseError says that the database does not belong to the files beside it.
type ForeignDatabaseError struct{ File, Beside, Why string }

func (e *ForeignDatabaseError) Error() string {
	return fmt.Sprintf("the ledger's database %s does not belong to %s beside it: %s", e.File, e.Beside, e.Why)
}

// Try returns the way out.
func (e *ForeignDatabaseError) Try() string {
	return "restore the whole ledger from one copy made while no run was at work (pidledger ledger import, or the folder); only if you know that the database is the right one, remove " + e.Beside
}

// readIdentity reads ledger.id. It returns nil if there is none: an older pidledger wrote none.
func (l *Ledger) readIdentity() (*identity, error) {
	data, err := os.ReadFile(l.Path(identityFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // there is none
	}
	if err != nil {
		return nil, err
	}
	var i identity
	if err := json.Unmarshal(data, &i); err != nil || i.ID == "" {
		return nil, l.foreign("that file is damaged")
	}
	return &i, nil
}

func (l *Ledger) foreign(format string, args ...any) error {
	return &ForeignDatabaseError{l.Path(databaseFile), l.Path(identityFile), fmt.Sprintf(format, args...)}
}

// checkIdentity compares the attached database with ledger.id.
func (l *Ledger) checkIdentity(ctx context.Context) error {
	beside, err := l.readIdentity()
	if err != nil || beside == nil {
		return err
	}
	version, err := l.version(ctx)
	if err != nil {
		return err
	}
	if version < identitySince {
		return l.foreign("it has schema version %d, but a newer pidledger has worked here", version)
	}
	own, err := l.ownIdentity(ctx)
	if err != nil {
		return err
	}
	inode, err := l.databaseInode()
	switch {
	case err != nil:
		return err
	case own.ID != beside.ID:
		return l.foreign("it belongs to another ledger")
	case own.Completed < beside.Completed:
		return l.foreign("it is an older copy, or has lost the end of its log: it knows %d changes, not %d", own.Completed, beside.Completed)
	case inode == beside.Inode || inode == 0 || beside.Inode == 0:
		return nil
	case beside.AtWork:
		return l.foreign("it was copied while a run was at work")
	}
	sum, err := l.databaseSum()
	if err == nil && sum != beside.CRC {
		return l.foreign("it is not what the last run left: it was copied while a run was at work, or the copy is damaged")
	}
	return err
}

// identitySince is the schema version that brought it.
const identitySince = 8

// ownIdentity is what the attached database says about itself.
func (l *Ledger) ownIdentity(ctx context.Context) (i identity, err error) {
	rows, err := engine.Ask[struct {
		LedgerID  string
		Completed int64
	}](ctx, l.DB, queries.Text("ledger/identity.sql"))
	if err == nil && len(rows) != 1 {
		err = l.foreign("it does not say which ledger it belongs to")
	}
	if err == nil {
		i.ID, i.Completed = rows[0].LedgerID, rows[0].Completed
	}
	return i, err
}

// writeIdentity writes ledger.id. The ledger is not changed before ledger.id says that a run is at work.
func (l *Ledger) writeIdentity(i identity) (err error) {
	if i.Inode, err = l.databaseInode(); err != nil {
		return err
	}
	data, err := json.Marshal(i)
	if err != nil {
		return err
	}
	fresh := l.Path(identityFile + ".new")
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := durable.Write(fresh, append(data, '\n')); err != nil {
		return err
	}
	return os.Rename(fresh, l.Path(identityFile))
}

// leave writes ledger.id once no run is at work any more. The database is closed.
func (l *Ledger) leave() error {
	sum, err := l.databaseSum()
	if err != nil {
		return err
	}
	return l.leaveWith(sum)
}

// leaveWith is leave for a database that has this checksum, or will have it after the next step.
func (l *Ledger) leaveWith(sum uint32) error {
	i := *l.identity
	i.AtWork, i.CRC = false, sum
	return l.writeIdentity(i)
}

func (l *Ledger) databaseInode() (int64, error) {
	info, err := os.Stat(l.Path(databaseFile))
	if err != nil {
		return 0, err
	}
	return engine.Inode(info), nil
}

// databaseSum is a checksum of the database and its log. It is not meant against forgery but for copies that are half old and half new, and is fast
// enough to run after every run.
func (l *Ledger) databaseSum() (uint32, error) { return checksum(l.Path(databaseFile)) }

func checksum(database string) (uint32, error) {
	h := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	for _, end := range []string{"", ".wal"} {
		if err := addFile(h, database+end); err != nil {
			return 0, err
		}
	}
	return h.Sum32(), nil
}

// addFile writes the bytes of a file to w; the file may be missing.
func addFile(w io.Writer, name string) error {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

// DamagedDatabaseError says that the engine cannot read the ledger's database.
type DamagedDatabaseError struct {
	File string
	Err  error
}

func (e *DamagedDatabaseError) Error() string {
	return fmt.Sprintf("the ledger's database %s is damaged: %v", e.File, e.Err)
}
func (e *DamagedDatabaseError) Unwrap() error { return e.Err }

// Try returns the way out.
func (e *DamagedDatabaseError) Try() string {
	return "restore the whole ledger from a copy (pidledger ledger import); the reports of the last run stay until then"
}

// NameDamage names the ledger's database in an error of the engine that cannot read it; it returns every other error unchanged.
func NameDamage(folder string, err error) error {
	var named *DamagedDatabaseError
	if !engine.IsDamage(err) || errors.As(err, &named) {
		return err
	}
	return &DamagedDatabaseError{filepath.Join(folder, databaseFile), err}
}
