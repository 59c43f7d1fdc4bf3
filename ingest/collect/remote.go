package collect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/pidledger/pidledger/ingest/blob"
)

// remote is a folder in Blob Storage. It is this call's alone while that holds the lease of a blob there; should it lose the lease and not know
// it yet, its notes are still refused, for they replace only what it wrote or read itself.
type remote struct {
	to *blob.Container
	at blob.Location

	mu   sync.Mutex
	tags map[string]string // of the notes, by name
}

func (r *remote) spell(name string) string { return r.at.Of(r.at.Blob(name)) }

func (r *remote) lock(ctx context.Context) (context.Context, func() error, error) {
	held, unlock, err := r.to.Lock(ctx, r.at.Blob(lockName))
	if errors.Is(err, blob.ErrLocked) {
		return nil, nil, &InUseError{r.at.String()}
	}
	return held, unlock, err
}

func (r *remote) read(ctx context.Context, name string) ([]byte, error) {
	data, tag, err := r.to.Read(ctx, r.at.Blob(name))
	if blob.IsGone(err) {
		return nil, fs.ErrNotExist
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tags[name] = tag
	return data, err
}

func (r *remote) replace(ctx context.Context, name string, data []byte) error {
	r.mu.Lock()
	was := r.tags[name]
	r.mu.Unlock()
	tag, err := r.to.Replace(ctx, r.at.Blob(name), data, was)
	if blob.IsConflict(err) {
		return fmt.Errorf("another pidledger collect wrote there at the same time: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tags[name] = tag
	return err
}

func (r *remote) begin(dir, name string) (draft, error) {
	return remoteDraft{r.to.Draft(func(n int) string { return r.at.Blob(numbered(dir, name, n)) })}, nil
}

// remoteDraft is a blob that nobody sees yet.
type remoteDraft struct{ *blob.Draft }

func (remoteDraft) discard() {} // the service forgets what was sent of it
