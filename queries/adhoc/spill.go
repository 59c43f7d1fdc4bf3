package adhoc

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// A spill is a private folder for what does not fit into memory, below a given folder or else the system's temporary one. Its owner deletes it; if
// the owner was killed, any later process does.
type spill struct {
	folder string
	lock   *flock.Flock // the operating system frees it when the owner dies, however it dies
}

const (
	spillPrefix = "pidledger-query-"
	spillLock   = "lock"
)

// TempError says that no temporary file can be created.
type TempError struct {
	Folder string
	err    error
}

func (e *TempError) Error() string {
	return fmt.Sprintf("cannot create a temporary file in %s: %v", e.Folder, e.err)
}

func (e *TempError) Unwrap() error { return e.err }

// Try returns the way out.
func (e *TempError) Try() string {
	return "set the environment variable TMPDIR (on Windows TMP) to a folder that exists and is writable"
}

// newSpill creates a spill below a folder. If below is empty, that is the system's temporary folder, and the spills of dead processes there are
// swept.
func newSpill(below string) (*spill, error) {
	if below == "" {
		sweepSpills()
	}
	folder, err := os.MkdirTemp(below, spillPrefix) // mode 0700
	if err != nil && below != "" {
		return nil, err
	}
	if err != nil {
		return nil, &TempError{os.TempDir(), err}
	}
	s := &spill{folder, flock.New(filepath.Join(folder, spillLock), flock.SetPermissions(0o600))}
	if ok, err := s.lock.TryLock(); err != nil || !ok {
		return nil, errors.Join(fmt.Errorf("lock the folder to spill to %s: %w", folder, err), os.RemoveAll(folder))
	}
	return s, nil
}

func (s *spill) remove() error {
	return errors.Join(s.lock.Close(), os.RemoveAll(s.folder))
}

// sweepSpills removes the spills of dead processes, as far as permissions allow.
func sweepSpills() {
	entries, err := os.ReadDir(os.TempDir())
	if err != nil {
		return // making a spill there reports it
	}
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), spillPrefix) {
			continue
		}
		folder := filepath.Join(os.TempDir(), e.Name())
		file := filepath.Join(folder, spillLock)
		info, err := os.Lstat(file) // anybody can write to the temporary folder: a link there may lead anywhere
		switch {
		case errors.Is(err, fs.ErrNotExist):
			// Its owner is about to lock it, or died before, or an older version made it.
			if made, err := e.Info(); err == nil && time.Since(made.ModTime()) > 24*time.Hour {
				os.RemoveAll(folder) //nolint:errcheck // best effort: the next one tries again
			}
		case err == nil && info.Mode().IsRegular():
			lock := flock.New(file)
			if ok, err := lock.TryLock(); err == nil && ok {
				os.RemoveAll(folder) //nolint:errcheck // best effort: the next one tries again
			}
			lock.Close() //nolint:errcheck // nothing was written to it
		}
	}
}
