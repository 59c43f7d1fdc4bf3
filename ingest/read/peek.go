package read

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/identify"
	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/ingest/usage"
	"github.com/pidledger/pidledger/queries/columnar"
)

// peekRows is how many rows of a run are looked at to learn who bills them. It is the same whether a run is loaded or not, so that what
// replaces what does not depend on the order of deliveries.
const peekRows = 1000

// peeked is what the first rows of a usage file say.
type peeked struct {
	Kind                string
	Accounts, customers []string // customers: subscriptions and tenants
}

// Peek reads the first rows of a usage file. A file that cannot be read says nothing: whoever loads it will say why.
func (r *Reader) Peek(ctx context.Context, f discover.File) (p peeked, err error) {
	file, err := f.Open(ctx)
	if err != nil {
		return p, nil // see above
	}
	defer file.Close()
	id, err := identify.File(ctx, r.Engine, file, f)
	if err != nil || id.Format == nil || !id.Format.Usage {
		return p, ctx.Err()
	}
	reader, err := usage.NewReader(id.Usage, id.Header, usage.Meta{})
	if err != nil {
		return p, nil // see above
	}
	w := &usageParser{n: reader.NewNormaliser(), batch: columnar.NewBatch(usage.Columns)}
	rows := 0
	each := func(record, line int64, cells [][]byte) error {
		if rows++; rows > peekRows {
			return errStop
		}
		w.n.Row(w.batch, record, line, cells)
		return nil
	}
	size := min(source.HeadSize, identify.BlockSize(file))
	switch file.Kind {
	case source.KindJSON:
		j := source.NewJSON(file.Reader(), source.JSONOptions{BufferSize: size})
		for ; rows < peekRows; rows++ {
			v, err := j.Next()
			if err != nil {
				break
			}
			if doc, err := w.text.ParseBytes(v.Bytes); err == nil {
				w.n.JSON(w.batch, v.Record, v.Line, doc)
			}
		}
	case source.KindParquet:
		err = parquetRows(ctx, r.Engine, file.Path, len(id.Header), func(record int64, cells [][]byte) error { return each(record, 0, cells) })
	default:
		var c *source.CSV
		if c, err = source.NewCSV(source.WithContext(ctx, file.Reader()), source.CSVOptions{SkipPreamble: usage.SkipPreamble(), BlockSize: size}); err != nil {
			break
		}
		for rows < peekRows {
			b, err := c.Next()
			if err != nil {
				break
			}
			err = b.Each(each)
			b.Release()
			if err != nil {
				break
			}
		}
	}
	if ctx.Err() != nil {
		return p, context.Cause(ctx)
	}
	return peeked{Kind: id.Usage.Kind, Accounts: w.n.Accounts(), customers: slices.Concat(w.n.Subscriptions(), w.n.Tenants())}, nil
}

// IsCustomerFolder tells whether the folder of a file is named by a subscription or tenant of its rows: then it is not a run folder.
func (r *Reader) IsCustomerFolder(ctx context.Context, folder string, f discover.File) (bool, error) {
	name := strings.ToLower(path.Base(folder))
	if !azure.IsGUID(name) {
		return false, nil
	}
	p, err := r.Peek(ctx, f)
	return slices.Contains(p.customers, name), err
}

// IsUsage looks whether a file holds usage. A file that cannot be read counts as usage: then its run waits.
func (r *Reader) IsUsage(ctx context.Context, f discover.File) (bool, error) {
	file, err := f.Open(ctx)
	if err != nil {
		return true, nil
	}
	defer file.Close()
	id, err := identify.File(ctx, r.Engine, file, f)
	if err != nil {
		return true, ctx.Err()
	}
	return id.Format == nil || id.Format.Usage, nil
}
