// Package queries holds every SQL statement of pidledger, and the lists that belong to them. Packages engine, chain and adhoc run them.
//
// The data flow, folder by folder:
//
//	schema/     the ledger database, one numbered file per schema version; Schema lists them
//	ledger/     the catalog of slices, files and runs (DuckDB only)
//	load/       staged Parquet of one ingest -> evidence tables of the ledger (DuckDB only)
//	attribute/  canonical tables -> sightings -> requests -> writes -> lifetimes -> owners -> status of every usage row
//	months/     which months must be judged again (DuckDB only)
//	report/     the reports of SPEC 6
//	snapshot/   what is published for ad-hoc SQL besides the reports
//	parquet/    what is asked of Parquet files of any origin (DuckDB only)
//	reader/     what the Reader of a published snapshot asks (DuckDB only)
//	catalog/    the named queries of `pidledger query`, on the tables of a snapshot (DuckDB only)
//	explain/    what `pidledger explain` and `verify` ask of a snapshot (DuckDB only)
//	published/  what tools ask a published snapshot
//	compare/    what `pidledger compare` asks of a snapshot (DuckDB only)
//	changes/    what is worth a look in a snapshot; change_kinds.csv and change_thresholds.csv belong to it
//	page/       the figures of report.html
//	targets/    what targets are compared with
//	focus/      attributed usage as FOCUS; service_categories.csv says of which category there a service is
//	macros.sql  what DuckDB spells differently from Spark SQL
//
// Everything in attribute/, report/, snapshot/ and focus/ is one SELECT per file, named after the table it makes, in the subset that DuckDB and
// Spark SQL share (SPEC 8); chain.Steps is the list that shows the pipeline.
package queries

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/queries/facts"
)

//go:embed schema/*.sql ledger/*.sql load/*.sql attribute/*.sql months/*.sql report/*.sql snapshot/*.sql reader/*.sql parquet/*.sql catalog/*.sql explain/*.sql published/*.sql compare/*.sql diff/*.sql changes/*.sql change_kinds.csv change_thresholds.csv page/*.sql workbook/*.sql focus/*.sql targets/*.sql macros.sql well_known.csv service_categories.csv published_columns.csv usage_columns.csv evidence_columns.csv
var files embed.FS

// Text returns the SQL of one embedded file, for example "attribute/sightings.sql". A name that does not exist is a mistake of
// the program and panics; TestEveryFileIsUsed compares the lists with the folders.
func Text(name string) string {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("queries: no embedded file %s", name))
	}
	return string(b)
}

// List returns the names (without folder and ending) of the SQL files of one folder, sorted.
func List(folder string) []string {
	entries, err := fs.ReadDir(files, folder)
	if err != nil {
		panic(fmt.Sprintf("queries: no embedded folder %s", folder))
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), path.Ext(e.Name())))
	}
	return names
}

// WellKnown is one row of the table well_known: a tool's own tracking id (system_id), an Azure region name (region) or the prefix of a
// resource type whose writes create nothing (not_a_write).
type WellKnown struct{ Kind, Value string }

// WellKnownFacts returns the facts of well_known.csv in file order.
func WellKnownFacts() []WellKnown {
	var known []WellKnown
	for _, r := range Records("well_known.csv") {
		known = append(known, WellKnown{Kind: r[0], Value: r[1]})
	}
	return known
}

// FocusVersion is another text whenever the mapping of attributed usage to FOCUS is another one.
func FocusVersion() string { return Text("focus/focus_usage.sql") + Text("service_categories.csv") }

// Records returns the rows of an embedded CSV file without its header.
func Records(name string) [][]string {
	return facts.Rows(name, Text(name))
}

// SnapshotTables lists what is published for ad-hoc SQL besides the reports. Each is a file in snapshot/; chain.Publish writes it without the
// customers who opted out.
var SnapshotTables = []string{
	"registrations", "sightings", "requests", "deployments", "writes", "write_tags", "doubtful_writes", "no_writes", "deletes", "moves", "managed_groups", "owners",
	"resources", "resource_spans", "resource_costs", "evidence_reach", "settings", "files", "rejects", "runs",
}

// CustomerMonths is the view that a reader of a snapshot has besides the tables of the snapshot.
const CustomerMonths = "customer_months"

// SnapshotMeaning says what a row of a table is that is in the snapshot besides the reports; empty for any other name.
func SnapshotMeaning(table string) string {
	file := "snapshot/" + table + ".sql"
	switch {
	case table == CustomerMonths:
		file = "reader/" + table + ".sql"
	case !slices.Contains(List("snapshot"), table):
		return ""
	}
	var header strings.Builder
	for line := range strings.Lines(Text(file)) {
		comment, ok := strings.CutPrefix(strings.TrimSpace(line), "-- ")
		if !ok || strings.HasPrefix(comment, "Why: ") {
			break
		}
		header.WriteString(comment + " ")
	}
	meaning, _, _ := strings.Cut(strings.TrimPrefix(header.String(), table+": "), ". ")
	return strings.TrimRight(meaning, ". ")
}
