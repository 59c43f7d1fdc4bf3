package ingest

import (
	"context"

	"github.com/pidledger/pidledger/queries"
)

// LateExports counts the exports that missed their cadence, as Status tells it, on the open ledger.
func (l *Ledger) LateExports(ctx context.Context) (late int64, err error) {
	st := &Status{Now: l.opts.Now().UTC()}
	if err := l.readExports(ctx, st); err != nil {
		return 0, err
	}
	for _, e := range st.Exports {
		if e.Stale {
			late++
		}
	}
	return late, nil
}

// HiddenIDs lists the ids of customers who opted out, on whatever date: tenants, subscriptions and resource groups, in lower case. It is
// known after Attribute.
func (l *Ledger) HiddenIDs(ctx context.Context) (ids []string, err error) {
	err = l.each(ctx, "select id from hidden_ids where id is not null order by id", func(v []queries.Value) { ids = append(ids, string([]byte(v[0].S))) })
	return ids, err
}
