package blob

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// Cache is a bounded folder of blobs that were fetched, so that they can be read like files of this machine. It is safe for concurrent use.
//
// A blob is fetched under the ETag that it was listed with. What was fetched of a large one stays when the connection, or the process, ends;
// a blob that only grows is read on where it ended. When room is needed, the oldest blobs go; those that are being read never do, and the
// small ones, which may be manifests, last.
type Cache struct {
	folder string
	max    int64
	tell   func(bytes int64)
	lock   *flock.Flock
	own    bool // the folder is of this process alone

	mu    sync.Mutex // guards the rest
	cond  *sync.Cond // something was fetched, or is not read any longer
	files map[string]*cached
	total int64
}

// cached is a blob in the cache.
type cached struct {
	size     int64 // bytes that are kept for it
	modified time.Time
	ready    bool // all of it is there
	busy     bool // it is being fetched
	wanted   bool // it was fetched ahead, and not read yet
	pins     int  // how often it is open
	told     bool // its bytes were told of
}

const (
	partMark = ".part"
	doneMark = ".done"
	lockName = ".lock"
	// smallBlob is the size up to which a blob goes last.
	smallBlob = 64 << 10
)

// OpenCache opens a folder that is made when it is not there. tell is told of every byte that arrives. Another process that uses the same
// folder at the same time has one below it of its own, which goes with it.
func OpenCache(folder string, most int64, tell func(bytes int64)) (*Cache, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the cache folder: %w", err)
	}
	c := &Cache{folder: folder, max: most, tell: tell, files: map[string]*cached{}, lock: flock.New(filepath.Join(folder, lockName), flock.SetPermissions(0o600))}
	c.cond = sync.NewCond(&c.mu)
	free, err := c.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the cache folder %s: %w", folder, err)
	}
	if !free {
		c.own = true
		c.folder, err = os.MkdirTemp(folder, "beside-")
		return c, err
	}
	return c, c.load()
}

// load finds what earlier runs fetched.
func (c *Cache) load() error {
	entries, err := os.ReadDir(c.folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(c.folder, e.Name())
		name, part := strings.CutSuffix(e.Name(), partMark)
		switch info, err := e.Info(); {
		case err != nil:
			return err
		case e.IsDir() && strings.HasPrefix(e.Name(), "beside-"): // of a process that was killed, or of one that is at work: then it fails, and says so
			if time.Since(info.ModTime()) > 24*time.Hour {
				if err := os.RemoveAll(path); err != nil {
					return err
				}
			}
		case e.IsDir() || !cacheName.MatchString(name):
		default:
			c.files[name] = &cached{size: info.Size(), modified: info.ModTime(), ready: !part}
			c.total += info.Size()
		}
	}
	return nil
}

// Close lets other processes use the folder.
func (c *Cache) Close() error {
	if c.own {
		return errors.Join(os.RemoveAll(c.folder), c.lock.Close())
	}
	return c.lock.Close()
}

// ClearCache empties the cache folder: what was fetched may be of a customer who is forgotten. A folder that is not there is empty.
func ClearCache(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	}
	for _, e := range entries {
		name := strings.TrimSuffix(strings.TrimSuffix(e.Name(), doneMark), partMark)
		if cacheName.MatchString(name) {
			err = errors.Join(err, os.Remove(filepath.Join(folder, e.Name())))
		}
	}
	return err
}

// nameOf names the file of a blob. It says nothing of the blob: names of blobs may name customers. A blob that only grows keeps its file.
func nameOf(where string, item Item) string {
	version := item.ETag
	if item.Append {
		version = "append " + item.Created.Format(time.RFC3339Nano)
	}
	sum := sha256.Sum256([]byte(where + "\n" + version))
	return hex.EncodeToString(sum[:20])
}

// Get makes a file of a blob, as it was listed. The file stays until release is called. The error is one of IsChanged when the blob is not
// as it was listed.
func (c *Cache) Get(ctx context.Context, from *Container, item Item) (path string, release func(), err error) {
	name := nameOf(from.place.Of(item.Name), item)
	if err := c.ensure(ctx, from, item, name, false); err != nil {
		return "", nil, err
	}
	path = filepath.Join(c.folder, name)
	return path, sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.files[name].pins--
		c.cond.Broadcast()
	}), nil
}

// Blob is a blob of a container.
type Blob struct {
	From *Container
	Item Item
}

// aheadOf is how many blobs are fetched at once before they are asked for.
const aheadOf = 8

// Ahead fetches blobs that will be asked for in this order, as far as there is room. What goes wrong is said when they are asked for.
func (c *Cache) Ahead(ctx context.Context, blobs []Blob) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	queue := make(chan Blob)
	var wg sync.WaitGroup
	for range min(aheadOf, len(blobs)) {
		wg.Go(func() {
			for b := range queue {
				_ = c.ensure(ctx, b.From, b.Item, nameOf(b.From.place.Of(b.Item.Name), b.Item), true) // see above
			}
		})
	}
	wg.Go(func() {
		defer close(queue)
		for _, b := range blobs {
			select {
			case queue <- b:
			case <-ctx.Done():
				return
			}
		}
	})
	return func() {
		cancel()
		wg.Wait()
	}
}

