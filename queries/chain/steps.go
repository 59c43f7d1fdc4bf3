// Package chain lists the steps from the canonical tables to the reports, and runs them: which usage counts, who owns it, what status each
// row has, which months are judged again, and what may be published.
package chain

import (
	"slices"
)

// Kind says how the table of a step is kept.
type Kind int

const (
	Table   Kind = iota // rebuilt by every run
	View                // read where it is used, never stored
	Sliced              // made of each usage slice, or pair of slices, once; the ledger gives the table
	Working             // rebuilt whenever the selection of months changes
	Asked               // made of the texts of one snapshot table, when that is published
	Monthly             // each row belongs to one month: a run makes the months that it judges and reuses the others
	Detail              // like Monthly, but too large for a table: Parquet, one folder per month
)

// Step is one table on the way from the canonical tables to the reports. Its SELECT is the file of that name, in report/ for a report, else in
// attribute/.
type Step struct {
	Name  string
	Kind  Kind
	Month string // the column that tells the month of a row: a date, or text that begins with YYYY-MM; Monthly and Detail only

	// UsageFirst: the step joins the usage rows with smaller tables, in the order written. Left to itself, the engine underestimates the usage rows
	// and builds its hash tables from them instead of the small tables, which takes twice the processor time.
	UsageFirst bool
}

