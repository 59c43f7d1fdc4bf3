package queries

// Steps is the chain from the canonical tables to the status and the credit of every usage row, in order. Each is a file in
// attribute/ that makes the table of its name from the ones before it.
var Steps = []string{
	// which usage counts
	"usage_days",      // what each export run holds, by subscription and day
	"basis_choice",    // one cost basis for each subscription and month
	"export_overlaps", // days on which a wider or newer export comes first
	"counted_days",    // what is left
	"subscription_tenants",
	"excluded_subscriptions", // who opted out
	"excluded_groups",
	"counted_usage",   // the usage rows that count: the input total (a view)
	"usage_resources", // each resource's first days

	// what was sighted, in which request
	"logged_calls",       // changing calls of the request logs
	"unrecorded_calls",   // those the activity log does not know
	"deployment_records", // every known run of a deployment, with its window
	"operation_records",  // operations, each in its run
	"sighting_texts",     // deployment names and User-Agents
	"token_texts",        // each once
	"guid_tokens",        // the grammar, in four rules
	"word_tokens",
	"malformed_tokens",
	"bare_ids",
	"tokens",
	"sightings",       // tokens with request, time and evidence
	"request_starts",  // when each request began
	"shared_requests", // correlation ids that many calls share (Terraform)
	"nested_deployments",
	"deployment_trees",

	// what was created when
	"moves",
	"delete_evidence",
	"next_moves",  // resources that move again
	"move_chains", // and every id that they went on under
	"write_evidence",
	"direct_writes",
	"writes",
	"known_ids",
	"ancestors",
	"resource_deletes",
	"lifetime_writes",
	"lifetimes",

	// who owns it
	"request_tags",
	"tag_standings", // in force, late, retired, unregistered, system
	"write_tags",
	"write_owners",
	"lifetime_owners",
	"owners",
	"owner_spans", // days with one owner
	"written_ancestors",
	"managed_groups",
	"subjects", // whose owner judges a resource
	"evidence_starts",
	"moved_ids",
	"ownerless_spans", // days without one
	"resource_spans",  // status of each resource on each day

	// what that is worth
	"judged_usage",     // exactly one status for every usage row (a view)
	"status_sums",      // by resource and month
	"coverage_sums",    // by month and status
	"new_restatements", // what changed of months that were reported before
	"credits",          // which ids share an owner's usage
	"split_amounts",    // exact shares
	"credited_usage",   // attributed rows with the amounts of each id
	"channel_months",
	"named_requests",
	"id_requests",
	"malformed_ids",
	"suggestions",
}

// Views are the steps that are no tables: usage rows are read from their slices where they are added up, and never copied.
var Views = map[string]bool{"counted_usage": true, "judged_usage": true}

// Reports lists the reports of SPEC 6, in the order in which they are written. Each is a file in report/.
var Reports = []string{
	"summary", "daily", "services", "customers", "channels", "tracking_ids", "unregistered", "malformed", "coverage",
	"unattributed", "restatements", "overlaps", "attributed_usage",
}

// Evidence lists the evidence tables. Each has two files in load/: TABLE_staged gives staged rows their key, TABLE_winners chooses
// among rows of one key.
var Evidence = []string{"deployments", "operations", "activity", "changes", "requests"}
