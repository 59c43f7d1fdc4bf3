package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pidledger/pidledger/ingest/blob"
	"github.com/pidledger/pidledger/ingest/blob/blobtest"
)

// reach opens a container with a connection string, or with a file of secrets.
func reach(t *testing.T, c *blobtest.Container, connection, file string) (*blob.Container, error) {
	t.Helper()
	at, err := blob.Parse(c.Location(""))
	if err != nil {
		t.Fatal(err)
	}
	return blob.Access{Credentials: file, Getenv: func(name string) string {
		if name == "AZURE_STORAGE_CONNECTION_STRING" {
			return connection
		}
		return ""
	}}.Open(at)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// listed lists a container.
func listed(t *testing.T, c *blob.Container, prefix string) (items []blob.Item) {
	t.Helper()
	must(t, c.List(t.Context(), prefix, func(page []blob.Item) error {
		items = append(items, page...)
		return nil
	}))
	return items
}

// cached opens a cache in a folder; told counts what arrives.
func cached(t *testing.T, dir string, most int64) (c *blob.Cache, told *atomic.Int64) {
	t.Helper()
	told = new(atomic.Int64)
	c, err := blob.OpenCache(dir, most, func(n int64) { told.Add(n) })
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	return c, told
}

// content fetches a blob and reads it.
func content(t *testing.T, c *blob.Cache, from *blob.Container, item blob.Item) string {
	t.Helper()
	path, release, err := c.Get(t.Context(), from, item)
	must(t, err)
	defer release()
	data, err := os.ReadFile(path)
	must(t, err)
	return string(data)
}

// large is a text of several chunks that tells where each byte belongs.
func large(bytes int) string {
	var b strings.Builder
	for b.Len() < bytes {
		fmt.Fprintf(&b, "%09d\n", b.Len())
	}
	return b.String()[:bytes]
}

func TestAzureBlobs(t *testing.T) {
	c := blobtest.New(t)
	p := blobtest.NewProxy(t, nil)
	from, err := reach(t, c, p.Connection, "")
	must(t, err)
	text := large(20<<20 + 7)
	c.Put("a/large.csv", text)
	c.Put("a/small.csv", "x")
	c.Put("a/none.csv", "")
	c.Put("b/other.csv", "y")
	items := listed(t, from, "a/")
	if len(items) != 3 || items[0].Name != "a/large.csv" || items[0].Size != int64(len(text)) || items[0].ETag == "" || items[0].Modified.IsZero() {
		t.Fatalf("%+v", items)
	}
	dir := t.TempDir()
	cache, told := cached(t, dir, 100<<20)
	for i, want := range []string{text, "", "x"} {
		if got := content(t, cache, from, items[i]); got != want {
			t.Errorf("%s: %d bytes, not %d", items[i].Name, len(got), len(want))
		}
	}
	if told.Load() != int64(len(text)+1) {
		t.Errorf("told of %d bytes", told.Load())
	}
	reads := blobtest.Reads(p.Requests())
	if len(reads) != 4 { // three chunks and a byte
		t.Errorf("%d requests", len(reads))
	}
	content(t, cache, from, items[0])
	if reads := blobtest.Reads(p.Requests()); len(reads) != 0 {
		t.Errorf("fetched again: %v", reads)
	}
	must(t, cache.Close())
	again, _ := cached(t, dir, 100<<20)
	content(t, again, from, items[0])
	if reads := blobtest.Reads(p.Requests()); len(reads) != 0 {
		t.Errorf("the next run fetched it again: %v", reads)
	}
	if info, err := os.Stat(filepath.Join(dir, ".lock")); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
}

// A blob that is written anew between two requests is never half of the one and half of the other.
func TestAzureChangeWhileRead(t *testing.T) {
	c := blobtest.New(t)
	text := large(40 << 20)
	c.Put("large.csv", text)
	var reads atomic.Int32
	p := blobtest.NewProxy(t, func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, ".csv") && reads.Add(1) == 3 {
			c.Put("large.csv", strings.ToUpper(text)+"!")
		}
		return false
	})
	from, err := reach(t, c, p.Connection, "")
	must(t, err)
	items := listed(t, from, "")
	dir := t.TempDir()
	cache, _ := cached(t, dir, 100<<20)
	if _, _, err := cache.Get(t.Context(), from, items[0]); !blob.IsChanged(err) {
		t.Fatalf("error %v", err)
	}
	if got := content(t, cache, from, listed(t, from, "")[0]); got != strings.ToUpper(text)+"!" {
		t.Errorf("%d bytes", len(got))
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// What was fetched before the connection, or the process, ended is not fetched again.
func TestAzureResume(t *testing.T) {
	c := blobtest.New(t)
	text := large(40 << 20) // five chunks
	c.Put("large.csv", text)
	ctx, cancel := context.WithCancel(t.Context())
	var reads atomic.Int32
	p := blobtest.NewProxy(t, func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, ".csv") && reads.Add(1) > 4 {
			cancel()
		}
		return ctx.Err() != nil
	})
	from, err := reach(t, c, p.Connection, "")
	must(t, err)
	item := listed(t, from, "")[0]
	dir := t.TempDir()
	cache, _ := cached(t, dir, 100<<20)
	if _, _, err := cache.Get(ctx, from, item); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	must(t, cache.Close())
	done, err := filepath.Glob(filepath.Join(dir, "*.done"))
	if err != nil || len(done) != 1 {
		t.Fatal(done, err)
	}
	note, err := os.ReadFile(done[0])
	must(t, err)
	have := bytes.Count(note, []byte("\n"))
	p.Meddle(nil)
	p.Requests()
	again, _ := cached(t, dir, 100<<20)
	if got := content(t, again, from, item); got != text {
		t.Errorf("%d bytes", len(got))
	}
	if reads := len(blobtest.Reads(p.Requests())); have == 0 || reads != 5-have {
		t.Errorf("%d chunks were there, and %d were fetched", have, reads)
	}
}

