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

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// identityFile says, beside the slices, whose they are.
const identityFile = "ledger.id"

// identity is what ledger.id says: which ledger this is, how far its database had come, and whether somebody is at work on it. A database that is of another
// ledger, is older than what lies beside it, or was copied while it was written, would give wrong figures without a word.
type identity struct {
	ID        string `json:"ledger"`
	Completed int64  `json:"completed"` // runs and other changes; never more than the database says
	AtWork    bool   `json:"at_work"`   // or killed at work
	Inode     int64  `json:"inode"`     // of the database, 0 where the system has none: a copy has another
	CRC       uint32 `json:"crc32c"`    // of the database and its log, as they were left; 0 at work
}

// ForeignDatabaseError says that the database is not the one that the files beside it belong to.
type ForeignDatabaseError struct{ File, Beside, Why string }

func (e *ForeignDatabaseError) Error() string {
	return fmt.Sprintf("the ledger's database %s does not belong to %s beside it: %s", e.File, e.Beside, e.Why)
}

// Try returns the way out.
func (e *ForeignDatabaseError) Try() string {
	return "restore the ledger from one copy, all of it, made while no run was at work (pidledger ledger import, or the folder); only if you know that the database is the right one, remove " + e.Beside
}

// readIdentity reads ledger.id; nil when there is none: an older pidledger wrote none.
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
		return l.foreign("it has schema version %d, and a newer pidledger has worked here", version)
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
		return l.foreign("it is that of another ledger")
	case own.Completed < beside.Completed:
		return l.foreign("it is an older copy, or has lost the end of its log: it knows of %d changes, not %d", own.Completed, beside.Completed)
	case inode == beside.Inode || inode == 0 || beside.Inode == 0:
		return nil
	case beside.AtWork:
		return l.foreign("it was copied while a run was at work")
	}
	sum, err := l.databaseSum()
	if err == nil && sum != beside.CRC {
		return l.foreign("it is not as the last run left it: it was copied while a run was at work, or the copy is damaged")
	}
	return err
}

// identitySince is the schema version that brought it.
const identitySince = 8

// ownIdentity is what the attached database says of itself.
func (l *Ledger) ownIdentity(ctx context.Context) (i identity, err error) {
	rows, err := engine.Ask[struct {
		LedgerID  string
		Completed int64
	}](ctx, l.DB, queries.Text("ledger/identity.sql"))
	if err == nil && len(rows) != 1 {
		err = l.foreign("it does not say which ledger it is of")
	}
	if err == nil {
		i.ID, i.Completed = rows[0].LedgerID, rows[0].Completed
	}
	return i, err
}

// writeIdentity writes ledger.id. Nothing of the ledger is changed before it says that somebody is at work.
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
	if err := writeSynced(fresh, append(data, '\n')); err != nil {
		return err
	}
	return os.Rename(fresh, l.Path(identityFile))
}

// leave writes ledger.id as nobody is at work any more. The database is closed.
func (l *Ledger) leave() error {
	sum, err := l.databaseSum()
	if err != nil {
		return err
	}
	return l.leaveWith(sum)
}

// leaveWith is leave for a database that has that checksum, or gets it by the next step.
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

// databaseSum is a checksum over the database and its log: not against forgers, but for copies that are half old and half new, and fast enough to be
// taken after every run.
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

// addFile writes the bytes of a file, which may not be there, to w.
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
	return "restore the ledger from a copy, all of it (pidledger ledger import); the reports of the last run stay until then"
}

// NameDamage names the ledger's database in an error that the engine gives because it cannot read it; every other error it returns as it is.
func NameDamage(folder string, err error) error {
	var named *DamagedDatabaseError
	if !engine.IsDamage(err) || errors.As(err, &named) {
		return err
	}
	return &DamagedDatabaseError{filepath.Join(folder, databaseFile), err}
}
