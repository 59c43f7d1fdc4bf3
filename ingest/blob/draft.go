package blob

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
)

// Draft is a blob that is written bit by bit, and that nobody sees before Keep. What was sent of one that is not kept, the service forgets
// within a week. It takes a block of memory. It is not safe for concurrent use.
type Draft struct {
	c      *Container
	names  func(n int) string
	name   string // empty: it has none yet, for nothing was sent
	id     string // that only this draft has
	buffer bytes.Buffer
	blocks []string
}

// draftBlock is how many bytes are sent at once. Many drafts are written beside each other.
const draftBlock = 1 << 20

// metaDraft is the metadata that knows a draft again.
const metaDraft = "pidledger_draft"

// Draft begins a blob. It gets the first of the names, counted from one, that no other blob has.
func (c *Container) Draft(names func(n int) string) *Draft {
	return &Draft{c: c, names: names, id: rand.Text()}
}

// Write adds to it.
func (d *Draft) Write(ctx context.Context, data []byte) error {
	d.buffer.Write(data)
	if d.buffer.Len() < draftBlock {
		return nil
	}
	return d.send(ctx)
}

// send sends what is in memory, as a block.
func (d *Draft) send(ctx context.Context) error {
	for n := 1; d.name == ""; n++ {
		_, err := d.c.Look(ctx, d.names(n))
		if IsGone(err) {
			d.name = d.names(n)
		} else if err != nil {
			return err
		}
	}
	// Blocks of another draft of the name are not among those that this one is put together from.
	block := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s%06d", d.id, len(d.blocks)))
	err := d.c.do(ctx, "write", d.name, func() error {
		_, err := d.c.client.NewBlockBlobClient(d.name).StageBlock(ctx, block, streaming.NopCloser(bytes.NewReader(d.buffer.Bytes())), nil)
		return err
	})
	d.blocks = append(d.blocks, block)
	d.buffer.Reset()
	return err
}

// Keep makes the blob appear.
func (d *Draft) Keep(ctx context.Context) error {
	if len(d.blocks) > 0 {
		if err := d.send(ctx); err != nil {
			return err
		}
		return d.keep(ctx, d.name)
	}
	for n := 1; ; n++ {
		if err := d.keep(ctx, d.names(n)); !IsConflict(err) || ctx.Err() != nil { // the cause of its end may be a change, too
			return err
		}
	}
}

// keep makes it appear under a name. The error is one of IsConflict when the name is another blob's.
func (d *Draft) keep(ctx context.Context, name string) error {
	none := &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}}
	metadata := map[string]*string{metaDraft: &d.id}
	headers := &blob.HTTPHeaders{BlobContentType: to.Ptr("application/json")}
	err := d.c.do(ctx, "write", name, func() (err error) {
		client := d.c.client.NewBlockBlobClient(name)
		if len(d.blocks) > 0 {
			_, err = client.CommitBlockList(ctx, d.blocks, &blockblob.CommitBlockListOptions{AccessConditions: none, Metadata: metadata, HTTPHeaders: headers})
		} else {
			_, err = client.UploadBuffer(ctx, d.buffer.Bytes(), &blockblob.UploadBufferOptions{AccessConditions: none, Metadata: metadata, HTTPHeaders: headers})
		}
		return err
	})
	if !IsConflict(err) || ctx.Err() != nil {
		return err
	}
	if item, lost := d.c.Look(ctx, name); lost == nil && item.Metadata[metaDraft] == d.id {
		return nil // the answer to the first try was lost
	}
	return err
}
