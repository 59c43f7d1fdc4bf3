package spec

import (
	"strings"
	"testing"

	"github.com/pidledger/pidledger/queries/columnar"
)

// The reports and columns that SPEC 6 names, in its order.
const published = `
summary: month mpn_id offer sku channel tracking_id currency | billed_cost effective_cost cost_usd usage_rows resources subscriptions customers first_usage_date last_usage_date duplicate_cost
daily: usage_date mpn_id offer sku channel tracking_id currency | billed_cost effective_cost cost_usd usage_rows resources
services: month mpn_id offer sku channel meter_category meter_subcategory unit currency | quantity billed_cost effective_cost cost_usd usage_rows
customers: month mpn_id offer channel customer_tenant_id subscription_id currency | customer_name billed_cost effective_cost cost_usd resources first_usage_date
channels: month mpn_id offer currency channel | billed_cost effective_cost cost_usd share growth customers deployments
tracking_ids: tracking_id | mpn_id offer sku channel first_seen last_seen deployments_succeeded deployments_failed requests resources usage_rows last_usage_date
unregistered: tracking_id kind currency | first_seen last_seen requests resources effective_cost
malformed: token reason | suggestion source first_seen last_seen sightings
coverage: month currency status | usage_rows quantity_rows_null billed_cost effective_cost
unattributed: month status reason subscription_id resource_id currency | effective_cost usage_rows first_usage_date last_usage_date
restatements: month currency status replaced_at cause | old_billed_cost new_billed_cost old_effective_cost new_effective_cost old_usage_rows new_usage_rows difference old_run new_run
overlaps: month subscription_id kept_export dropped_export reason currency | days usage_rows effective_cost
`

func TestSpecsArePublished(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(published), "\n")
	if len(Reports) != len(lines)+1 || Reports[len(lines)].Name != "attributed_usage" {
		t.Fatalf("%d reports, want %d and then attributed_usage", len(Reports), len(lines))
	}
	for i, line := range lines {
		name, columns, _ := strings.Cut(line, ": ")
		var rest []string
		for _, c := range Reports[i].Columns {
			if !c.Key {
				rest = append(rest, c.Name)
			}
		}
		if got := strings.Join(Reports[i].Key(), " ") + " | " + strings.Join(rest, " "); Reports[i].Name != name || got != columns {
			t.Errorf("report %d is\n%s: %s\nwant\n%s", i, Reports[i].Name, got, line)
		}
		for j := range Reports[i].Key() {
			if !Reports[i].Columns[j].Key {
				t.Errorf("report %s: column %d should be of the key", name, j)
			}
		}
	}
}

func TestSpecCheck(t *testing.T) {
	s, _ := Find("malformed")
	other := func(change func(columnar.Schema) columnar.Schema) columnar.Schema { return change(s.Schema()) }
	for _, c := range []struct {
		schema columnar.Schema
		want   string
	}{
		{s.Schema(), ""},
		{other(func(x columnar.Schema) columnar.Schema { return x[:6] }), "report malformed: column 7, sightings, is missing from the result"},
		{other(func(x columnar.Schema) columnar.Schema { return append(x, columnar.Column{Name: "more"}) }), "report malformed: the result has a column too many: more"},
		{other(func(x columnar.Schema) columnar.Schema { x[6].Type = columnar.Decimal; return x }), "report malformed: column 7 of the result is sightings Decimal, not sightings Int"},
	} {
		got := ""
		if err := s.Check(c.schema); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
