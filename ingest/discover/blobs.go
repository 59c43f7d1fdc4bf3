package discover

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/pidledger/pidledger/ingest/blob"
	"github.com/pidledger/pidledger/ingest/source"
)

// Blobs is the Place of what lies in Blob Storage. A blob is fetched into a cache before it is read, under the ETag that it was listed with.
type Blobs struct {
	Access blob.Access
	Folder string // of the cache
	Max    int64  // bytes that it may take

	mu         sync.Mutex // guards the rest
	cache      *blob.Cache
	containers map[string]*blob.Container
	tell       func(bytes int64)
}

// CacheError says that something is wrong with the cache, which is no fault of a file.
type CacheError struct{ err error }

func (e *CacheError) Error() string { return "the cache of blobs: " + e.err.Error() }

// Unwrap gives the cause.
func (e *CacheError) Unwrap() error { return e.err }

// Tell has tell told of every byte that arrives.
func (b *Blobs) Tell(tell func(bytes int64)) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tell = tell
}

// told passes on how much has arrived.
func (b *Blobs) told(bytes int64) {
	b.mu.Lock()
	tell := b.tell
	b.mu.Unlock()
	if tell != nil {
		tell(bytes)
	}
}

// Close frees the cache for other processes.
func (b *Blobs) Close() error {
	if b == nil || b.cache == nil {
		return nil
	}
	return b.cache.Close()
}

// reach opens the cache, and the container of a location.
func (b *Blobs) reach(l blob.Location) (_ *blob.Container, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cache == nil {
		if b.cache, err = blob.OpenCache(b.Folder, b.Max, b.told); err != nil {
			return nil, &CacheError{err}
		}
	}
	key := l.Host + "/" + l.Container
	if c := b.containers[key]; c != nil {
		return c, nil
	}
	c, err := b.Access.Open(l)
	if err != nil {
		return nil, err
	}
	if b.containers == nil {
		b.containers = map[string]*blob.Container{}
	}
	b.containers[key] = c
	return c, nil
}

// List lists the blobs below a location, or the one that it names.
func (b *Blobs) List(ctx context.Context, s *Source, add func(File)) error {
	at, err := blob.Parse(s.Path)
	if err != nil {
		return &SourceError{Path: s.Path, Reason: "cannot be read: " + err.Error()}
	}
	from, err := b.reach(at)
	if err != nil {
		return unreachable(at, err)
	}
	some := false
	err = from.List(ctx, at.Blob(""), func(page []blob.Item) error {
		for _, item := range page {
			rel := strings.TrimPrefix(item.Name, at.Blob(""))
			if f, ok := b.file(from, item, at, rel, s); ok {
				add(f)
				some = true
			}
		}
		return nil
	})
	if err == nil && !some && at.Prefix != "" {
		item, lost := from.Look(ctx, at.Prefix)
		if lost == nil {
			if f, ok := b.file(from, item, at, path.Base(at.Prefix), s); ok {
				f.Root = path.Dir(at.Prefix)
				f.Root = strings.TrimSuffix(at.Of(strings.TrimPrefix(f.Root, ".")), "/")
				add(f)
			}
		} else if !blob.IsGone(lost) {
			err = lost
		}
	}
	if err != nil {
		return unreachable(at, err)
	}
	return nil
}

// unreachable says that a source in Blob Storage cannot be listed.
func unreachable(at blob.Location, err error) error {
	var own *blob.Error
	if !errors.As(err, &own) {
		return err
	}
	return &SourceError{Path: at.String(), Reason: "cannot be listed: " + own.Reason, Hint: cmp.Or(own.Hint, "correct `sources` in the config, or --source")}
}

// file makes a file of a blob; false for what is not to be read.
func (b *Blobs) file(from *blob.Container, item blob.Item, at blob.Location, rel string, s *Source) (File, bool) {
	if rel == "" || strings.HasSuffix(rel, "/") || isUnfinished(rel) {
		return File{}, false
	}
	for part := range strings.SplitSeq(rel, "/") {
		if strings.HasPrefix(part, ".") {
			return File{}, false
		}
	}
	f := File{
		Path: at.Of(item.Name), Root: at.String(), Size: item.Size, Modified: item.Modified.Truncate(time.Microsecond), ETag: item.ETag, Source: s,
		place: b, blob: &blob.Blob{From: from, Item: item},
	}
	if item.Archived {
		f.Trouble = "it is in the archive tier: az storage blob set-tier --tier Hot, and wait until it is back"
	}
	return f, true
}

// Open opens a blob: from the cache, into which it is fetched when it is not there.
func (b *Blobs) Open(ctx context.Context, f File) (*source.File, error) {
	local, release, err := b.cache.Get(ctx, f.blob.From, f.blob.Item)
	if err != nil {
		return nil, b.explain(ctx, err)
	}
	file, err := source.OpenAs(local, f.Name, source.Limits{})
	if err != nil {
		release()
		return nil, err
	}
	file.AfterClose(release)
	file.Counted()
	if err := file.CheckListed(f.Size, f.Modified); err != nil { // somebody meddles with the cache
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// explain tells what is wrong with a blob from what is wrong with this machine.
func (b *Blobs) explain(ctx context.Context, err error) error {
	var own *blob.Error
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case blob.IsGone(err):
		return &source.ChangedError{How: "it was deleted"}
	case blob.IsChanged(err):
		return &source.ChangedError{How: "it was overwritten"}
	case errors.As(err, &own):
		if own.Hint != "" {
			return fmt.Errorf("it cannot be fetched: %s: %s", own.Reason, own.Hint)
		}
		return fmt.Errorf("it cannot be fetched: %s", own.Reason)
	}
	return &CacheError{err}
}

// Ahead fetches blobs that will be opened next.
func (b *Blobs) Ahead(ctx context.Context, files []File) (stop func()) {
	var all []blob.Blob
	for _, f := range files {
		all = append(all, *f.blob)
	}
	return b.cache.Ahead(ctx, all)
}

// Check lists the folder that blobs lie in once more.
func (b *Blobs) Check(ctx context.Context, files []File) error {
	want := map[string]string{}
	folder := path.Dir(files[0].blob.Item.Name) + "/"
	for _, f := range files {
		want[f.blob.Item.Name] = f.ETag
		for folder != "./" && !strings.HasPrefix(f.blob.Item.Name, folder) {
			folder = path.Dir(strings.TrimSuffix(folder, "/")) + "/"
		}
	}
	err := files[0].blob.From.List(ctx, strings.TrimPrefix(folder, "./"), func(page []blob.Item) error {
		for _, item := range page {
			if tag, ours := want[item.Name]; ours && tag == item.ETag {
				delete(want, item.Name)
			}
		}
		return nil
	})
	if err != nil {
		return b.explain(ctx, err)
	}
	for _, f := range files {
		if _, missing := want[f.blob.Item.Name]; missing {
			return &source.ChangedError{How: path.Base(f.Name) + " was overwritten or deleted"}
		}
	}
	return nil
}
