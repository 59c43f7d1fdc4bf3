package cmd

import (
	"path/filepath"
	"testing"
	"time"
)

// A folder a=b above ledger and reports is a folder; the months are those of the usage, tonight and when a later night takes them as they were.
func TestFoldersNamedLikeColumns(t *testing.T) {
	t.Parallel()
	e := newEstate(t, filepath.Join(t.TempDir(), "month=2020-01", "channel=none", "tenant=x"))
	e.deploy(edgeMarket, subOne, "a", time.Date(2026, 4, 1, 10, 0, 0, 0, time.UTC))
	e.charge("april.csv", usage{subOne, "a", "2026-04-02", "10", "EUR"})
	e.charge("may.csv", usage{subOne, "a", "2026-05-02", "20", "EUR"})
	const months = "select month, channel, cast(sum(effective_cost) as varchar) as cost from attributed_usage group by all order by all"
	check := func(want string) {
		t.Helper()
		if got := e.must("query", months, "--format", "csv"); got != "month,channel,cost\n"+want {
			t.Errorf("attributed_usage has\n%s", got)
		}
		if got := e.must("query", "select distinct column_name from duckdb_columns() where column_name = 'tenant'", "--format", "csv"); got != "column_name\n" {
			t.Errorf("a folder became a column: %s", got)
		}
	}
	e.must("run", "--quiet")
	check("2026-04,marketplace,10.000000000000000000\n2026-05,marketplace,20.000000000000000000\n")
	e.charge("june.csv", usage{subOne, "a", "2026-06-02", "40", "EUR"})
	e.must("run", "--quiet")
	check("2026-04,marketplace,10.000000000000000000\n2026-05,marketplace,20.000000000000000000\n2026-06,marketplace,40.000000000000000000\n")
	if got := e.lines("summary", "month", "effective_cost"); len(got) != 3 || got[0] != "2026-04 10" || got[2] != "2026-06 40" {
		t.Errorf("summary has %v", got)
	}
	for _, command := range [][]string{{"compare", "months"}, {"explain", "a"}, {"verify", edgeMarket}, {"registry", "lint"}} {
		e.must(command...)
	}
}