// ensure sees to it that a blob is there; ahead: for later, else it is pinned.
func (c *Cache) ensure(ctx context.Context, from *Container, item Item, name string, ahead bool) error {
	if item.Size > c.max {
		return &Error{
			Do: "fetch", Where: from.place.Of(item.Name), Reason: fmt.Sprintf("it has %d bytes, and cache.max allows %d", item.Size, c.max),
			Hint: "set cache.max to more than the largest blob", answer: true,
		}
	}
	defer context.AfterFunc(ctx, c.wake)()
	c.mu.Lock()
	defer c.mu.Unlock()
	f, err := c.claim(ctx, item, name, ahead)
	if err != nil {
		return err
	}
	if f.busy {
		c.mu.Unlock()
		err := c.fetch(ctx, from, item, name)
		c.mu.Lock()
		f.busy = false
		c.cond.Broadcast()
		if err != nil {
			c.settle(name, f)
			return err
		}
		f.ready, f.told = true, true
	}
	if !f.told {
		f.told = true
		c.tell(item.Size)
	}
	f.modified = item.Modified
	if ahead {
		f.wanted = true
		return nil
	}
	f.wanted = false
	f.pins++
	return os.Chtimes(filepath.Join(c.folder, name), item.Modified, item.Modified)
}

// wake lets those look again who wait for something.
func (c *Cache) wake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cond.Broadcast()
}

// claim waits until a blob is there, or until there is room for it: then it is busy, and the caller fetches it.
func (c *Cache) claim(ctx context.Context, item Item, name string, ahead bool) (*cached, error) {
	for {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		f := c.files[name]
		switch {
		case f != nil && f.busy:
		case f != nil && f.ready && f.size == item.Size:
			return f, nil
		default:
			if f == nil {
				f = &cached{}
			}
			c.files[name] = f
			f.busy = true // so that it is not what makes room
			if c.reserve(f, item, ahead) {
				return f, nil
			}
			if f.busy = false; f.size == 0 {
				delete(c.files, name)
			}
		}
		c.cond.Wait()
	}
}

// settle counts what is left of a blob that was not fetched as a whole.
func (c *Cache) settle(name string, f *cached) {
	c.total -= f.size
	f.ready = false
	info, err := os.Stat(filepath.Join(c.folder, name+partMark))
	if err != nil {
		delete(c.files, name)
		return
	}
	f.size = info.Size()
	c.total += f.size
}

// reserve makes room for the bytes of a blob that are not there yet; false: there is none now. Who needs the blob now may take the room of
// what was fetched ahead.
func (c *Cache) reserve(f *cached, item Item, ahead bool) bool {
	need := item.Size - f.size
	c.evict(need, false)
	if !ahead {
		c.evict(need, true)
	}
	if c.total+need > c.max {
		return false
	}
	f.size = item.Size
	c.total += need
	return true
}

// evict removes blobs until there is room for so many bytes: never those in use, and those that were fetched ahead only when asked.
func (c *Cache) evict(need int64, wanted bool) {
	if c.total+need <= c.max {
		return
	}
	var names []string
	for name, f := range c.files {
		if f.pins == 0 && !f.busy && (wanted || !f.wanted) {
			names = append(names, name)
		}
	}
	small := func(f *cached) int {
		if f.size <= smallBlob {
			return 1
		}
		return 0
	}
	slices.SortFunc(names, func(a, b string) int {
		f, g := c.files[a], c.files[b]
		return cmp.Or(cmp.Compare(small(f), small(g)), f.modified.Compare(g.modified), strings.Compare(a, b))
	})
	for _, name := range names {
		if c.total+need <= c.max {
			return
		}
		path := filepath.Join(c.folder, name)
		removed := true
		for _, file := range []string{path, path + partMark, path + partMark + doneMark} {
			if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
				removed = false // it goes on taking its room
			}
		}
		if removed {
			c.total -= c.files[name].size
			delete(c.files, name)
		}
	}
}

// fetch brings a blob into its file, or what is missing of it. Nothing else works on the file meanwhile.
func (c *Cache) fetch(ctx context.Context, from *Container, item Item, name string) error {
	path := filepath.Join(c.folder, name)
	part := path + partMark
	if info, err := os.Stat(path); err == nil { // of a blob that has grown
		if err := os.Rename(path, part); err != nil {
			return err
		}
		if err := writeProgress(part+doneMark, info.Size()); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	err = c.fill(ctx, from, item, file)
	if err == nil {
		err = file.Truncate(item.Size)
	}
	if err = errors.Join(err, file.Close()); err != nil {
		if IsChanged(err) {
			err = errors.Join(err, removeAll(part, part+doneMark))
		}
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	return removeAll(part + doneMark)
}

// fill reads a blob. One that grows while it is read is still the one that was listed, as far as that reached.
func (c *Cache) fill(ctx context.Context, from *Container, item Item, file *os.File) error {
	done, err := openProgress(file, item.Size)
	if err != nil {
		return err
	}
	for tries := 0; ; tries++ {
		err = from.read(ctx, item, file, done, c.tell)
		if err == nil || !IsChanged(err) || !item.Append || tries == 3 {
			return errors.Join(err, done.close())
		}
		now, lost := from.Look(ctx, item.Name)
		if lost != nil || !now.Append || !now.Created.Equal(item.Created) || now.Size < item.Size {
			return errors.Join(err, done.close())
		}
		item.ETag = now.ETag
	}
}

func removeAll(names ...string) (err error) {
	for _, name := range names {
		if e := os.Remove(name); e != nil && !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}
