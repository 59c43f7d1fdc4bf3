package judge

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// DataThrough returns the last usage date that counts, YYYY-MM-DD, or "" when there is no usage. Call it after the attribution.
func DataThrough(ctx context.Context, db *engine.DB) (string, error) {
	return engine.AskText(ctx, db, queries.Text("ledger/data_through.sql"))
}

// OnlyUsage reports whether no delivery could carry a tracking id, so that nothing can be attributed.
func OnlyUsage(ctx context.Context, db *engine.DB) (bool, error) {
	n, err := db.Count(ctx, queries.Text("ledger/witnesses.sql"))
	return n == 0, err
}

// NewIDs returns the tracking ids that no earlier run has seen, sorted. Call it after the attribution.
func NewIDs(ctx context.Context, db *engine.DB) ([]string, error) {
	if err := db.Table(ctx, "new_ids", queries.Text("ledger/new_ids.sql")); err != nil {
		return nil, err
	}
	return engine.Ask[string](ctx, db, "from new_ids order by tracking_id")
}

// KeepNewIDs stores the ids of NewIDs as seen by a run.
func KeepNewIDs(ctx context.Context, db *engine.DB, runID string) error {
	return db.Exec(ctx, queries.Text("ledger/keep_new_ids.sql"), runID)
}

// LostDays lists the days of subscriptions for which usage was delivered but none counts, with the files that held it. There should be none. What
// names a customer who opted out is not shown. Call it after the attribution.
func LostDays(ctx context.Context, db *engine.DB) (lost []string, err error) {
	days, err := engine.Ask[struct{ SubscriptionKey, UsageDate, Paths string }](ctx, db, queries.Text("ledger/lost_days.sql"))
	for _, d := range days {
		lost = append(lost, fmt.Sprintf("subscription %s, %s: %s", d.SubscriptionKey, d.UsageDate, d.Paths))
	}
	return lost, err
}

// CheckLostDays returns a *CheckError for the days of LostDays, or nil if there are none.
func CheckLostDays(lost []string) error {
	const show = 20
	if n := len(lost); n == 0 {
		return nil
	} else if n > show {
		lost = append(slices.Clone(lost[:show]), fmt.Sprintf("and %d days more", n-show))
	}
	return &ledger.CheckError{
		Check: "lost days", Detail: "usage was delivered for these days, but none of it counts:\n" + strings.Join(lost, "\n"),
		Hint: "the report overlaps shows which export counts instead: run that export again, or remove it from the sources",
	}
}

// HiddenIDs lists the ids of customers who opted out, on any date: tenants, subscriptions and resource groups, in lower case, except subscriptions
// that have since been transferred. Call it after Attribute.
func HiddenIDs(ctx context.Context, db *engine.DB) ([]string, error) {
	return engine.Ask[string](ctx, db, queries.Text("ledger/hidden_ids.sql"))
}

// Doubts says for how many resources the owner depends on a rule's choice among runs of one deployment, because the records of these runs do not
// tell when they began (SPEC 5.B); for how many deployments, and the name of one. Call it after Attribute.
func Doubts(ctx context.Context, db *engine.DB) (resources, deployments int64, name string, err error) {
	d, err := engine.AskOne[struct {
		Resources, Deployments int64
		Name                   string
	}](ctx, db, queries.Text("ledger/doubtful_runs.sql"))
	if err != nil || d == nil {
		return 0, 0, "", err
	}
	return d.Resources, d.Deployments, d.Name, nil
}

// CrowdedTexts counts the deployment names and User-Agents with more `pid-` than the grammar takes from one text (token.MaxTokens), and how many it
// passed over. Call it after Attribute.
func CrowdedTexts(ctx context.Context, db *engine.DB) (texts, passed int64, err error) {
	c, err := engine.AskOne[struct{ Texts, Passed int64 }](ctx, db, queries.Text("ledger/crowded_texts.sql"))
	if err != nil || c == nil {
		return 0, 0, err
	}
	return c.Texts, c.Passed, nil
}
