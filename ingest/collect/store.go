package collect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"github.com/pidledger/pidledger/ingest/blob"
)

// store is where a collection is kept: a folder of this machine, or one in Blob Storage. Names are below it, with slashes.
type store interface {
	// lock keeps other collections out until unlock. held ends when the store is no longer this call's alone. Errors: *InUseError.
	lock(ctx context.Context) (held context.Context, unlock func() error, err error)
	// read reads a note. Errors: fs.ErrNotExist.
	read(ctx context.Context, name string) ([]byte, error)
	// replace writes a note, whole or not at all.
	replace(ctx context.Context, name string, data []byte) error
	// begin begins a file that is seen when it is whole, and not before.
	begin(dir, name string) (draft, error)
	// spell is a name as people know it.
	spell(name string) string
}

// draft is a file that is being written.
type draft interface {
	Write(ctx context.Context, data []byte) error
	// Keep gives the file its name, or that name with a number when another has it.
	Keep(ctx context.Context) error
	discard()
}

// store opens the place that the options name.
func (o Options) store() (store, error) {
	if !blob.IsLocation(o.Dir) {
		return local(o.Dir), nil
	}
	at, err := blob.Parse(o.Dir)
	if err != nil {
		return nil, err
	}
	to, err := o.Storage.Open(at)
	if err != nil {
		return nil, err
	}
	return &remote{to: to, at: at, tags: map[string]string{}}, nil
}

// numbered is the name of the n-th file that would have the same.
func numbered(dir, name string, n int) string {
	if n > 1 {
		name += fmt.Sprintf("-%d", n)
	}
	return path.Join(dir, name+".json")
}

// local is a folder of this machine.
type local string

func (l local) spell(name string) string { return filepath.Join(string(l), filepath.FromSlash(name)) }

// lockName is the file that is locked. Its dot keeps it out of what `run` reads.
const lockName = ".lock"

func (l local) lock(ctx context.Context) (context.Context, func() error, error) {
	if err := os.MkdirAll(string(l), 0o700); err != nil {
		return nil, nil, err
	}
	lock := flock.New(l.spell(lockName), flock.SetPermissions(0o600))
	free, err := lock.TryLock()
	if err != nil {
		return nil, nil, err
	}
	if !free {
		return nil, nil, &InUseError{string(l)}
	}
	if err := sweep(string(l)); err != nil {
		return nil, nil, errors.Join(err, lock.Close())
	}
	return ctx, lock.Close, nil
}

// sweep removes what calls that were killed left. Nobody else is at work in the folder.
func sweep(root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && d.Type().IsRegular() && strings.HasPrefix(d.Name(), ".new-") {
			return os.Remove(path)
		}
		return err
	})
}

func (l local) read(_ context.Context, name string) ([]byte, error) {
	return os.ReadFile(l.spell(name))
}

func (l local) replace(_ context.Context, name string, data []byte) error {
	f, err := l.create(path.Split(name))
	if err != nil {
		return err
	}
	if _, err := f.tmp.Write(data); err != nil {
		f.discard()
		return err
	}
	return f.commit(l.spell(name))
}

func (l local) begin(dir, name string) (draft, error) { return l.create(dir, name) }

// create begins a file under a hidden name.
func (l local) create(dir, name string) (*localDraft, error) {
	if err := os.MkdirAll(l.spell(dir), 0o700); err != nil {
		return nil, err
	}
	tmp, err := os.CreateTemp(l.spell(dir), ".new-"+strings.TrimPrefix(name, ".")+"-*") // 0600
	return &localDraft{l, tmp, dir, name}, err
}

// localDraft is a file under a hidden name.
type localDraft struct {
	to        local
	tmp       *os.File
	dir, name string
}

func (f *localDraft) Write(_ context.Context, data []byte) error {
	_, err := f.tmp.Write(data)
	return err
}

func (f *localDraft) discard() {
	f.tmp.Close()
	os.Remove(f.tmp.Name()) //nolint:errcheck // the next call sweeps it away
}

func (f *localDraft) Keep(context.Context) error {
	for n := 1; ; n++ {
		name := f.to.spell(numbered(f.dir, f.name, n))
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			return f.commit(name)
		} else if err != nil {
			f.discard()
			return err
		}
	}
}

// commit gives the file its name.
func (f *localDraft) commit(name string) error {
	err := errors.Join(f.tmp.Sync(), f.tmp.Close())
	if err == nil {
		err = os.Rename(f.tmp.Name(), name)
	}
	if err != nil {
		os.Remove(f.tmp.Name()) //nolint:errcheck // the next call sweeps it away
	}
	return err
}
