package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/pidledger/pidledger/ingest/entra"
)

// Access is how Blob Storage is reached.
type Access struct {
	Credentials string              // file with connection strings and SAS URLs; empty: none
	Getenv      func(string) string // of the process
}

// Container is a container that can be reached. It is safe for concurrent use.
type Container struct {
	place  Location
	client *container.Client
	secret *secret // nil: an identity of Microsoft Entra
	failed atomic.Int32
	slots  chan struct{} // requests under way
}

// How requests are made. A try that hangs is given up and made anew; the service says itself how long to wait when it is busy.
const (
	retries    = 6
	retryDelay = time.Second
	maxDelay   = 30 * time.Second
	tryTimeout = 2 * time.Minute
	atOnce     = 16
	pageSize   = 5000
	// giveUp is after how many failed requests in a row, each tried again and again, the others are not begun.
	giveUp = 3
)

// Open prepares to go to a container. Nothing is asked yet.
func (a Access) Open(l Location) (*Container, error) {
	secrets, err := readSecrets(a.Credentials, a.Getenv)
	if err != nil {
		return nil, fmt.Errorf("read the credentials for %s: %w", l, err)
	}
	c := &Container{place: l, secret: secretFor(secrets, l), slots: make(chan struct{}, atOnce)}
	options := &container.ClientOptions{ClientOptions: policy.ClientOptions{
		Retry:     policy.RetryOptions{MaxRetries: retries, RetryDelay: retryDelay, MaxRetryDelay: maxDelay, TryTimeout: tryTimeout},
		Telemetry: policy.TelemetryOptions{ApplicationID: "pidledger"},
	}}
	endpoint := "https://" + l.Host
	if c.secret != nil && c.secret.endpoint != "" {
		endpoint = c.secret.endpoint
	}
	at := endpoint + "/" + url.PathEscape(l.Container)
	switch s := c.secret; {
	case s == nil:
		var id azcore.TokenCredential
		if id, err = entra.Identity(cloudOf(l.Host)); err == nil {
			c.client, err = container.NewClient(at, id, options)
		}
	case s.sas != "":
		c.client, err = container.NewClientWithNoCredential(at+"?"+s.sas, options)
	default:
		var key *container.SharedKeyCredential
		if key, err = container.NewSharedKeyCredential(s.account, s.key); err == nil {
			c.client, err = container.NewClientWithSharedKeyCredential(at, key, options)
		}
	}
	if err != nil {
		return nil, c.explain(context.Background(), "open", l.Prefix, err)
	}
	return c, nil
}

// cloudOf is the cloud that a host belongs to.
func cloudOf(host string) cloud.Configuration {
	switch {
	case strings.HasSuffix(host, ".chinacloudapi.cn"):
		return cloud.AzureChina
	case strings.HasSuffix(host, ".usgovcloudapi.net"):
		return cloud.AzureGovernment
	}
	return cloud.AzurePublic
}

// Place is where the container is.
func (c *Container) Place() Location { return c.place }

// Item is a blob as a listing shows it.
type Item struct {
	Name     string // in the container
	Size     int64
	Modified time.Time // UTC, to the second
	Created  time.Time // a blob that was deleted and written anew has another
	ETag     string    // changes with every write
	Append   bool      // it can only grow
	Archived bool      // it cannot be read
	Metadata map[string]string
}

// do makes one request. When those before failed again and again, it is not made.
func (c *Container) do(ctx context.Context, what, name string, request func() error) error {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if c.failed.Load() >= giveUp {
		return &Error{Do: what, Where: c.place.Of(name), Reason: fmt.Sprintf("not tried, after %d requests in a row that failed", giveUp), Hint: hintNetwork}
	}
	err := c.explain(ctx, what, name, request())
	var e *Error
	switch {
	case err == nil || errors.As(err, &e) && e.answer:
		c.failed.Store(0)
	case e != nil:
		c.failed.Add(1)
	}
	return err
}

// List gives the blobs whose names begin with a prefix, page by page, in the order of their names.
func (c *Container) List(ctx context.Context, prefix string, page func([]Item) error) error {
	options := &container.ListBlobsFlatOptions{Prefix: &prefix, MaxResults: to.Ptr(int32(pageSize)), Include: container.ListBlobsInclude{Metadata: true}}
	pager := c.client.NewListBlobsFlatPager(options)
	for pager.More() {
		var got container.ListBlobsFlatResponse
		err := c.do(ctx, "list", prefix, func() (err error) {
			got, err = pager.NextPage(ctx)
			return err
		})
		if err != nil {
			return err
		}
		var items []Item
		for _, b := range got.Segment.BlobItems {
			if item, ok := itemOf(b); ok {
				items = append(items, item)
			}
		}
		if err := page(items); err != nil {
			return err
		}
	}
	return nil
}

// Probe asks for one blob whose name begins with a prefix: whether it may, and whether there is one. now is the time of the service; zero: it did not tell.
func (c *Container) Probe(ctx context.Context, prefix string) (some bool, now time.Time, err error) {
	err = c.do(ctx, "list", prefix, func() error {
		got, err := c.client.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Prefix: &prefix, MaxResults: to.Ptr(int32(1))}).NextPage(ctx)
		if err != nil {
			return err
		}
		some = len(got.Segment.BlobItems) > 0
		if got.Date != nil {
			now = *got.Date
		}
		return nil
	})
	return some, now, err
}

