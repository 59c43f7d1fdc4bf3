package spec

import (
	"slices"

	"github.com/pidledger/pidledger/queries"
	c "github.com/pidledger/pidledger/queries/columnar"
)

// Columns that several reports share.
var (
	month      = Column{"month", c.String, true, "month of the usage date, YYYY-MM"}
	mpnID      = Column{"mpn_id", c.String, true, "MPN ID of the registration"}
	offer      = Column{"offer", c.String, true, "offer of the registration"}
	sku        = Column{"sku", c.String, true, "SKU or plan of the registration"}
	channel    = Column{"channel", c.String, true, "distribution channel of the registration"}
	trackingID = Column{"tracking_id", c.String, true, "tracking id, lower case, without `pid-` and `-partnercenter`"}
	currency   = Column{"currency", c.String, true, "billing currency; amounts of two currencies are never added"}

	subscriptionKey = Column{"subscription_id", c.String, true, "subscription, lower case"}

	billedCost     = Column{"billed_cost", c.Decimal, false, "cost as billed; empty when the cost basis does not tell it"}
	effectiveCost  = Column{"effective_cost", c.Decimal, false, "cost after commitments are spread over their usage"}
	costUSD        = Column{"cost_usd", c.Decimal, false, "effective cost in US dollars; rows whose export does not tell it are left out, empty when none does"}
	quantity       = Column{"quantity", c.Decimal, false, "quantity in `unit`"}
	usageRows      = Column{"usage_rows", c.Int, false, "usage rows"}
	resources      = Column{"resources", c.Int, false, "distinct resource ids"}
	customersCount = Column{"customers", c.Int, false, "distinct customer tenants known"}
	firstUsageDate = Column{"first_usage_date", c.Date, false, "first usage date"}
	lastUsageDate  = Column{"last_usage_date", c.Date, false, "last usage date"}
	firstSeen      = Column{"first_seen", c.Date, false, "UTC date of the start of the first request that carried it; empty: never seen"}
	lastSeen       = Column{"last_seen", c.Date, false, "UTC date of the start of the last request that carried it"}
	requests       = Column{"requests", c.Int, false, "distinct requests (correlation ids) that carried it, also beside another id"}
)

// plain makes a shared key column an ordinary one.
func plain(col Column) Column {
	col.Key = false
	return col
}

