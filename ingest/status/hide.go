package status

import (
	"context"
	"strings"

	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries/chain"
)

// hideExcluded takes from a status what names customers who opted out: the scope and the name of their exports, and folders with their ids
// or the names of these exports.
func hideExcluded(ctx context.Context, l *ledger.Ledger, st *Status) error {
	h, err := ledger.FindHidden(ctx, l.DB)
	if err != nil || h == nil {
		return err
	}
	var exports []string
	names := func(text string) bool {
		if h.Names(text) {
			return true
		}
		for _, e := range exports {
			if strings.Contains(strings.ToLower(text), e) {
				return true
			}
		}
		return false
	}
	for i := range st.Exports {
		e := &st.Exports[i]
		if !h.Names(e.Scope+"/") && !h.Names(e.Name) {
			continue
		}
		if e.Name != "" {
			exports = append(exports, "/"+strings.ToLower(e.Name)+"/")
			e.Name = chain.HiddenText
		}
		e.Scope = chain.HiddenText
	}
	for i := range st.Waiting {
		if w := &st.Waiting[i]; names(w.Folder+"/") || names(w.Reason) {
			w.Folder, w.Reason = chain.HiddenText, "not complete"
		}
	}
	for i := range st.Rejects {
		if r := &st.Rejects[i]; names(r.Path) {
			r.Path = chain.HiddenText
		}
	}
	return nil
}
