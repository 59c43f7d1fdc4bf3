package spec

import c "github.com/pidledger/pidledger/queries/columnar"

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
		Columns: []Column{
			{"source_kind", c.String, false, "kind of the export: `ea`, `mca`, `csp_sub`, `focus` and so on"},
			{"schema_version", c.String, false, "version of the export's columns"},
			{"cost_basis", c.String, false, "focus, amortized, actual or usage"},
			{"scope", c.String, false, "scope of the export"},
			{"export_name", c.String, false, "name of the export"},
			{"run_id", c.String, false, "run of the export that delivered the row"},
			{"submitted_at", c.Timestamp, false, "when that run was submitted"},
			{"blob_name", c.String, true, "file of the row"},
			{"row_no", c.Int, true, "1-based number of the row in that file"},
			{"slice_id", c.String, true, "slice of the ledger that holds the row"},
			{"usage_date", c.Date, false, "day of the usage"},
			{"billing_period", c.Date, false, "first day of the billing month"},
			{"billing_period_start", c.Date, false, "first day of the billing period"},
			{"billing_period_end", c.Date, false, "day after the last of the billing period"},
			{"invoice_id", c.String, false, "invoice"},
			{"resource_id_raw", c.String, false, "resource id as delivered"},
			{"resource_id", c.String, false, "resource id, lower case"},
			{"resource_id_kind", c.String, false, "arm, rg, subscription, reservation, savings_plan, tenant, bare_name or empty"},
			{"subscription_id", c.String, false, "subscription, lower case"},
			{"resource_group", c.String, false, "resource group"},
			{"resource_type", c.String, false, "resource type"},
			{"quantity", c.Decimal, false, "quantity in `unit`, the credited share of it"},
			{"unit", c.String, false, "unit of measure"},
			{"billed_cost", c.Decimal, false, "cost as billed, the credited share of it"},
			{"effective_cost", c.Decimal, false, "effective cost, the credited share of it"},
			{"billing_currency", c.String, false, "currency of the costs"},
			{"cost_usd", c.Decimal, false, "effective cost in US dollars, the credited share of it; empty when not known"},
			{"list_cost", c.Decimal, false, "cost at list price"},
			{"pricing_currency", c.String, false, "currency of the prices"},
			{"exchange_rate", c.Decimal, false, "from pricing to billing currency"},
			{"meter_id", c.String, false, "meter"},
			{"meter_name", c.String, false, "name of the meter"},
			{"meter_category", c.String, false, "service"},
			{"meter_subcategory", c.String, false, "kind of the service"},
			{"service_family", c.String, false, "family of the service"},
			{"product_name", c.String, false, "product"},
			{"charge_class", c.String, false, "usage, unused_commitment, purchase, refund, adjustment, tax or credit"},
			{"charge_type_raw", c.String, false, "charge type as delivered"},
			{"is_usage", c.Bool, false, "whether the row is usage"},
			{"pricing_model", c.String, false, "on demand, reservation, savings plan, spot"},
			{"benefit_id", c.String, false, "reservation or savings plan that applied"},
			{"publisher_type", c.String, false, "Azure or Marketplace"},
			{"publisher_name", c.String, false, "publisher"},
			{"frequency", c.String, false, "how often the charge recurs"},
			{"billing_account_id", c.String, false, "billing account"},
			{"billing_profile_id", c.String, false, "billing profile"},
			{"invoice_section_id", c.String, false, "invoice section"},
			{"customer_tenant_id", c.String, false, "customer tenant"},
			{"customer_name", c.String, false, "customer"},
			{"partner_tenant_id", c.String, false, "partner tenant"},
			{"reseller_mpn_id", c.String, false, "MPN ID of the reseller"},
			{"pec_applied", c.String, false, "whether partner earned credit applies"},
			{"pec_rate", c.Decimal, false, "rate of the partner earned credit"},
			{"tags", c.String, false, "tags as a JSON object"},
			{"tags_raw", c.String, false, "tags as delivered, only when they cannot be parsed"},
			{"additional_info", c.String, false, "additional info as delivered"},
			{"extra", c.String, false, "columns that pidledger does not know, as a JSON object"},
			{"tracking_id", c.String, true, "credited tracking id"},
			plain(mpnID), plain(offer), plain(sku), plain(channel),
			{"method", c.String, false, "how the id got to the resource: `template`, `user_agent`, `inherited`, `managed_group`"},
			{"rule", c.String, false, "rule that decided"},
			{"correlation_id", c.String, false, "request that owns the resource on that day"},
			{"credit_share", c.Ratio, false, "part of the usage row that is credited here"},
			{"is_duplicate", c.Bool, false, "credited to the primary id as well (`attribution.credit: full`)"},
			{"other_tracking_ids", c.String, false, "ids of the request that got nothing, `;` between"},
			{"counts_in_channel", c.Bool, false, "whether `channels` and `customers` count the row here; of several ids in one line of them one stands for all"},
			plain(month),
		},
	},
}
