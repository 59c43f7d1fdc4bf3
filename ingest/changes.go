package ingest

import (
	"context"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
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

// HiddenIDs lists the ids of customers who opted out, on whatever date: tenants, subscriptions and resource groups, in lower case; not those of
// subscriptions that are somebody else's since. It is known after Attribute.
func (l *Ledger) HiddenIDs(ctx context.Context) (ids []string, err error) {
	err = l.each(ctx, "select id from hidden_ids where until = date '9999-12-31' order by id", func(v []engine.Value) { ids = append(ids, string([]byte(v[0].S))) })
	return ids, err
}

// Doubts says of how many resources the owner hangs on a rule's choice among runs of one deployment, for the records of these runs do not tell
// when they began (SPEC 5.B); of how many deployments, and the name of one. It is known after Attribute.
func (l *Ledger) Doubts(ctx context.Context) (resources, deployments int64, name string, err error) {
	err = l.each(ctx, queries.Text("ledger/doubtful_runs.sql"), func(v []engine.Value) {
		resources, deployments, name = v[0].I, v[1].I, string([]byte(v[2].S))
	})
	return resources, deployments, name, err
}

// CrowdedTexts counts the deployment names and User-Agents with more `pid-` than the grammar takes of one text (token.MaxTokens), and how many
// it passed over. It is known after Attribute.
func (l *Ledger) CrowdedTexts(ctx context.Context) (texts, passed int64, err error) {
	err = l.each(ctx, queries.Text("ledger/crowded_texts.sql"), func(v []engine.Value) { texts, passed = v[0].I, v[1].I })
	return texts, passed, err
}
