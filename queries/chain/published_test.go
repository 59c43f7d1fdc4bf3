package chain

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// What a customer who opted out is dropped or masked by, in each way that a row can name one; everything else stays, also what has no id.
func TestPublishedHidesCustomersWhoOptedOut(t *testing.T) {
	const out, was, in = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002", "00000000-0000-4000-8000-000000000003"
	ctx := t.Context()
	w, err := newStepWorld(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer w.db.Close()
	exec := func(format string, args ...any) {
		t.Helper()
		if err := w.db.Exec(ctx, fmt.Sprintf(format, args...)); err != nil {
			t.Fatal(err)
		}
	}
	exec("insert into hidden_ids values ('%s', date '9999-12-31'), ('%s', date '2026-03-31'), ('/subscriptions/%s/resourcegroups/rg', date '9999-12-31')", out, was, in)
	exec("insert into hidden_subscriptions from (%s)", queries.Text("attribute/hidden_subscriptions.sql"))
	exec("insert into hidden_resources values ('/providers/microsoft.capacity/reservationorders/r')")
	exec("insert into hidden_files values ('theirs.csv')")
	exec("insert into mixed_files values ('mixed.csv')")

	exec(`insert into status_sums by name select 'unattributed' as status, * from (values
		('%[1]s', null, date '2026-04-01', 1), ('%[2]s', null, date '2026-03-31', 2), ('%[2]s', null, date '2026-04-01', 3),
		('%[3]s', null, date '2026-04-01', 4), (null, null, date '2026-04-01', 5), ('%[3]s', '/subscriptions/%[1]s/a', date '2026-04-01', 6),
		('%[3]s', '/subscriptions/%[3]s/resourcegroups/rg/b', date '2026-04-01', 7), ('%[3]s', '/subscriptions/%[3]s/resourcegroups/rg2/b', date '2026-04-01', 8),
		('%[3]s', '/providers/microsoft.capacity/reservationorders/r', date '2026-04-01', 9), ('%[3]s', '/providers/microsoft.capacity/reservationorders/s', date '2026-04-01', 10),
		('%[3]s', '/providers/microsoft.management/managementgroups/%[1]s', date '2026-04-01', 11)
	) v(subscription_id, resource_id, first_usage_date, usage_rows)`, out, was, in)
	exec(`insert into rejects by name select *, 'r' as run_id from (values
		(1, 'a.csv', 'x', 'no date'), (2, 'a.csv', 'of %[1]s', 'no date'), (3, 'theirs.csv', 'x', 'no date'), (4, 'mixed.csv', 'x', 'no date'),
		(5, 'mixed.csv', 'x', 'no date "x"'), (6, 'in/%[1]s/a.csv', 'x', 'no date'), (7, 'a.csv', null, 'no date'),
		(8, 'a.csv', '1,5', 'Cost "1,5" is not a number'), (9, 'a.csv', 'Contoso', 'Cost "Contoso" is not a number'), (10, 'mixed.csv', '1,5', 'Cost "1,5" is not a number')
	) v(record, path, value, reason)`, out)

	texts := func(selectText string) []string {
		t.Helper()
		rows, err := w.db.Query(ctx, selectText)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var out []string
		for rows.Next() {
			out = append(out, rows.Values()[0].S)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return out
	}
	all := t.TempDir()
	if err := PublishAll(ctx, w.db, []string{"resource_costs", "rejects"}, all); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		table, selected string
		want            []string
	}{
		{"resource_costs", "cast(usage_rows as varchar)", []string{"10", "3", "4", "5", "8"}},
		{"rejects", "concat_ws(' | ', record, path, value, reason)", []string{
			"1 | a.csv | " + DoubtText + " | no date",
			"10 | mixed.csv | " + DoubtText + " | " + DoubtText,
			"2 | a.csv | " + DoubtText + " | no date",
			"3 | " + HiddenPath + " | " + DoubtText + " | " + DoubtText,
			"4 | mixed.csv | " + DoubtText + " | no date",
			"5 | mixed.csv | " + DoubtText + " | " + DoubtText,
			"6 | " + HiddenPath + " | " + DoubtText + " | " + DoubtText,
			"7 | a.csv | no date",
			`8 | a.csv | 1,5 | Cost "1,5" is not a number`,
			"9 | a.csv | " + DoubtText + " | " + DoubtText,
		}},
	} {
		selected, err := published(ctx, w.db, c.table)
		if err != nil {
			t.Fatal(err)
		}
		for _, from := range []string{"(" + selected + ")", engine.ParquetSource([]string{filepath.Join(all, c.table)})} {
			got := texts("select " + c.selected + " as shown from " + from + " order by shown")
			if !slices.Equal(got, c.want) {
				t.Errorf("%s shows %q, want %q", c.table, got, c.want)
			}
		}
	}
}
