package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sync/errgroup"

	"github.com/pidledger/pidledger/ingest/digest"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// The catalog knows every Parquet file of the ledger with its size and SHA-256 (table ledger_files): damage by a disk, a copy or a person must not
// become a figure. A file is entered before it is moved into place, so a file that the catalog does not know was never written for this ledger. It
// is hashed again if its inode, time or size has changed since it was last found intact, and by Check.

// FileState is what the catalog knows about a file of the ledger.
type FileState struct {
	bytes           int64
	sha256          string
	inode, modified int64
}

var ledgerFileColumns = columnar.Schema{
	{Name: "path", Type: columnar.String}, {Name: "bytes", Type: columnar.Int}, {Name: "sha256", Type: columnar.String},
	{Name: "inode", Type: columnar.Int}, {Name: "modified_ns", Type: columnar.Int},
}

// Store is the Parquet files of a ledger, each known to the catalog by its size and hash.
type Store struct {
	db       *engine.DB
	batches  *Batches
	folder   string // of the ledger
	threads  int
	readOnly bool
	kept     folderStates // what the catalog knows; nil: not read yet
}

func (s *Store) path(parts ...string) string {
	return filepath.Join(append([]string{s.folder}, parts...)...)
}

// folderStates are the states of files by their folder, such as usage/0123456789abcdef, and their path in it.
type folderStates map[string]map[string]FileState

// add adds the state of a file of the ledger, by its path.
func (f folderStates) add(name string, s FileState) {
	top, rest, _ := strings.Cut(name, "/")
	inside, rel, _ := strings.Cut(rest, "/")
	folder := top + "/" + inside
	if f[folder] == nil {
		f[folder] = map[string]FileState{}
	}
	f[folder][rel] = s
}

// states returns what the catalog knows about the files of the ledger.
func (s *Store) states(ctx context.Context) (folderStates, error) {
	if s.kept != nil {
		return s.kept, nil
	}
	kept := folderStates{}
	files, err := engine.Ask[struct {
		Path, SHA256             string
		Bytes, Inode, ModifiedNs int64
	}](ctx, s.db, queries.Text("ledger/ledger_files.sql"))
	if err != nil {
		return nil, fmt.Errorf("read which files the ledger has: %w", err)
	}
	for _, f := range files {
		kept.add(f.Path, FileState{f.Bytes, f.SHA256, f.Inode, f.ModifiedNs})
	}
	s.kept = kept
	return kept, nil
}

// stateOf reads a file and returns its state.
func stateOf(ctx context.Context, name string) (FileState, error) {
	info, err := os.Lstat(name)
	if err != nil {
		return FileState{}, err
	}
	is := FileState{inode: engine.Inode(info), modified: info.ModTime().UnixNano()}
	is.bytes, is.sha256, err = digest.File(ctx, name)
	return is, err
}

// compare says why a file is not the one that the catalog knows; "" if it is. It reads the file if always is set, or if the file was touched since
// it was last found intact; now is then its current state.
func (was FileState) compare(ctx context.Context, name string, always bool) (why string, now FileState, err error) {
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return missing, was, nil
	case err != nil:
		return "", was, err
	case !info.Mode().IsRegular():
		return "it is not a file", was, nil
	case info.Size() != was.bytes:
		return fmt.Sprintf("it has %d bytes, not %d", info.Size(), was.bytes), was, nil
	case !always && was.inode == engine.Inode(info) && was.modified == info.ModTime().UnixNano():
		return "", was, nil
	}
	now, err = stateOf(ctx, name)
	switch {
	case errors.Is(err, syscall.EIO):
		return err.Error(), was, nil // the disk cannot read it
	case err != nil:
		return "", was, err
	case now.bytes != was.bytes || now.sha256 != was.sha256:
		return otherBytes, was, nil
	}
	return "", now, nil
}

// Enter enters files of the ledger into the catalog, in the transaction that the caller has begun.
func (s *Store) Enter(ctx context.Context, files map[string]FileState) error {
	if len(files) == 0 {
		return nil
	}
	for name, is := range files {
		if s.kept != nil {
			s.kept.add(name, is)
		}
	}
	b := columnar.NewBatch(ledgerFileColumns)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		is := files[name]
		b.Str(0, name)
		b.Int(1, is.bytes)
		b.Str(2, is.sha256)
		b.Int(3, is.inode)
		b.Int(4, is.modified)
		b.EndRow()
	}
	if err := s.batches.Temp(ctx, "entered_files", b); err != nil {
		return err
	}
	return s.db.Exec(ctx, queries.Text("ledger/enter_files.sql"))
}

// StatesBelow reads the Parquet files below a folder, on all processors, and returns their states by their path in it, with forward slashes.
func (s *Store) StatesBelow(ctx context.Context, folder string) (map[string]FileState, error) {
	var names []string
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(name) == ".parquet" {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out := map[string]FileState{}
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(s.threads)
	for _, name := range names {
		g.Go(func() error {
			is, err := stateOf(ctx, name)
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(folder, name)
			mu.Lock()
			defer mu.Unlock()
			out[filepath.ToSlash(rel)] = is
			return err
		})
	}
	return out, g.Wait()
}

// MoveIn moves folders to their places in usage, by the names that they get there. Their files are entered into the catalog first, so a folder that
// a killed run leaves is known; nothing else is ever swept.
func (s *Store) MoveIn(ctx context.Context, folders map[string]string) error {
	if len(folders) == 0 {
		return nil
	}
	files := map[string]FileState{}
	for name, from := range folders {
		found, err := s.StatesBelow(ctx, from)
		if err != nil {
			return err
		}
		for rel, is := range found {
			files[path.Join(UsageFolder, name, rel)] = is
		}
	}
	if err := s.db.InTx(ctx, func() error { return s.Enter(ctx, files) }); err != nil {
		return err
	}
	for name, from := range folders {
		final := s.path(UsageFolder, name)
		if err := errors.Join(os.RemoveAll(final), os.Rename(from, final)); err != nil {
			return err
		}
	}
	return nil
}

// adopt enters the files of slices that were loaded before the catalog knew its files; they are taken as they are.
func (s *Store) adopt(ctx context.Context) error {
	kept, err := s.states(ctx)
	if err != nil {
		return err
	}
	folders, err := sliceFolders(ctx, s.db)
	if err != nil {
		return err
	}
	files := map[string]FileState{}
	for folder := range folders {
		if kept[path.Join(UsageFolder, folder)] != nil {
			continue
		}
		found, err := s.StatesBelow(ctx, s.path(UsageFolder, folder))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for rel, is := range found {
			files[path.Join(UsageFolder, folder, rel)] = is
		}
	}
	return s.Enter(ctx, files)
}
