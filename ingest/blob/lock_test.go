package blob

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"

	"github.com/pidledger/pidledger/ingest/blob/blobtest"
)

func reachable(t *testing.T, c *blobtest.Container) *Container {
	t.Helper()
	at, err := Parse(c.Location(""))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Access{Getenv: func(name string) string {
		if name == varConnection {
			return blobtest.Connection(t)
		}
		return ""
	}}.Open(at)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// A lock is one's alone, is renewed, and tells when it was lost.
func TestAzureLock(t *testing.T) {
	c := blobtest.New(t)
	at := reachable(t, c)
	held, unlock, err := at.lock(t.Context(), "x/.lock", time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := at.Lock(t.Context(), "x/.lock"); !errors.Is(err, ErrLocked) {
		t.Errorf("a second lock: %v", err)
	}
	if held.Err() != nil {
		t.Error(context.Cause(held))
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	held, unlock, err = at.lock(t.Context(), "x/.lock", time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	other, err := lease.NewBlobClient(c.Client.NewBlobClient("x/.lock"), nil)
	if err != nil {
		t.Fatal(err)
	}
	now := int32(0)
	if _, err := other.BreakLease(t.Context(), &lease.BlobBreakOptions{BreakPeriod: &now}); err != nil {
		t.Fatal(err)
	}
	<-held.Done()
	if cause := context.Cause(held); !strings.Contains(cause.Error(), "the lock was lost: lock "+c.Location("x/.lock")) {
		t.Error(cause)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
	if _, unlock, err = at.Lock(t.Context(), "x/.lock"); err != nil {
		t.Fatal(err)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
}

// A draft is seen as a whole, in the place of none.
func TestAzureDraft(t *testing.T) {
	c := blobtest.New(t)
	at := reachable(t, c)
	names := func(n int) string { return strings.Repeat("x", n) + ".json" }
	c.Put("x.json", "another")
	for i, parts := range []int{1, 5, 1} {
		part := strings.Repeat("0123456789\n", 60_000)
		d := at.Draft(names)
		for range parts {
			if err := d.Write(t.Context(), []byte(part)); err != nil {
				t.Fatal(err)
			}
			if seen := c.Names(""); len(seen) != i+1 {
				t.Errorf("seen: %v", seen)
			}
		}
		if err := d.Keep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if text := c.Get(names(i + 2)); text != strings.Repeat(part, parts) {
			t.Errorf("%d parts: %d bytes", parts, len(text))
		}
	}
	if c.Get("x.json") != "another" {
		t.Error("it was overwritten")
	}
}
