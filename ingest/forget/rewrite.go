package forget

import (
	"context"
	"slices"

	"github.com/pidledger/pidledger/ingest/digest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// rewrite writes the rest of a slice as a slice with a new name, which nothing points to yet.
func (f *forgetting) rewrite(ctx context.Context, id string, why ...string) (string, error) {
	if f.paths[id] == nil {
		return id, nil
	}
	if _, err := f.goneOf(ctx, id); err != nil {
		return "", err
	}
	to := digest.Of(append([]string{"kept", id}, why...)...)[:16]
	return to, f.writeKept(ctx, to, to)
}

// writeKept writes the rows that stay to a usage folder.
func (f *forgetting) writeKept(ctx context.Context, folder, sliceID string) error {
	staged := f.ledger.Path(ledger.StagingFolder, folder)
	if err := f.ledger.Usage.Keep(ctx, staged, sliceID); err != nil {
		return err
	}
	return f.ledger.Store.MoveIn(ctx, map[string]string{folder: staged})
}

// goneOf makes `unmarked` of the rows of a slice and counts those of forgotten customers in it, by usage file.
func (f *forgetting) goneOf(ctx context.Context, id string) (map[string]int64, error) {
	rows := "select * from " + engine.ParquetSource(f.paths[id])
	if f.packs[id] != "" {
		if err := f.ledger.DB.SetText(ctx, "slice_of_pack", id); err != nil {
			return nil, err
		}
		rows += " where slice_id = getvariable('slice_of_pack')"
	}
	return f.ledger.Usage.Gone(ctx, rows)
}

// repack rewrites packs without the slices that leave them now or left them earlier, under names that nothing points to yet. For a customer it
// rewrites all packs, because a replaced slice may have held their rows; otherwise, only packs that a slice leaves. It returns the new names.
func (f *forgetting) repack(ctx context.Context, leaves func(id string) bool, why ...string) (map[string]string, error) {
	stay, todo, renamed := map[string][]string{}, map[string]bool{}, map[string]string{}
	for id, pack := range f.packs {
		left := leaves(id)
		if !left {
			stay[pack] = append(stay[pack], id)
		}
		todo[pack] = todo[pack] || left || len(f.hashes) > 0
	}
	for pack, ids := range stay {
		if !todo[pack] {
			continue
		}
		slices.Sort(ids)
		rows, _, err := f.ledger.Usage.Select(ctx, "staying_slices", ids)
		if err != nil {
			return nil, err
		}
		if _, err := f.ledger.Usage.Gone(ctx, rows); err != nil {
			return nil, err
		}
		renamed[pack] = digest.Of(slices.Concat([]string{"kept", pack}, why, ids)...)[:16]
		if err := f.writeKept(ctx, renamed[pack], ""); err != nil {
			return nil, err
		}
	}
	return renamed, nil
}

// movePacks points the catalog to the new folders of packs.
func (f *forgetting) movePacks(ctx context.Context, renamed map[string]string) error {
	for from, to := range renamed {
		if err := f.ledger.DB.Exec(ctx, queries.Text("ledger/move_pack.sql"), to, from); err != nil {
			return err
		}
	}
	return nil
}
