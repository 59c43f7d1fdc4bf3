package collect_test

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/ingest/blob"
	"github.com/pidledger/pidledger/ingest/blob/blobtest"
	"github.com/pidledger/pidledger/ingest/collect"
)

// far is a collection into Blob Storage beside one into a folder.
type far struct {
	*fixture
	c *blobtest.Container
	p *blobtest.Proxy
}

func beginFar(t *testing.T) *far {
	f := &far{begin(t), blobtest.New(t), blobtest.NewProxy(t, nil)}
	for _, sub := range []string{one, two} {
		f.c.Put("evidence/"+sub+"/.collect.json", `{"activity":"2026-04-21T00:00:00Z"}`)
	}
	return f
}

func (f *far) send(ctx context.Context) (*collect.Result, error) {
	o := f.options()
	o.Dir = f.c.Location("evidence")
	o.Storage = blob.Access{Getenv: func(name string) string {
		if name == "AZURE_STORAGE_CONNECTION_STRING" {
			return f.p.Connection
		}
		return ""
	}}
	return collect.Collect(ctx, f.Access(), o)
}

// blobs are the contents of the container by name.
func (f *far) blobs() map[string]string {
	all := map[string]string{}
	for _, name := range f.c.Names("evidence/") {
		if !strings.HasSuffix(name, "/.lock") {
			all[strings.TrimPrefix(name, "evidence/")] = f.c.Get(name)
		}
	}
	return all
}

// files are those of the folder.
func (f *far) files() map[string]string {
	f.t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(os.DirFS(f.dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == ".lock" {
			return err
		}
		data, err := os.ReadFile(filepath.Join(f.dir, path))
		all[path] = string(data)
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return all
}

// What is collected into a container is what is collected into a folder, night after night, to the byte.
func TestAzureCollect(t *testing.T) {
	t.Parallel()
	f := beginFar(t)
	for night := range 3 {
		local := f.collect()
		r, err := f.send(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r.Dir = local.Dir
		if diff := cmp.Diff(local, r) + cmp.Diff(f.files(), f.blobs()); diff != "" {
			t.Errorf("night %d: folder and container differ (-folder +container):\n%s", night, diff)
		}
		f.Now = f.Now.Add(7 * time.Hour)
	}
	if len(f.blobs()) < 20 {
		t.Errorf("%d blobs", len(f.blobs()))
	}
}

// The service is busy, breaks connections off, and takes what it does not answer to: nothing is lost or doubled.
func TestAzureCollectFaults(t *testing.T) {
	t.Parallel()
	f := beginFar(t)
	f.collect()
	var n atomic.Int64
	f.p.Meddle(func(w http.ResponseWriter, r *http.Request) bool {
		switch n.Add(1) % 29 {
		case 5:
			return blobtest.Fail(w, http.StatusServiceUnavailable, "ServerBusy")
		case 11:
			panic(http.ErrAbortHandler)
		case 17:
			f.p.Forward(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		return false
	})
	if _, err := f.send(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f.files(), f.blobs()); diff != "" {
		t.Errorf("folder and container differ (-folder +container):\n%s", diff)
	}
}

// A call that ends anywhere leaves whole blobs; the next one does the rest.
func TestAzureCollectBreak(t *testing.T) {
	t.Parallel()
	f := beginFar(t)
	f.collect()
	puts := 0
	f.p.Meddle(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut || !strings.HasSuffix(r.URL.Path, ".json") {
			return false
		}
		puts++
		return puts > 7 && blobtest.Fail(w, http.StatusForbidden, "AuthorizationPermissionMismatch")
	})
	var own *blob.Error
	if _, err := f.send(t.Context()); !errors.As(err, &own) || own.Do != "write" || !strings.Contains(own.Reason, "does not allow it") {
		t.Fatal(err)
	}
	for name, text := range f.blobs() {
		if whole := f.files()[name]; !strings.HasSuffix(name, ".collect.json") && text != whole {
			t.Errorf("%s is not whole: %q", name, text)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	f.p.Meddle(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/operations/") {
			cancel()
		}
		return false
	})
	if _, err := f.send(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	f.p.Meddle(nil)
	if _, err := f.send(t.Context()); err != nil { // the lock is free
		t.Fatal(err)
	}
	names := slices.DeleteFunc(slices.Collect(maps.Keys(f.blobs())), func(name string) bool { return strings.Contains(name, "-2.json") })
	slices.Sort(names)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(f.files())), names); diff != "" {
		t.Errorf("folder and container differ (-folder +container):\n%s", diff)
	}
	done := f.blobs()
	for _, sub := range []string{one, two} {
		if name := sub + "/.collect.json"; done[name] != f.files()[name] {
			t.Errorf("%s: %s", name, done[name])
		}
	}
}

// Two calls do not meet in a container, not even when one has lost the lease and does not know it.
func TestAzureCollectInUse(t *testing.T) {
	t.Parallel()
	f := beginFar(t)
	var once atomic.Bool
	f.Meddle = func(http.ResponseWriter, *http.Request) bool {
		if once.CompareAndSwap(false, true) {
			if _, err := f.send(t.Context()); !errors.As(err, new(*collect.InUseError)) {
				t.Errorf("the second call: %v", err)
			}
		}
		return false
	}
	if _, err := f.send(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.Meddle = func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/eventtypes/") {
			f.c.Put("evidence/"+one+"/.collect.json", `{}`)
		}
		return false
	}
	if _, err := f.send(t.Context()); err == nil || !strings.Contains(err.Error(), "another pidledger collect wrote there at the same time") {
		t.Error(err)
	}
}

// A container that is not there is no reason to ask Azure for anything.
func TestAzureCollectNowhere(t *testing.T) {
	t.Parallel()
	f := beginFar(t)
	f.c.Name = "missing"
	var own *blob.Error
	if _, err := f.send(t.Context()); !errors.As(err, &own) || !strings.Contains(own.Reason, "there is no such container") || len(f.Requests()) > 0 {
		t.Errorf("%v", err)
	}
}
