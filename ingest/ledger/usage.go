package ledger

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/pidledger/pidledger/ingest/durable"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// Usage shows the engine the rows of slices.
type Usage struct {
	db         *engine.DB
	store      *Store
	nameDamage func(context.Context, error) error // see Ledger
	inView     map[string]bool                    // slices that the table `usage` holds; nil: it is a view of files
}

// From manyFiles files on, the rows of slices are read once into a table if there are at most fewRows: opening thousands of files again in each
// step takes far longer than reading them.
const manyFiles, fewRows = 100, 500_000

// View makes the view `usage` (SPEC 3) of the rows of some slices, without the days that a newer export run replaced.
func (u *Usage) View(ctx context.Context, ids []string) (err error) {
	defer func() { err = u.nameDamage(ctx, err) }()
	u.inView = nil
	rows, files, err := u.Select(ctx, "shown_slices", ids)
	if err != nil {
		return err
	}
	text := queries.NoUsage()
	if files > 0 {
		if err := errors.Join(u.db.View(ctx, "slice_rows", rows), u.db.View(ctx, "no_usage", text)); err != nil {
			return err
		}
		text = queries.Text("ledger/shown_usage.sql")
	}
	if files < manyFiles {
		return u.db.View(ctx, "usage", text)
	}
	n, err := u.db.Count(ctx, queries.Text("ledger/usage_rows.sql"))
	if err != nil {
		return err
	}
	if n > fewRows {
		return u.db.View(ctx, "usage", text)
	}
	if err := u.db.Table(ctx, "read_usage", text); err != nil {
		return err
	}
	u.inView = map[string]bool{}
	for _, id := range ids {
		u.inView[id] = true
	}
	return u.db.View(ctx, "usage", "from read_usage")
}

// Hold makes the view `usage` of at least the rows of some slices. Rows that were just read into a table are not read again.
func (u *Usage) Hold(ctx context.Context, ids []string) error {
	if u.inView != nil && !slices.ContainsFunc(ids, func(id string) bool { return !u.inView[id] }) {
		return nil
	}
	return u.View(ctx, ids)
}

// All makes the view `usage` of all rows that the ledger holds, beside the other canonical tables.
func (u *Usage) All(ctx context.Context) error {
	live, err := engine.Ask[string](ctx, u.db, queries.Text("ledger/live_slices.sql"))
	if err != nil {
		return err
	}
	return u.View(ctx, live)
}

// Packs gives the pack of each slice that has no folder of its own.
func (u *Usage) Packs(ctx context.Context) (map[string]string, error) {
	packed, err := engine.Ask[struct{ SliceID, Pack string }](ctx, u.db, queries.Text("ledger/slice_packs.sql"))
	packOf := map[string]string{}
	for _, p := range packed {
		packOf[p.SliceID] = p.Pack
	}
	return packOf, err
}

// Select is the SELECT of the rows of slices, as they lie in their Parquet files, and the number of these; "": there are none. The rows of packs
// are selected by the temporary table `name`, so each name stands for one set of slices. It is not a semi join: DuckDB 1.4.3 can lose the last
// condition of an anti join that follows one.
func (u *Usage) Select(ctx context.Context, name string, ids []string) (text string, files int, err error) {
	packOf, err := u.Packs(ctx)
	if err != nil {
		return "", 0, err
	}
	var own, packs []string
	seen := map[string]bool{}
	for _, id := range ids {
		to, folder := &own, id
		if pack := packOf[id]; pack != "" {
			to, folder = &packs, pack
		}
		if seen[folder] {
			continue
		}
		seen[folder] = true
		found, err := u.store.FolderFiles(ctx, folder)
		if err != nil {
			return "", 0, err
		}
		*to = append(*to, found...)
	}
	if len(own) > 0 {
		text = "select * from " + engine.ParquetSource(own)
	}
	if len(packs) > 0 {
		if err := u.db.SetList(ctx, name, ids); err != nil {
			return "", 0, err
		}
		if err := u.db.Table(ctx, name, "select distinct unnest(getvariable('"+name+"')) as slice_id"); err != nil {
			return "", 0, err
		}
		if text != "" {
			text += " union all by name "
		}
		text += "select r.* from " + engine.ParquetSource(packs) + " r join temp." + name + " i on i.slice_id = r.slice_id"
	}
	return text, len(own) + len(packs), nil
}

// CountDays stores what the new slices hold by subscription and day.
func (u *Usage) CountDays(ctx context.Context) error {
	ids, err := engine.Ask[string](ctx, u.db, queries.Text("ledger/slices_without_days.sql"))
	if err != nil {
		return err
	}
	if err := u.View(ctx, ids); err != nil {
		return err
	}
	return u.db.InTx(ctx, func() error {
		if err := u.db.Exec(ctx, queries.Text("ledger/drop_days.sql")); err != nil || len(ids) == 0 {
			return err
		}
		return u.db.Exec(ctx, "insert into slice_days by name "+queries.Text("attribute/usage_days.sql"))
	})
}

// Gone makes `unmarked` of a SELECT of usage rows and counts the rows of forgotten customers in it, by usage file.
func (u *Usage) Gone(ctx context.Context, rows string) (map[string]int64, error) {
	if err := u.db.View(ctx, "unmarked", rows); err != nil {
		return nil, err
	}
	files, err := engine.Ask[struct {
		BlobName  string
		UsageRows int64
	}](ctx, u.db, queries.Text("ledger/gone_usage.sql"))
	gone := map[string]int64{}
	for _, f := range files {
		gone[f.BlobName] = f.UsageRows
	}
	return gone, err
}

// Keep writes the rows of `unmarked` that stay to a folder of their own, as rows of a slice; "" keeps the slice of each row.
func (u *Usage) Keep(ctx context.Context, folder, sliceID string) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := u.db.SetText(ctx, "kept_slice", sliceID); err != nil {
		return err
	}
	part := filepath.Join(folder, "part-0001.parquet")
	if _, err := u.db.Write(ctx, queries.Text("ledger/staying_usage.sql"), part, ""); err != nil {
		return err
	}
	return durable.Sync(part)
}
