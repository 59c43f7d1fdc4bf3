package night

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/ingest/status"
	"github.com/pidledger/pidledger/report/spec"
)

// Exports are counted by cost basis: neither names nor scopes of exports, which tell customers, get on the page.
func TestSources(t *testing.T) {
	day := func(d int) *time.Time {
		at := time.Date(2026, 5, d, 3, 4, 5, 0, time.UTC)
		return &at
	}
	got := sources(&status.Status{
		Exports: []status.ExportStatus{
			{Name: "fabrikam-daily", Scope: "/subscriptions/aaaaaaaa-0000-4000-8000-000000000001", CostBasis: "focus", Newest: day(2), Stale: true},
			{Name: "trey-daily", Scope: "/subscriptions/aaaaaaaa-0000-4000-8000-000000000002", CostBasis: "focus", Newest: day(3)},
			{CostBasis: "actual"},
		},
		Evidence: []status.EvidenceStatus{{Kind: "deployments", Records: 127, Subscriptions: 3, Newest: day(1)}, {Kind: "changes"}},
	})
	want := []spec.Source{
		{Name: "cost exports, actual", Count: 1},
		{Name: "cost exports, focus", Count: 2, Newest: "2026-05-03", Note: "1 is late"},
		{Name: "deployments", Count: 127, Newest: "2026-05-01"},
		{Name: "changes", Note: "none delivered"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
}
