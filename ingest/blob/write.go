package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
)

// Upload writes a file of this machine to a blob. Its metadata say what it holds, so that it need not be written again.
func (c *Container) Upload(ctx context.Context, name, path string, metadata map[string]string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return c.do(ctx, "write", name, func() error {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		// In blocks, each of which is tried again by itself; two of them are in memory.
		_, err := c.client.NewBlockBlobClient(name).UploadStream(ctx, f, &blockblob.UploadStreamOptions{BlockSize: chunk, Concurrency: 2, Metadata: pointers(metadata)})
		return err
	})
}

// copyPause is how long to wait before looking again whether the service has copied a blob.
const copyPause = 200 * time.Millisecond

// Copy has the service copy a blob of the container, which must be as it was listed.
func (c *Container) Copy(ctx context.Context, from Item, name string, metadata map[string]string) error {
	return c.do(ctx, "write", name, func() error {
		target := c.client.NewBlobClient(name)
		started, err := target.StartCopyFromURL(ctx, c.client.NewBlobClient(from.Name).URL(), &blob.StartCopyFromURLOptions{
			Metadata: pointers(metadata), SourceModifiedAccessConditions: &blob.SourceModifiedAccessConditions{SourceIfMatch: from.tag()},
		})
		if err != nil {
			return err
		}
		for status := started.CopyStatus; status == nil || *status != blob.CopyStatusTypeSuccess; {
			if status != nil && *status != blob.CopyStatusTypePending {
				return fmt.Errorf("the service did not copy %s", c.place.Of(from.Name))
			}
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(copyPause):
			}
			now, err := target.GetProperties(ctx, nil)
			if err != nil {
				return err
			}
			status = now.CopyStatus
		}
		return nil
	})
}

// maxText is far above what a blob has that is read as one text.
const maxText = 1 << 20

// Read reads a small blob, and tells its ETag.
func (c *Container) Read(ctx context.Context, name string) (text []byte, etag string, err error) {
	err = c.do(ctx, "read", name, func() error {
		got, err := c.client.NewBlobClient(name).DownloadStream(ctx, nil)
		if err != nil {
			return err
		}
		body := got.NewRetryReader(ctx, &blob.RetryReaderOptions{MaxRetries: retries})
		text, err = io.ReadAll(io.LimitReader(body, maxText))
		var item Item
		item.fill(nil, nil, nil, got.ETag)
		etag = item.ETag
		return errors.Join(err, body.Close())
	})
	return text, etag, err
}

// Replace writes a small blob in the place of the one with an ETag; empty: of none. It tells its new one. The error is one of IsConflict when
// there is another.
func (c *Container) Replace(ctx context.Context, name string, text []byte, etag string) (now string, err error) {
	conditions := &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}
	if etag != "" {
		conditions = &blob.ModifiedAccessConditions{IfMatch: (&Item{ETag: etag}).tag()}
	}
	err = c.do(ctx, "write", name, func() error {
		done, err := c.client.NewBlockBlobClient(name).UploadBuffer(ctx, text, &blockblob.UploadBufferOptions{
			AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: conditions}, HTTPHeaders: &blob.HTTPHeaders{BlobContentType: to.Ptr("application/json")},
		})
		var item Item
		item.fill(nil, nil, nil, done.ETag)
		now = item.ETag
		return err
	})
	if IsConflict(err) {
		if there, tag, lost := c.Read(ctx, name); lost == nil && bytes.Equal(there, text) {
			return tag, nil // the answer to the first try was lost
		}
	}
	return now, err
}

// Delete removes a blob; one that is not there is removed.
func (c *Container) Delete(ctx context.Context, name string) error {
	err := c.do(ctx, "delete", name, func() error {
		_, err := c.client.NewBlobClient(name).Delete(ctx, nil)
		return err
	})
	if IsGone(err) {
		return nil
	}
	return err
}

func pointers(metadata map[string]string) map[string]*string {
	out := map[string]*string{}
	for k, v := range metadata {
		out[k] = &v
	}
	return out
}