// MayWrite finds out whether a blob could be written, and writes none: it asks for one in the place of a version that there cannot be, which the service
// refuses by that condition to whoever may write, and before it to whoever may not.
func (c *Container) MayWrite(ctx context.Context, name string) error {
	err := c.do(ctx, "write", name, func() error {
		_, err := c.client.NewBlockBlobClient(name).UploadBuffer(ctx, []byte{}, &blockblob.UploadBufferOptions{
			AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: to.Ptr(azcore.ETag(`"0x0"`))}},
		})
		return err
	})
	if IsConflict(err) {
		return nil
	}
	return err
}

// itemOf leaves out the entries that stand for folders of an account with a hierarchical namespace.
func itemOf(b *container.BlobItem) (Item, bool) {
	if b.Name == nil || b.Properties == nil {
		return Item{}, false
	}
	p := b.Properties
	item := Item{Name: *b.Name, Metadata: map[string]string{}}
	for k, v := range b.Metadata {
		if v != nil {
			item.Metadata[strings.ToLower(k)] = *v
		}
	}
	if item.Metadata["hdi_isfolder"] == "true" {
		return Item{}, false
	}
	item.fill(p.ContentLength, p.LastModified, p.CreationTime, p.ETag)
	item.Append = p.BlobType != nil && *p.BlobType == blob.BlobTypeAppendBlob
	item.Archived = p.AccessTier != nil && *p.AccessTier == blob.AccessTierArchive
	return item, true
}

func (i *Item) fill(size *int64, modified, created *time.Time, etag *azcore.ETag) {
	if size != nil {
		i.Size = *size
	}
	if modified != nil {
		i.Modified = modified.UTC()
	}
	if created != nil {
		i.Created = created.UTC()
	}
	if etag != nil {
		i.ETag = strings.Trim(string(*etag), `"`)
	}
}

// tag is the form in which an ETag is sent.
func (i *Item) tag() *azcore.ETag { return to.Ptr(azcore.ETag(`"` + i.ETag + `"`)) }

// Look looks what a blob is now.
func (c *Container) Look(ctx context.Context, name string) (Item, error) {
	item := Item{Name: name, Metadata: map[string]string{}}
	err := c.do(ctx, "read", name, func() error {
		p, err := c.client.NewBlobClient(name).GetProperties(ctx, nil)
		if err != nil {
			return err
		}
		item.fill(p.ContentLength, p.LastModified, p.CreationTime, p.ETag)
		item.Append = p.BlobType != nil && *p.BlobType == blob.BlobTypeAppendBlob
		item.Archived = p.AccessTier != nil && *p.AccessTier == string(blob.AccessTierArchive)
		for k, v := range p.Metadata {
			if v != nil {
				item.Metadata[strings.ToLower(k)] = *v
			}
		}
		return nil
	})
	return item, err
}

// chunk is how many bytes one request asks for. Larger ones gain nothing, and lose more when a connection breaks.
const chunk = 8 << 20

// chunks is how many there are in a blob.
func chunks(size int64) int64 { return (size + chunk - 1) / chunk }

// readChunk writes bytes of a blob, which must still be the one that was listed, to their place in a file.
func (c *Container) readChunk(ctx context.Context, item Item, from, count int64, to *os.File) error {
	return c.do(ctx, "read", item.Name, func() error {
		got, err := c.client.NewBlobClient(item.Name).DownloadStream(ctx, &blob.DownloadStreamOptions{
			Range:            blob.HTTPRange{Offset: from, Count: count},
			AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: item.tag()}},
		})
		if err != nil {
			return err
		}
		body := got.NewRetryReader(ctx, &blob.RetryReaderOptions{MaxRetries: retries})
		n, err := io.Copy(io.NewOffsetWriter(to, from), io.LimitReader(body, count))
		if err == nil && n != count {
			err = io.ErrUnexpectedEOF
		}
		return errors.Join(err, body.Close())
	})
}

// read fetches the chunks of a blob that done does not have, several at once, and tells done of each.
func (c *Container) read(ctx context.Context, item Item, to *os.File, done *progress, tell func(int64)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	var once sync.Once
	var failed error
	queue := make(chan int64)
	for range min(4, chunks(item.Size)) {
		wg.Go(func() {
			for n := range queue {
				from, end := n*chunk, min((n+1)*chunk, item.Size)
				have := min(done.have(n), end-from)
				err := c.readChunk(ctx, item, from+have, end-from-have, to)
				if err == nil {
					err = done.add(n, end-from)
				}
				if err != nil {
					once.Do(func() { failed = err })
					cancel(err)
					continue
				}
				tell(end - from - have)
			}
		})
	}
	for n := range chunks(item.Size) {
		if from, end := n*chunk, min((n+1)*chunk, item.Size); done.have(n) >= end-from {
			continue
		}
		if ctx.Err() != nil {
			break
		}
		queue <- n
	}
	close(queue)
	wg.Wait()
	if failed != nil {
		return failed
	}
	return context.Cause(ctx)
}
