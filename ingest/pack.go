package ingest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/pidledger/pidledger/ingest/digest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/read"
	"github.com/pidledger/pidledger/ingest/usage"
	"github.com/pidledger/pidledger/queries/columnar"
)

// Small slices that are loaded together share one Parquet file, a pack: to write and read a file of its own for every row took most of the
// time of a ledger of thousands of them. The table slice_packs says which pack holds the rows of a slice; the rows say by slice_id which are
// whose. A pack never changes: rows of a slice that is replaced stay in it, unseen, until no slice of the catalog is in it and it is swept, or
// until something in it is forgotten and the rest of it is rewritten.

// What is packed: slices whose files have no more than packBytes together, when at least PackFrom of them are loaded at once. A pack ends
// with packRows, which is one row group.
const (
	packBytes = 64 << 10
	packRows  = 122_880
)

// PackFrom is a variable for tests.
var PackFrom = 100

// isSmall tells whether a slice may share a Parquet file with others.
func (sl *slice) isSmall() bool {
	var bytes int64
	for _, f := range sl.Files {
		bytes += f.Size
	}
	return bytes <= packBytes
}

// packer puts slices into packs. It is safe for concurrent use.
type packer struct {
	loader *loader
	number int // of packs begun

	pmu    sync.Mutex // guards the rest
	writer *columnar.Writer
	folder string
	slices []*slice // whose rows are in the pack that is open
}

// add puts the rows of a slice into the pack.
func (p *packer) add(ctx context.Context, sl *slice, rows *heldRows) error {
	if len(rows.batches) == 0 {
		return nil // no rows, nothing to keep
	}
	p.pmu.Lock()
	defer p.pmu.Unlock()
	for _, b := range rows.batches {
		if p.writer == nil {
			p.number++
			p.folder = p.loader.ledger.Path(ledger.StagingFolder, fmt.Sprintf("pack-%d", p.number))
			if err := os.MkdirAll(p.folder, 0o700); err != nil {
				return err
			}
			var err error
			if p.writer, err = columnar.Create(filepath.Join(p.folder, "part-0001.parquet"), usage.Columns, columnar.Options{Sync: true}); err != nil {
				return err
			}
		}
		if err := p.writer.Write(b); err != nil {
			return err
		}
	}
	p.slices = append(p.slices, sl)
	if p.writer.Rows() < packRows {
		return nil
	}
	return p.end(ctx)
}

// close ends the pack that is open.
func (p *packer) close(ctx context.Context) error {
	p.pmu.Lock()
	defer p.pmu.Unlock()
	if p.writer == nil {
		return nil
	}
	return p.end(ctx)
}

// end closes a pack and tells its slices.
func (p *packer) end(ctx context.Context) error {
	if err := p.writer.Close(); err != nil {
		return err
	}
	if err := p.loader.dropUsage(ctx, p.slices, p.folder); err != nil {
		return err
	}
	ids := make([]string, len(p.slices))
	for i, sl := range p.slices {
		ids[i] = sl.ID
	}
	slices.Sort(ids)
	pack := digest.Of(append([]string{"pack", p.loader.runID}, ids...)...)[:16]
	for _, sl := range p.slices {
		sl.pack, sl.staged = pack, p.folder
	}
	p.writer, p.slices = nil, nil
	return nil
}

// heldRows keeps the rows of a small slice until it is known that all of its files can be used.
type heldRows struct{ batches []*columnar.Batch }

// file returns what makes the sink of the next file. When the file is read once more, what it gave before is dropped.
func (h *heldRows) file() func() (read.RowSink, error) {
	before := len(h.batches)
	return func() (read.RowSink, error) {
		h.batches = h.batches[:before]
		return h, nil
	}
}

func (h *heldRows) Take(b *columnar.Batch) (*columnar.Batch, error) {
	h.batches = append(h.batches, b)
	return columnar.NewBatch(usage.Columns), nil
}

func (h *heldRows) Close() error { return nil }
func (h *heldRows) Abort() error { return nil } // the rows of a slice that fails go nowhere
