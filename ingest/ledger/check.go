package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"

	"github.com/pidledger/pidledger/queries/engine"
)

// Checked is what Check found.
type Checked struct {
	Ledger  string        `json:"ledger"`
	Files   int64         `json:"files"` // that were read
	Bytes   int64         `json:"bytes"`
	Damaged []DamagedFile `json:"damaged"`
}

// DamagedFile is a file of the ledger that differs from what was written.
type DamagedFile struct {
	Path  string `json:"path"` // absolute
	Why   string `json:"why"`
	Holds string `json:"holds,omitempty"` // what is lost with it; empty: a run can make all of it again
	Try   string `json:"try"`
}

func (d DamagedFile) String() string {
	text := d.Path + ": " + d.Why
	if d.Holds != "" {
		text += "; it holds " + d.Holds
	}
	return text + "; " + d.Try
}

// Check reads every file that the catalog of a ledger knows and compares it with size and hash, and every block of its database. It writes nothing. The error
// is an *InUseError while a run holds the ledger.
func Check(ctx context.Context, o Options) (_ *Checked, err error) {
	c := &Checked{Ledger: o.Folder, Damaged: []DamagedFile{}}
	l, err := Look(ctx, o)
	if err != nil {
		return c, c.take(err)
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	for _, check := range []func(context.Context, *Checked) error{l.checkUsage, l.checkJudged, l.checkUnknown, l.checkTables} {
		if err := c.take(NameDamage(o.Folder, check(ctx, c))); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// take turns an error that names a damaged file into a line of the result.
func (c *Checked) take(err error) error {
	var file *DamagedFileError
	var database *DamagedDatabaseError
	var foreign *ForeignDatabaseError
	var unknown *UnknownFolderError
	var lost *LostDatabaseError
	switch {
	case errors.As(err, &lost):
		c.Damaged = append(c.Damaged, DamagedFile{lost.File, lost.Error(), "", lost.Try()})
	case errors.As(err, &file):
		c.Damaged = append(c.Damaged, DamagedFile{file.File, file.Why, file.Hold, file.Try()})
	case errors.As(err, &database):
		c.Damaged = append(c.Damaged, DamagedFile{database.File, database.Err.Error(), "", database.Try()})
	case errors.As(err, &foreign):
		c.Damaged = append(c.Damaged, DamagedFile{foreign.File, foreign.Error(), "", foreign.Try()})
	case errors.As(err, &unknown):
		c.Damaged = append(c.Damaged, DamagedFile{unknown.Folder, unknown.Error(), "", unknown.Try()})
	default:
		return err
	}
	return nil
}

func (c *Checked) count(files map[string]FileState) {
	for _, s := range files {
		c.Files++
		c.Bytes += s.bytes
	}
}

// checkUsage reads the slices.
func (l *Ledger) checkUsage(ctx context.Context, c *Checked) error {
	kept, err := l.Store.states(ctx)
	if err != nil {
		return err
	}
	folders, err := l.Store.usageFolders(ctx)
	if err != nil {
		return err
	}
	l.opts.Progress.Stage("read the usage", "folders")
	l.opts.Progress.Total(int64(len(folders)), 0)
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		_, damaged, err := l.Store.damage(ctx, folder, true)
		if err == nil && damaged != nil {
			err = l.Store.Describe(ctx, damaged)
		}
		if err := c.take(err); err != nil {
			return err
		}
		c.count(kept[path.Join(UsageFolder, folder)])
		l.opts.Progress.Add(1, 0)
	}
	return nil
}

// checkUnknown finds files that the catalog never knew.
func (l *Ledger) checkUnknown(ctx context.Context, _ *Checked) error {
	_, err := l.Store.sweepable(ctx, UsageFolder)
	if errors.Is(err, fs.ErrNotExist) { // nothing was ever kept
		return nil
	}
	return err
}

// checkTables has the engine read every block of every table, which compares each with its checksum.
func (l *Ledger) checkTables(ctx context.Context, c *Checked) error {
	tables, err := tableNames(ctx, l.DB)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if _, err := l.DB.Count(ctx, "select count(hash(t)) from ledger."+t+" t"); err != nil {
			return fmt.Errorf("read the table %s: %w", t, err)
		}
	}
	for _, end := range []string{"", ".wal"} {
		if info, err := os.Stat(l.Path(databaseFile + end)); err == nil {
			c.Files++
			c.Bytes += info.Size()
		}
	}
	return nil
}

// NameDamage names the damaged file of the ledger that may have caused an error; it returns other errors unchanged. It reads everything: a file may
// have been damaged after it was verified, and the engine does not always tell which file it was reading.
func (l *Ledger) NameDamage(ctx context.Context, err error) error {
	var known *DamagedFileError
	if err == nil || ctx.Err() != nil || errors.As(err, &known) || engine.IsDamage(err) {
		return err
	}
	c := &Checked{}
	for _, check := range []func(context.Context, *Checked) error{l.checkUsage, l.checkJudged, l.checkTables} {
		if failed := check(ctx, c); engine.IsDamage(failed) {
			return failed
		}
	}
	if len(c.Damaged) == 0 {
		return err
	}
	d := c.Damaged[0]
	return &DamagedFileError{File: d.Path, Why: d.Why, Hold: d.Holds, Hint: d.Try}
}
