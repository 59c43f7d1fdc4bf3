package ingest

import (
	"context"
	"errors"
	"fmt"

	"github.com/pidledger/pidledger/queries"
)

// DamagedError says which file of the ledger, or folder of one slice, is damaged: the engine does not always tell, and a file that can be read may hold other values
// than were written.
type DamagedError struct {
	File  string
	Cause error
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("%s, a file of the ledger, is damaged: %v", e.File, e.Cause)
}

func (e *DamagedError) Unwrap() error { return e.Cause }

// Try returns the way out.
func (e *DamagedError) Try() string {
	return "restore the ledger from a backup, or move it away: a run then makes a new one of what the sources hold; look after the disk, too"
}

// nameDamage names the damaged file of usage in an error that such a file may have caused; other errors it returns as they are.
func (l *Ledger) nameDamage(ctx context.Context, err error) error {
	var known *DamagedError
	var large *TooLargeError
	if err == nil || ctx.Err() != nil || errors.As(err, &known) || errors.As(err, &large) {
		return err
	}
	folders, failed := l.texts(ctx, "select folder from ("+queries.Text("ledger/slice_folders.sql")+") order by folder")
	if failed != nil {
		return err
	}
	for _, folder := range folders {
		files, failed := l.folderFiles(folder)
		if failed != nil {
			continue // what is not there is no damaged file, and a slice without rows has none
		}
		for _, file := range files {
			if failed := l.DB.CheckParquet(ctx, file); failed != nil && ctx.Err() == nil {
				return &DamagedError{file, failed}
			}
		}
	}
	var check *CheckError
	if !errors.As(err, &check) || l.DB.Table(ctx, "days_now", queries.Text("attribute/usage_days.sql")) != nil {
		return err
	}
	altered, failed := l.texts(ctx, queries.Text("ledger/altered_slices.sql"))
	if failed != nil || len(altered) == 0 {
		return err
	}
	return &DamagedError{l.path(usageFolder, altered[0]), fmt.Errorf("its rows are not those that were loaded: %w", err)}
}