// The chain has four parts. Meeting finds the days on which usage rows have to be compared. A run judges only months in which something changed:
// Counting finds months whose usage changed, Owning those in which a resource changed its owner; work_months holds the months at work.
// queries/README.md explains Meeting and Counting.
var (
	// Meeting finds the days for which several deliveries hold usage.
	Meeting = []Step{
		{Name: "usage_days", Kind: Sliced}, // what each export run holds, by subscription and day
		{Name: "basis_choice"},             // one cost basis for each subscription, day and account, where there are several
		{Name: "chosen_days"},              // the days of that basis
		{Name: "shared_days"},              // those for which something has to be decided
		{Name: "met_days"},                 // and among these, the ones that only the rows can decide
	}

	// Counting decides which usage counts.
	Counting = []Step{
		{Name: "pair_days", Kind: Sliced}, // what two slices both hold on a day
		{Name: "scope_overlaps"},          // days on which a wider or newer export comes first
		{Name: "outside_rows"},            // rows outside the days of their run
		{Name: "charge_pairs"},            // deliveries of the same charges
		{Name: "charge_overlaps"},         // days on which another one of them comes first
		{Name: "export_overlaps"},         // all that does not count, and why
		{Name: "counted_days"},            // what is left
		{Name: "added_up"},                // what counts in addition to other usage, but is in doubt
	}

	// OptOuts finds the customers who opted out, and what must not be shown.
	OptOuts = []Step{
		{Name: "tenant_days"}, // the tenants that usage names
		{Name: "tenant_changes"},
		{Name: "early_tenants"},        // before usage names any
		{Name: "subscription_tenants"}, // who owned a subscription when
		{Name: "excluded_tenures"},     // of tenants who opted out
		{Name: "excluded_subscriptions"},
		{Name: "excluded_groups"},
		{Name: "hidden_ids"},
		{Name: "hidden_subscriptions"},
		{Name: "hidden_slices"},
		{Name: "hidden_files"},
		{Name: "mixed_files"},
		{Name: "named_texts", Kind: Asked}, // what names one of them
	}

	// Owning finds out who owns what, and when. It reads the usage rows of changed months only, but all of the evidence.
	Owning = slices.Concat(OptOuts, []Step{
		{Name: "work_days", Kind: Working},                             // counted days of the months at work
		{Name: "uncounted_parts", Kind: Working},                       // and the parts of them that do not count
		{Name: "counted_usage", Kind: View},                            // the usage rows that count: the input total
		{Name: "resource_months", Kind: Monthly, Month: "month_start"}, // each resource's first days in a month
		{Name: "usage_resources"},                                      // and of all months

		// what was sighted, in which request
		{Name: "logged_calls"},          // calls in the request logs that change something
		{Name: "idle_operations"},       // operations that write and delete nothing of their own
		{Name: "unrecorded_calls"},      // those the activity log does not know
		{Name: "deployment_records"},    // every known run of a deployment, with its window
		{Name: "contested_deployments"}, // where a run or state has to be chosen
		{Name: "operation_runs"},        // the operations of those
		{Name: "operation_records"},     // operations, each in its run
		{Name: "sighting_texts"},        // deployment names and User-Agents
		{Name: "token_texts"},           // each once
		{Name: "guid_tokens"},           // the grammar, in four rules
		{Name: "word_tokens"},
		{Name: "malformed_tokens"},
		{Name: "bare_ids"},
		{Name: "tokens"},
		{Name: "sightings"},       // tokens with request, time and evidence
		{Name: "request_starts"},  // when each request began
		{Name: "shared_requests"}, // correlation ids that many calls share (Terraform)
		{Name: "nested_deployments"},
		{Name: "deployment_trees"},

		// what was created when
		{Name: "moves"},
		{Name: "delete_records"},
		{Name: "delete_evidence"},
		{Name: "write_evidence"},
		{Name: "direct_writes"},
		{Name: "doubtful_writes"}, // whose run was chosen among several
		{Name: "moving_ids"},      // ids that a move may have reached
		{Name: "next_deletes"},    // and until when it was there
		{Name: "next_moves"},      // resources that move again
		{Name: "move_chains"},     // and all ids they had after that
		{Name: "writes"},
		{Name: "known_ids"},
		{Name: "ancestors"},
		{Name: "write_deletes"}, // the deletes around each write
		{Name: "lifetime_writes"},
		{Name: "lifetimes"},

		// who owns it
		{Name: "request_tags"},
		{Name: "tag_standings"}, // in force, late, retired, unregistered, system
		{Name: "write_tags"},
		{Name: "write_owners"},
		{Name: "lifetime_owners"},
		{Name: "owners"},
		{Name: "owner_spans"}, // days with one owner
		{Name: "written_ancestors"},
		{Name: "managed_groups"},
		{Name: "subjects"}, // whose owner judges a resource
		{Name: "evidence_starts"},
		{Name: "moved_ids"},
		{Name: "ownerless_spans"}, // days without one
		{Name: "resource_spans"},  // status of each resource on each day

		// and what else the reports tell about ids
		{Name: "credits"}, // which ids share an owner's usage
		{Name: "named_requests"},
		{Name: "id_requests"},
		{Name: "malformed_ids"},
		{Name: "suggestions"},
	})

	// Judging gives every usage row of the months at work its status, and adds up what that is worth.
	Judging = []Step{
		{Name: "judged_usage", Kind: View},                                           // exactly one status for every usage row
		{Name: "status_sums", Kind: Monthly, Month: "month_start", UsageFirst: true}, // by resource
		{Name: "coverage_sums"},                                                      // by month and status
		{Name: "new_restatements"},                                                   // what changed in months that were reported before
		{Name: "shared_credits"},                                                     // usage that several ids share
		{Name: "split_amounts", UsageFirst: true},                                    // exact shares
		{Name: "attributed_usage", Kind: Detail, Month: "month", UsageFirst: true},   // attributed rows with the amounts of each id
		{Name: "credited_usage", Kind: View},                                         // the same, of the months at work
		{Name: "channel_months", Kind: Monthly, Month: "month_start"},                // by channel
		{Name: "channel_requests", Kind: Monthly, Month: "month_start"},              // the requests behind that
		{Name: "id_resources", Kind: Monthly, Month: "month_start"},                  // by tracking id and resource
		{Name: "shown_resources"},                                                    // in subscriptions that a customer who opted out had before
		{Name: "hidden_resources"},                                                   // whose usage is all by customers who opted out
		{Name: "summary", Kind: Monthly, Month: "month"},
		{Name: "daily", Kind: Monthly, Month: "usage_date"},
		{Name: "services", Kind: Monthly, Month: "month"},
		{Name: "customers", Kind: Monthly, Month: "month"},
	}
)

// Inputs lists the canonical tables: everything that the chain, the reports and the snapshot read and no step makes, except `usage` and the
// parameters.
var Inputs = []string{
	"deployments", "operations", "activity", "changes", "requests", "registrations", "exclusions", "customers",
	"usage_days", "slices", "slice_facts", "files", "rejects", "runs", "reported", "restatements", "changed_inputs",
}

// Steps is the whole chain, in order.
func Steps() []Step { return slices.Concat(Meeting, Counting, Owning, Judging) }

// table is the name of the step's table. A report's table gets a suffix, because `customers` is also a canonical table.
func (s Step) table() string {
	if s.Kind == Monthly && slices.Contains(Reports, s.Name) {
		return s.Name + "_report"
	}
	return s.Name
}

// file is the embedded file with the SELECT of the step.
func (s Step) file() string {
	if slices.Contains(Reports, s.Name) {
		return "report/" + s.Name + ".sql"
	}
	return "attribute/" + s.Name + ".sql"
}

// Reports lists the reports of SPEC 6, in the order in which they are written. Each is a file in report/.
var Reports = []string{
	"summary", "daily", "services", "customers", "channels", "tracking_ids", "unregistered", "malformed", "coverage",
	"unattributed", "restatements", "overlaps", "attributed_usage",
}
