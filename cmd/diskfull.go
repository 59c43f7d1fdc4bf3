package cmd

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/report"
)

// diskFullError says which disk has no space left.
type diskFullError struct {
	folder string // on that disk
	free   int64  // bytes
	err    error
}

func (e *diskFullError) Error() string {
	return fmt.Sprintf("the disk of %s is full (%s free): %v", e.folder, report.Bytes(e.free), e.err)
}

func (e *diskFullError) Unwrap() error { return e.err }

// Try returns the way out.
func (e *diskFullError) Try() string {
	return "make room on that disk and run again; what was committed before is kept, and the reports are a complete set"
}

// diskFull names the disk in an error that comes from a full one; every other error it returns as it is.
func diskFull(c Config, err error) error {
	if err == nil || !errors.Is(err, syscall.ENOSPC) && !strings.Contains(err.Error(), "No space left on device") { // the engine gives no more than text
		return err
	}
	e := &diskFullError{err: err}
	for _, folder := range []string{c.Ledger, c.Report.Dir} {
		if free, failed := ingest.FreeSpace(folder); failed == nil && (e.folder == "" || free < e.free) {
			e.folder, e.free = folder, free
		}
	}
	if e.folder == "" {
		return err
	}
	return e
}