// An append blob that has grown is read on where it ended, also when it grows meanwhile; one that was made anew is read from its start.
func TestAzureAppendBlob(t *testing.T) {
	c := blobtest.New(t)
	p := blobtest.NewProxy(t, nil)
	from, err := reach(t, c, p.Connection, "")
	must(t, err)
	cache, told := cached(t, t.TempDir(), 100<<20)
	c.Append("PT1H.json", "{\"a\":1}\n")
	first := listed(t, from, "")[0]
	if got := content(t, cache, from, first); got != "{\"a\":1}\n" || !first.Append {
		t.Errorf("%q", got)
	}
	c.Append("PT1H.json", "{\"a\":2}\n")
	second := listed(t, from, "")[0]
	p.Meddle(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet {
			p.Meddle(nil)
			c.Append("PT1H.json", "{\"a\":3}\n")
		}
		return false
	})
	p.Requests()
	if got := content(t, cache, from, second); got != "{\"a\":1}\n{\"a\":2}\n" {
		t.Errorf("%q", got)
	}
	if told.Load() != 16 {
		t.Errorf("%d bytes arrived", told.Load())
	}
	c.Delete("PT1H.json")
	time.Sleep(1100 * time.Millisecond) // blobs know when they were made to the second
	c.Append("PT1H.json", "{\"b\":1}\n{\"b\":2}\n{\"b\":3}\n")
	if _, _, err := cache.Get(t.Context(), from, blob.Item{Name: second.Name, Size: 24, ETag: second.ETag, Append: true, Created: second.Created}); !blob.IsChanged(err) {
		t.Errorf("error %v", err)
	}
	if got := content(t, cache, from, listed(t, from, "")[0]); got != "{\"b\":1}\n{\"b\":2}\n{\"b\":3}\n" {
		t.Errorf("%q", got)
	}
}

// The service is busy, and breaks connections off: what is asked again is neither lost nor doubled.
func TestAzureBusy(t *testing.T) {
	c := blobtest.New(t)
	text := large(9 << 20)
	c.Put("large.csv", text)
	var n atomic.Int32
	p := blobtest.NewProxy(t, func(w http.ResponseWriter, r *http.Request) bool {
		switch n.Add(1) {
		case 1:
			return blobtest.Fail(w, http.StatusServiceUnavailable, "ServerBusy")
		case 3:
			w.Header().Set("Retry-After", "1")
			return blobtest.Fail(w, http.StatusTooManyRequests, "TooManyRequests")
		case 4:
			panic(http.ErrAbortHandler)
		}
		return false
	})
	from, err := reach(t, c, p.Connection, "")
	must(t, err)
	cache, told := cached(t, t.TempDir(), 100<<20)
	if got := content(t, cache, from, listed(t, from, "")[0]); got != text || told.Load() != int64(len(text)) {
		t.Errorf("%d bytes, told of %d", len(got), told.Load())
	}
}

