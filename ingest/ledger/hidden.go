package ledger

import (
	"context"
	"regexp"
	"strings"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/engine"
)

// Hidden knows what identifies customers who opted out, to keep it out of remarks about files. A nil Hidden knows none.
type Hidden struct {
	ids   map[string]bool // tenants, subscriptions and resource groups, lower case
	files map[string]bool // paths of files that hold only their usage
	mixed map[string]bool // and of those that hold some of it
}

// FindHidden finds what identifies customers who opted out, without an attribution; it returns nil if nobody did.
func FindHidden(ctx context.Context, db *engine.DB) (*Hidden, error) {
	n, err := db.Count(ctx, "select count(*) from exclusions")
	if err != nil || n == 0 {
		return nil, err
	}
	if err := db.Table(ctx, "usage_days", queries.Text("ledger/usage_days.sql")); err != nil {
		return nil, err
	}
	if err := chain.MakeSteps(ctx, db, chain.OptOuts); err != nil {
		return nil, err
	}
	h := &Hidden{}
	for statement, set := range map[string]*map[string]bool{
		queries.Text("ledger/hidden_ids.sql"): &h.ids,
		"select path from hidden_files":       &h.files,
		"select path from mixed_files":        &h.mixed,
	} {
		list, err := engine.Ask[string](ctx, db, statement)
		if err != nil {
			return nil, err
		}
		*set = setOf(list)
	}
	return h, nil
}

var (
	guidText = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	// What is neither a number nor a date, whole or in quotes: the patterns of queries/chain/published.go.
	wordText   = regexp.MustCompile(`[^0-9.,:;/+\-\sTZeE%()]`)
	quotedWord = regexp.MustCompile(`"[^"]*[^0-9.,:;/+\-\sTZeE%()"][^"]*"`)

	groupText = regexp.MustCompile(`/subscriptions/[0-9a-f-]{36}/resourcegroups/[^/"?#&\s]+`)
)

// Names reports whether a text names such a customer, by the rules of queries/attribute/named_texts.sql.
func (h *Hidden) Names(text string) bool {
	if h == nil {
		return false
	}
	if h.files[text] {
		return true
	}
	text = strings.ToLower(text)
	for _, id := range guidText.FindAllString(text, -1) {
		if h.ids[id] {
			return true
		}
	}
	for _, id := range groupText.FindAllString(strings.ReplaceAll(text, "%2f", "/"), -1) {
		if h.ids[strings.TrimRight(id, ",;:.")] {
			return true
		}
	}
	return false
}

// File removes from a file's record what names such a customer.
func (h *Hidden) File(f *FileRecord) {
	if h == nil {
		return
	}
	if h.Names(f.Path) {
		f.Path = chain.HiddenPath
		if f.Reason != "" {
			f.Reason = chain.HiddenText
		}
	}
	switch {
	case h.Names(f.Reason):
		f.Reason = chain.HiddenText
	case h.mixed[f.Path] && strings.Contains(f.Reason, `"`) || quotedWord.MatchString(f.Reason):
		f.Reason = chain.DoubtText
	}
}

// Reject does the same for a rejected row. Whose row it is is unknown: its file may hold no other rows of that customer.
func (h *Hidden) Reject(r *RejectRecord) {
	if h == nil {
		return
	}
	all, some := h.Names(r.Path), h.mixed[r.Path]
	if all || some || h.Names(r.Value) || wordText.MatchString(r.Value) {
		r.Value = ""
	}
	if all || some && strings.Contains(r.Reason, `"`) || h.Names(r.Reason) || quotedWord.MatchString(r.Reason) {
		r.Reason = chain.DoubtText
	}
	if all {
		r.Path = chain.HiddenPath
	}
}
