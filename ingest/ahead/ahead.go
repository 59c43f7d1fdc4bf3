// Package ahead keeps what was read of usage files before the run that counts them (pidledger ingest --only).
//
// Several machines may read at once, without the lock of the ledger: each writes to a folder of its own, and moves what is complete to the folder
// `ahead` of the ledger. An entry there is a slice: its Parquet files and a note of what reading gave besides. Its name is a digest of all that
// reading depends on, so machines that read the same write the same entry, and one that is out of date is not looked for. No entry counts. A run
// that is about to read a slice takes its entry instead, and sweeps what it did not take when it commits.
package ahead

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/pidledger/pidledger/ingest/digest"
	"github.com/pidledger/pidledger/ingest/durable"
)

const (
	folderName = "ahead"    // in the folder of the ledger
	workPrefix = "reading-" // of the folder of a reader at work
	lockName   = "lock"     // in it; the operating system frees it when the reader dies
	noteName   = "note"     // in an entry
)

// Folder is what was read ahead for a ledger.
type Folder struct{ path string }

// Of is what was read ahead for the ledger in a folder.
func Of(ledger string) Folder { return Folder{filepath.Join(ledger, folderName)} }

// Has tells whether there is an entry.
func (f Folder) Has(name string) bool {
	_, err := os.Stat(filepath.Join(f.path, name, noteName))
	return err == nil
}

// DamagedError says that an entry is not as it was written.
type DamagedError struct{ File, Why string }

func (e *DamagedError) Error() string { return fmt.Sprintf("%s is damaged: %s", e.File, e.Why) }

// Take moves the Parquet files of an entry to a folder, in place of what is there, and returns its note. The error wraps fs.ErrNotExist if there is
// no such entry, and is a *DamagedError if it has changed since it was written; then it stays.
func (f Folder) Take(ctx context.Context, name, to string) ([]byte, error) {
	entry := filepath.Join(f.path, name)
	c, err := readCover(filepath.Join(entry, noteName))
	if err != nil {
		return nil, err
	}
	found, err := hashes(ctx, entry)
	if err != nil {
		return nil, err
	}
	for part, sum := range c.Parts {
		if found[part] != sum {
			return nil, &DamagedError{filepath.Join(entry, part), "it has other bytes than were written"}
		}
	}
	if len(found) != len(c.Parts) {
		return nil, &DamagedError{entry, "it holds more files than were written"}
	}
	if err := os.RemoveAll(to); err != nil {
		return nil, err
	}
	if err := os.Rename(entry, to); err != nil { // in one step: who is killed here leaves no half of it
		return nil, err
	}
	return c.Note, os.Remove(filepath.Join(to, noteName))
}

// Sweep removes all entries, and what readers left that were killed. Those at work are let alone.
func (f Folder) Sweep() error {
	entries, err := os.ReadDir(f.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(f.path, e.Name())
		if strings.HasPrefix(e.Name(), workPrefix) && isAtWork(path) {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("sweep what was read ahead: %w", err)
		}
	}
	return nil
}

// Wipe removes everything, also what a reader is at work on, which then fails.
func (f Folder) Wipe() error { return os.RemoveAll(f.path) }

// isAtWork tells whether the reader whose folder it is may be alive.
func isAtWork(folder string) bool {
	file := filepath.Join(folder, lockName)
	if info, err := os.Lstat(file); err != nil || !info.Mode().IsRegular() { // it is about to lock it, or died before
		made, err := os.Lstat(folder)
		return err == nil && time.Since(made.ModTime()) < time.Hour
	}
	lock := flock.New(file)
	defer lock.Close() //nolint:errcheck // nothing was written to it
	free, err := lock.TryLock()
	return err != nil || !free
}

// hashes are the SHA-256 of the Parquet files of a folder, by name.
func hashes(ctx context.Context, folder string) (map[string]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".parquet" || !e.Type().IsRegular() {
			continue
		}
		if _, out[e.Name()], err = digest.File(ctx, filepath.Join(folder, e.Name())); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// cover is what the file of the note holds, after a line with its SHA-256.
type cover struct {
	Parts map[string]string // SHA-256 of the Parquet files, by name
	Note  []byte
}

func readCover(file string) (c cover, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return c, err
	}
	const line = 2*sha256.Size + 1
	if len(data) < line || hashLine(data[line:]) != string(data[:line]) {
		return c, &DamagedError{file, "it has other bytes than were written"}
	}
	if err := json.Unmarshal(data[line:], &c); err != nil {
		return c, &DamagedError{file, err.Error()}
	}
	return c, nil
}

func hashLine(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]) + "\n"
}

// Writer adds entries. It is used by one reader.
type Writer struct {
	to     Folder
	folder string
	lock   *flock.Flock
}

// NewWriter makes a private folder to work in.
func (f Folder) NewWriter() (*Writer, error) {
	if err := os.MkdirAll(f.path, 0o700); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(f.path, workPrefix)
	if err != nil {
		return nil, err
	}
	w := &Writer{f, folder, flock.New(filepath.Join(folder, lockName), flock.SetPermissions(0o600))}
	if ok, err := w.lock.TryLock(); err != nil || !ok {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", folder, err), os.RemoveAll(folder))
	}
	return w, nil
}

// Path is the private folder.
func (w *Writer) Path() string { return w.folder }

// Put makes an entry of a folder with Parquet files, which lies in the private one, and a note. It appears whole or not at all. If there is one of
// that name, it stays.
func (w *Writer) Put(ctx context.Context, name, entry string, note []byte) error {
	parts, err := hashes(ctx, entry)
	if err != nil {
		return err
	}
	text, err := json.Marshal(cover{parts, note})
	if err != nil {
		return err
	}
	if err := durable.Write(filepath.Join(entry, noteName), slices.Concat([]byte(hashLine(text)), text)); err != nil {
		return err
	}
	if err := os.Rename(entry, filepath.Join(w.to.path, name)); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// Close removes the folder.
func (w *Writer) Close() error {
	return errors.Join(os.RemoveAll(w.folder), w.lock.Close())
}