// Who may not read is told why and what to do, and never the signature.
func TestAzureRefused(t *testing.T) {
	c := blobtest.New(t)
	c.Put("a.csv", "x")
	file := filepath.Join(t.TempDir(), "secrets")
	list := func(c *blob.Container) error { return c.List(t.Context(), "", func([]blob.Item) error { return nil }) }

	for name, until := range map[string]time.Time{"good": time.Now().Add(time.Hour), "expired": time.Now().Add(-time.Hour)} {
		sas := c.SAS(until)
		must(t, os.WriteFile(file, []byte("# read only\n\n"+sas+"\n"), 0o600))
		from, err := reach(t, c, "", file)
		must(t, err)
		err = list(from)
		if name == "good" {
			must(t, err)
			continue
		}
		var own *blob.Error
		if !errors.As(err, &own) || !strings.Contains(own.Reason, "secrets, line 3 expired on") || !strings.Contains(own.Hint, "new one") {
			t.Errorf("error %v", err)
		}
		_, signature, _ := strings.Cut(sas, "sig=")
		if text := fmt.Sprintf("%v %+v %#v", err, own, from); strings.Contains(text, signature[:20]) {
			t.Errorf("the signature is in a message: %s", text)
		}
	}
	must(t, os.WriteFile(file, []byte("https://devstoreaccount1.blob.core.windows.net/c?sv=2024\n"), 0o600))
	if _, err := reach(t, c, "", file); err == nil || !strings.Contains(err.Error(), "line 1: it is not a URL") {
		t.Errorf("error %v", err)
	}

	p := blobtest.NewProxy(t, func(w http.ResponseWriter, _ *http.Request) bool {
		return blobtest.Fail(w, http.StatusForbidden, "AuthorizationPermissionMismatch")
	})
	from, err := reach(t, c, p.Connection, "")
	must(t, err)
	if err := list(from); err == nil || !strings.Contains(err.Error(), "AZURE_STORAGE_CONNECTION_STRING does not allow it (AuthorizationPermissionMismatch)") {
		t.Errorf("error %v", err)
	}

	c.Name = "missing"
	from, err = reach(t, c, blobtest.Connection(t), "")
	must(t, err)
	if err := list(from); !blob.IsGone(err) || !strings.Contains(err.Error(), "list az://devstoreaccount1/missing: there is no such container") {
		t.Errorf("error %v", err)
	}
}

// The cache stays below its limit, and what is open stays there.
func TestAzureCacheLimit(t *testing.T) {
	c := blobtest.New(t)
	for i := range 12 {
		c.Put(fmt.Sprintf("%02d.csv", i), strings.Repeat(fmt.Sprint(i%10), 100_000))
	}
	p := blobtest.NewProxy(t, nil)
	from, err := reach(t, c, p.Connection, "")
	must(t, err)
	items := listed(t, from, "")
	dir := t.TempDir()
	cache, _ := cached(t, dir, 350_000)
	var ahead []blob.Blob
	for _, item := range items {
		ahead = append(ahead, blob.Blob{From: from, Item: item})
	}
	defer cache.Ahead(t.Context(), ahead)()
	path, release, err := cache.Get(t.Context(), from, items[0])
	must(t, err)
	for i, item := range items[1:] {
		if got := content(t, cache, from, item); got != strings.Repeat(fmt.Sprint((i+1)%10), 100_000) {
			t.Errorf("%s has other bytes", item.Name)
		}
		var size int64
		entries, err := os.ReadDir(dir)
		must(t, err)
		for _, e := range entries {
			if info, err := e.Info(); err == nil {
				size += info.Size()
			}
		}
		if size > 350_000 {
			t.Errorf("the cache has %d bytes", size)
		}
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	release()
	c.Put("big.csv", strings.Repeat("x", 400_000))
	if _, _, err := cache.Get(t.Context(), from, listed(t, from, "big")[0]); err == nil || !strings.Contains(err.Error(), "it has 400000 bytes, and cache.max allows 350000") {
		t.Errorf("error %v", err)
	}
}
