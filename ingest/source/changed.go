package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// ChangedError says that a file is not the one that was listed or opened any longer: what was read of it may be half of the old and half
// of the new content, and does not count.
type ChangedError struct {
	How string // what changed, such as: it had 120 bytes and has 60
}

func (e *ChangedError) Error() string {
	return "the file changed while it was read (" + e.How + "): it does not count now, the next run reads it again"
}

// CheckListed tells whether the file that was opened is still as a listing showed it a while ago. The error is a *ChangedError.
//
// The number of the file (inode) is not compared here: file systems in user space, such as those for blobs, give a new one when a file is
// opened again.
func (f *File) CheckListed(size int64, modified time.Time) error {
	return compare(size, modified, f.info)
}

// CheckUnchanged tells whether the file is still as it was when it was opened, and whether its path still leads to it. The error is a
// *ChangedError. Call it after the last read and before Close.
func (f *File) CheckUnchanged() error {
	open, err := f.raw.Stat()
	if err != nil {
		return err
	}
	if err := compare(f.info.Size(), f.info.ModTime(), open); err != nil {
		return err
	}
	now, err := os.Stat(f.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &ChangedError{How: "it was deleted"}
	case err != nil:
		return err
	case !os.SameFile(now, open):
		return &ChangedError{How: "another file took its place"}
	}
	return nil
}

// compare compares size and time of modification, to the microsecond that the ledger keeps, with those of before.
func compare(size int64, modified time.Time, now fs.FileInfo) error {
	at := now.ModTime().Truncate(time.Microsecond)
	switch {
	case now.Size() != size:
		return &ChangedError{How: fmt.Sprintf("it had %d bytes and has %d", size, now.Size())}
	case !at.Equal(modified.Truncate(time.Microsecond)):
		return &ChangedError{How: "it was written to at " + at.UTC().Format("15:04:05.000000") + " UTC"}
	}
	return nil
}
