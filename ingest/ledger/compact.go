package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/pidledger/pidledger/ingest/durable"
)

// snapshotsFolder holds the tables that runs published for ad-hoc SQL.
const snapshotsFolder = "snapshots"

// DropDerived removes everything derived from the ledger, so that the next run makes and publishes it again.
func (l *Ledger) DropDerived() error {
	for _, d := range []string{snapshotsFolder, JudgedFolder, publishedFile} {
		if err := os.RemoveAll(l.Path(d)); err != nil {
			return fmt.Errorf("remove what was derived from the ledger: %w", err)
		}
	}
	return os.MkdirAll(l.Path(JudgedFolder), 0o700)
}

// Compact rewrites the database file, because deleted rows stay readable in it; if it cannot, it says why. Afterwards the ledger can only be
// closed.
func (l *Ledger) Compact(ctx context.Context) (why string, err error) {
	if err := l.Checkpoint(ctx); err != nil {
		return "", err
	}
	file := l.Path(databaseFile)
	if info, err := os.Stat(file + ".wal"); err == nil && info.Size() > 0 {
		return "the disk has not enough free space to rewrite the database file: free some, then run the same command again", nil
	}
	fresh := l.Path(StagingFolder, databaseFile)
	if err := l.DB.Detach(ctx, "ledger"); err != nil {
		return "", err
	}
	if err := l.DB.Attach(ctx, file, "old", true); err != nil {
		return "", err
	}
	if err := l.DB.Attach(ctx, fresh, "fresh", false); err != nil {
		return "", err
	}
	if err := l.copyDatabase(ctx); err != nil {
		return "", fmt.Errorf("rewrite the database file: %w", err)
	}
	if info, err := os.Stat(fresh + ".wal"); err == nil && info.Size() > 0 {
		return "", fmt.Errorf("rewrite the database file: %s.wal is left", fresh)
	}
	if err := durable.Sync(fresh); err != nil {
		return "", err
	}
	if err := os.Remove(file + ".wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	// If the process is killed between the next two steps, ledger.id must accept whichever file is there: the old one by its inode, the new one,
	// with another inode, by its checksum.
	sum, err := checksum(fresh)
	if err != nil {
		return "", err
	}
	if err := l.leaveWith(sum); err != nil {
		return "", err
	}
	return "", os.Rename(fresh, file)
}

// copyDatabase copies the database old to fresh, and closes both.
func (l *Ledger) copyDatabase(ctx context.Context) error {
	if err := l.DB.CopyDatabase(ctx, "old", "fresh"); err != nil {
		return err
	}
	if err := l.DB.Checkpoint(ctx, "fresh"); err != nil {
		return err
	}
	if err := l.DB.Detach(ctx, "fresh"); err != nil {
		return err
	}
	return l.DB.Detach(ctx, "old")
}