// Reports are the reports, in the order in which they are written (SPEC 6). Only `attributed` usage counts from `summary` to `channels`.
var Reports = []Report{
	{
		Name: "summary", Title: "month, registration, tracking id and currency, with what is attributed to it",
		Columns: []Column{
			month, mpnID, offer, sku, channel, trackingID, currency,
			billedCost, effectiveCost, costUSD, usageRows, resources,
			{"subscriptions", c.Int, false, "distinct subscriptions"},
			customersCount, firstUsageDate, lastUsageDate,
			{"duplicate_cost", c.Decimal, false, "part of the effective cost that is credited to another id, the primary, too; 0 unless `attribution.credit` is `full`"},
		},
	},
	{
		Name: "daily", Title: "usage date, registration, tracking id and currency",
		Columns: []Column{
			{"usage_date", c.Date, true, "day of the usage"}, mpnID, offer, sku, channel, trackingID, currency,
			billedCost, effectiveCost, costUSD, usageRows, resources,
		},
	},
	{
		Name: "services", Title: "month, registration, service, unit and currency",
		Columns: []Column{
			month, mpnID, offer, sku, channel,
			{"meter_category", c.String, true, "service"},
			{"meter_subcategory", c.String, true, "kind of the service; empty when the export leaves it blank"},
			{"unit", c.String, true, "unit of measure of `quantity`"},
			currency, quantity, billedCost, effectiveCost, costUSD, usageRows,
		},
	},
	{
		Name: "customers", Title: "month, offer, channel, customer subscription and currency",
		Columns: []Column{
			month, mpnID, offer, channel,
			{"customer_tenant_id", c.String, true, "customer tenant; empty when no export and no customers file names it"},
			subscriptionKey, currency,
			{"customer_name", c.String, false, "name of the customer from the exports or the customers file"},
			billedCost, effectiveCost, costUSD, resources, firstUsageDate,
		},
	},
	{
		Name: "channels", Title: "month, offer, currency and channel, with its share of the offer",
		Columns: []Column{
			month, mpnID, offer, currency, channel,
			billedCost, effectiveCost, costUSD,
			{"share", c.Ratio, false, "part of the offer's effective cost in that month and currency; empty when that is zero"},
			{"growth", c.Ratio, false, "(effective cost - that of the month before) / that of the month before; empty where there is none or it is zero"},
			customersCount,
			{"deployments", c.Int, false, "distinct requests that own rows of the line and carry the credited id in a deployment name"},
		},
	},
	{
		Name: "tracking_ids", Title: "registered tracking id, also without any sighting",
		Columns: []Column{
			trackingID, plain(mpnID), plain(offer), plain(sku), plain(channel), firstSeen, lastSeen,
			{"deployments_succeeded", c.Int, false, "requests that carried it, are deployments and have no failed deployment"},
			{"deployments_failed", c.Int, false, "requests that carried it and have a failed deployment"},
			requests, resources, usageRows, lastUsageDate,
		},
	},
	{
		Name: "unregistered", Title: "tracking id without a registration in force, kind and currency; an id without usage has one row with an empty currency",
		Columns: []Column{
			trackingID,
			{"kind", c.String, true, "`unregistered`; `late`: registered only after the deployment; `system`: sent by a tool"},
			currency, firstSeen, lastSeen, requests, resources,
			{"effective_cost", c.Decimal, false, "cost of the usage with that status that it owns"},
		},
	},
	{
		Name: "malformed", Title: "malformed token and reason",
		Columns: []Column{
			{"token", c.String, true, "the token in lower case, from `pid-` on; the bare GUID for `missing_prefix`"},
			{"reason", c.String, true, "`nil`, `placeholder`, `truncated`, `too_short`, `too_long`, `not_hex`, `missing_prefix`"},
			{"suggestion", c.String, false, "registered tracking id that was probably meant"},
			{"source", c.String, false, "`deployment_name` or `user_agent`"},
			firstSeen, lastSeen,
			{"sightings", c.Int, false, "distinct requests (correlation ids) that carried it"},
		},
	},
	{
		Name: "coverage", Title: "month, currency and status; adds up to the input exactly",
		Columns: []Column{
			month, currency,
			{"status", c.String, true, "`not_usage`, `excluded`, `attributed`, `late`, `unregistered`, `system`, `preexisting`, `malformed`, `unattributed`"},
			usageRows,
			{"quantity_rows_null", c.Int, false, "rows without a quantity"},
			billedCost, effectiveCost,
		},
	},
	{
		Name: "unattributed", Title: "month, status, reason, resource and currency of usage that belongs to no id",
		Columns: []Column{
			month,
			{"status", c.String, true, "`preexisting`, `malformed` or `unattributed`"},
			{"reason", c.String, true, "of `unattributed`: `no_resource_id`, `no_evidence`, `untagged`, `deleted`, `moved`"},
			subscriptionKey,
			{"resource_id", c.String, true, "resource, lower case; empty for charges without one"},
			currency, effectiveCost, usageRows, firstUsageDate, lastUsageDate,
		},
	},
	{
		Name: "restatements", Title: "month, currency, status, and time and cause of a change of a month that had been reported",
		Columns: []Column{
			month, currency,
			{"status", c.String, true, "status whose sums changed; one that was not there before has old sums of zero, one that is gone new sums of zero"},
			{"replaced_at", c.Timestamp, true, "start of the run that read the other usage, or else found the change, UTC"},
			{"cause", c.String, true, "what changed: `usage`, `registry`, `evidence`, `settings` (also another version of pidledger) or `exclusions`"},
			{"old_billed_cost", c.Decimal, false, "cost as billed, as it was reported before"},
			{"new_billed_cost", c.Decimal, false, "cost as billed, since then"},
			{"old_effective_cost", c.Decimal, false, "effective cost as it was reported before"},
			{"new_effective_cost", c.Decimal, false, "effective cost since then"},
			{"old_usage_rows", c.Int, false, "usage rows as they were reported before"},
			{"new_usage_rows", c.Int, false, "usage rows since then"},
			{"difference", c.Decimal, false, "new less old effective cost"},
			{"old_run", c.String, false, "run that had reported the month before"},
			{"new_run", c.String, false, "run that reported the change"},
		},
	},
	{
		Name: "overlaps", Title: "month, subscription, pair of exports or files and reason of usage that was not counted, or was counted in doubt",
		Columns: []Column{
			month, subscriptionKey,
			{"kept_export", c.String, true, "scope and name of the export, or path of the file, whose rows count; empty: nothing was dropped for them"},
			{"dropped_export", c.String, true, "that whose rows do not count there, or count in doubt (`added_up`, `outside_range` without a kept export)"},
			{"reason", c.String, true, "`wider_scope`, `newer_run`, `same_charges`, `other_basis`, `outside_range` or `added_up`"},
			currency,
			{"days", c.Int, false, "days of these rows"},
			{"usage_rows", c.Int, false, "rows dropped, or counted in doubt"},
			{"effective_cost", c.Decimal, false, "effective cost of them"},
		},
	},
	{
		Name: "attributed_usage", Title: "attributed usage row and tracking id credited for it", Partition: "month",
		Columns: append(usageColumns(),
			Column{"tracking_id", c.String, true, "credited tracking id"},
			plain(mpnID), plain(offer), plain(sku), plain(channel),
			Column{"method", c.String, false, "how the id got to the resource: `template`, `user_agent`, `inherited`, `managed_group`"},
			Column{"rule", c.String, false, "rule that decided"},
			Column{"correlation_id", c.String, false, "request that owns the resource on that day"},
			Column{"credit_share", c.Ratio, false, "part of the usage row that is credited here"},
			Column{"is_duplicate", c.Bool, false, "credited to the primary id as well (`attribution.credit: full`)"},
			Column{"other_tracking_ids", c.String, false, "ids of the request that got nothing, `;` between"},
			Column{"counts_in_channel", c.Bool, false, "whether `channels` and `customers` count the row here; of several ids in one line of them one stands for all"},
			Column{"export_run_id", c.String, false, "run of the export that delivered the row (`run_id` is the same here, a run of pidledger elsewhere)"},
			plain(month),
		),
	},
}

// usageColumns are the columns of a usage row, as attributed_usage has them: with the credited share of what can be shared.
func usageColumns() []Column {
	key := []string{"blob_name", "row_no", "slice_id"}
	shared := []string{"quantity", "billed_cost", "effective_cost", "cost_usd"}
	var columns []Column
	for _, u := range queries.UsageColumns() {
		meaning := u.Meaning
		if slices.Contains(shared, u.Name) {
			meaning += " (the credited share)"
		}
		columns = append(columns, Column{u.Name, c.TypeOf(u.Type), slices.Contains(key, u.Name), meaning})
	}
	return columns
}
