package forget

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries"
)

// takeDeliveries takes files and export runs back.
func (f *forgetting) takeDeliveries(ctx context.Context) error {
	moved := map[string]string{}
	for id, heir := range f.heirs {
		for _, old := range f.slices[id].SourcePaths {
			if err := f.ledger.DB.Exec(ctx, "insert into renamed values (?, ?)", old, heir); err != nil {
				return err
			}
		}
		to, err := f.rewrite(ctx, id, heir)
		if err != nil {
			return err
		}
		moved[id] = to
	}
	packs, err := f.repack(ctx, func(id string) bool { return f.whole[id] || moved[id] != "" })
	if err != nil {
		return err
	}
	err = errors.Join(f.ledger.DB.SetText(ctx, "forgotten_reason", "forgotten on "+f.now.Format(time.DateOnly)), f.ledger.DB.SetText(ctx, "read_again", ReadAgain))
	if err != nil {
		return err
	}
	return f.ledger.DB.InTx(ctx, func() error {
		for _, p := range f.what.Files {
			if err := f.remember(ctx, "file", p); err != nil {
				return err
			}
		}
		for _, r := range f.what.Runs {
			if err := f.remember(ctx, "run", r); err != nil {
				return err
			}
		}
		for id, to := range moved {
			heir := f.heirs[id]
			if err := f.move(ctx, id, to, []string{heir}); err != nil {
				return err
			}
			from := f.slices[id].SourcePaths[0]
			if err := f.ledger.DB.Exec(ctx, queries.Text("ledger/forget_heir.sql"), from, heir); err != nil {
				return err
			}
		}
		if err := f.ledger.DB.Exec(ctx, queries.Text("ledger/forget_files.sql")); err != nil {
			return err
		}
		if err := f.movePacks(ctx, packs); err != nil {
			return err
		}
		return f.finish(ctx)
	})
}

// move points the catalog to the new folder of a slice.
func (f *forgetting) move(ctx context.Context, from, to string, paths []string) error {
	list := make([]any, len(paths))
	for i, p := range paths {
		list[i] = p
	}
	if err := f.ledger.DB.Exec(ctx, queries.Text("ledger/move_slice.sql"), to, list, f.moves(from), from); err != nil {
		return err
	}
	for _, table := range []string{"files", "masked_days"} {
		if err := f.ledger.DB.Exec(ctx, "update "+table+" set slice_id = ? where slice_id = ?", to, from); err != nil {
			return err
		}
	}
	return nil
}

// moves is the number of rows that a slice loses when it is rewritten.
func (f *forgetting) moves(id string) int64 {
	if len(f.hashes) == 0 {
		return 0
	}
	return f.lost[id]
}

// takeCustomers erases customers.
func (f *forgetting) takeCustomers(ctx context.Context) error {
	gone := ledger.ForgottenIDs{}
	var why []string
	for _, h := range f.hashes {
		gone[h.hash] = true
		why = append(why, h.hash)
	}
	moved, dropped := map[string]string{}, map[string]int64{}
	for _, id := range slices.Sorted(maps.Keys(f.lost)) {
		if f.paths[id] == nil {
			continue
		}
		rows, err := f.goneOf(ctx, id)
		if err != nil {
			return err
		}
		for blob, n := range rows {
			dropped[blob] += n
		}
		if moved[id], err = f.rewrite(ctx, id, why...); err != nil {
			return err
		}
	}
	packs, err := f.repack(ctx, func(id string) bool { return moved[id] != "" }, why...)
	if err != nil {
		return err
	}
	return f.ledger.DB.InTx(ctx, func() error {
		if err := f.movePacks(ctx, packs); err != nil {
			return err
		}
		for _, h := range f.hashes {
			if err := f.remember(ctx, h.kind, h.hash); err != nil {
				return err
			}
		}
		for _, table := range queries.Evidence {
			if err := f.ledger.DB.Exec(ctx, "delete from "+table); err != nil {
				return err
			}
			if err := f.ledger.DB.Exec(ctx, "insert into "+table+" by name select * exclude (is_gone, kind) from marked_"+table+" where not is_gone"); err != nil {
				return err
			}
		}
		for blob, n := range dropped {
			kinds := f.files[blob].kinds
			if kinds == nil {
				continue // the file has another name by now
			}
			kinds[ledger.KindForgotten] += n
			text, err := json.Marshal(kinds)
			if err != nil {
				return err
			}
			if err := f.ledger.DB.Exec(ctx, queries.Text("ledger/forget_rows.sql"), n, string(text), blob); err != nil {
				return err
			}
		}
		for id, s := range f.slices {
			paths := make([]string, len(s.SourcePaths))
			for i, p := range s.SourcePaths {
				paths[i] = gone.Neutral(p)
			}
			if to := cmp.Or(moved[id], id); to != id || !slices.Equal(paths, s.SourcePaths) {
				if err := f.move(ctx, id, to, paths); err != nil {
					return err
				}
			}
		}
		for _, file := range []string{"forget_customer", "rename_texts"} {
			if err := f.ledger.DB.Exec(ctx, queries.Text("ledger/"+file+".sql")); err != nil {
				return err
			}
		}
		return f.finish(ctx)
	})
}
