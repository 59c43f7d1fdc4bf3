package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// ErrInUse says that another run holds the ledger. It is wrapped by an error that names that run.
var ErrInUse = errors.New("the ledger is in use")

// Holder is what the lock file says about the run that holds the ledger.
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

// lockLedger creates the folder of a ledger if needed, and takes its lock. Close unlocks it.
func lockLedger(ctx context.Context, o Options) (*Ledger, error) {
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("make ledger folder: %w", err)
	}
	l := newLedger(o)
	l.lock = flock.New(l.Path(lockFile), flock.SetPermissions(0o600))
	return l, l.acquire(ctx)
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
		return inUse(l.folder, ReadHolder(l.folder))
	}
	return nil
}

// signIn records who holds the ledger, and removes what a killed run was working on.
func (l *Ledger) signIn() error {
	who := l.Path(lockFile + ".holder")
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
	if err := os.RemoveAll(l.Path(StagingFolder)); err != nil {
		return fmt.Errorf("clear staging folder: %w", err)
	}
	if err := os.MkdirAll(l.Path(StagingFolder), 0o700); err != nil {
		return fmt.Errorf("make ledger folder: %w", err)
	}
	return nil
}

// ReadHolder reads who held the ledger last; nil if the file does not tell. It is current only while the lock is held.
func ReadHolder(folder string) *Holder {
	var h Holder
	b, err := os.ReadFile(filepath.Join(folder, lockFile+".holder"))
	if err != nil || json.Unmarshal(b, &h) != nil {
		return nil
	}
	return &h
}

// inUse is the error for a ledger that a run holds.
func inUse(folder string, h *Holder) *InUseError {
	e := &InUseError{Folder: folder}
	if h != nil {
		e.Holder = h.String()
	}
	return e
}

// A run waits for readers, who are done in seconds, and not for another run.
const (
	readersLimit = 30 * time.Second
	readersPause = 50 * time.Millisecond
)

// waitForReaders waits for readers to finish and takes the lock; it returns false if a run holds it.
func (l *Ledger) waitForReaders(ctx context.Context) (bool, error) {
	for until := time.Now().Add(readersLimit); ; {
		probe := flock.New(l.Path(lockFile), flock.SetFlag(os.O_RDONLY))
		shared, err := probe.TryRLock()
		if err := errors.Join(err, probe.Close()); err != nil || !shared {
			return false, err
		}
		if time.Now().After(until) {
			return false, &InUseError{Folder: l.folder, Holder: "a command that reads it, such as pidledger status"}
		}
		select {
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case <-time.After(readersPause):
		}
		if ok, err := l.lock.TryLock(); ok || err != nil {
			return ok, err
		}
	}
}
