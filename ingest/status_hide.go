package ingest

import (
	"context"
	"strings"

	"github.com/pidledger/pidledger/queries"
)

// optedOut stands where a status would name a customer who opted out.
const optedOut = "(of a customer who opted out)"

// findHidden lists the ids of customers who opted out, as HiddenIDs does, without an attribution before.
func (l *Ledger) findHidden(ctx context.Context) ([]string, error) {
	n, err := l.DB.Count(ctx, "select count(*) from exclusions")
	if err != nil || n == 0 {
		return nil, err
	}
	if err := l.DB.Table(ctx, "usage_days", queries.Text("ledger/usage_days.sql")); err != nil {
		return nil, err
	}
	if err := l.DB.MakeSteps(ctx, queries.OptOuts); err != nil {
		return nil, err
	}
	return l.texts(ctx, "select id from hidden_ids where until = date '9999-12-31'")
}

// hideExcluded takes from a status what names customers who opted out: the scope and the name of their exports, and folders with their ids
// or the names of these exports.
func (l *Ledger) hideExcluded(ctx context.Context, st *Status) error {
	ids, err := l.findHidden(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	names := func(text string) bool {
		text = strings.ToLower(text)
		for _, id := range ids {
			if strings.Contains(text, id) {
				return true
			}
		}
		return false
	}
	for i := range st.Exports {
		e := &st.Exports[i]
		if !names(e.Scope) && !names(e.Name) {
			continue
		}
		if e.Name != "" {
			ids = append(ids, "/"+strings.ToLower(e.Name)+"/")
			e.Name = optedOut
		}
		e.Scope = optedOut
	}
	for i := range st.Waiting {
		if w := &st.Waiting[i]; names(w.Folder+"/") || names(w.Reason) {
			w.Folder, w.Reason = optedOut, "not complete"
		}
	}
	for i := range st.Rejects {
		if r := &st.Rejects[i]; names(r.Path) {
			r.Path = optedOut
		}
	}
	return nil
}
