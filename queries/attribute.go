package queries

import (
	"context"
	"fmt"
	"strings"
)

// Attribution are the settings of SPEC 5 and 7 that change who owns usage.
type Attribution struct {
	Owner                string   `json:"owner"`            // first or last
	Credit               string   `json:"credit"`           // primary, split or full
	Retroactive          bool     `json:"retroactive"`      // requests older than the registration of their id count
	InheritChildren      bool     `json:"inherit_children"` // a resource without writes takes its ancestor's owner
	InheritManagedGroups bool     `json:"inherit_managed_groups"`
	SharedCorrelation    string   `json:"shared_correlation"` // per_request or whole
	SystemIDs            []string `json:"system_ids"`         // tools' own ids besides those of well_known.csv, lower case, without pid-
	RunID                string   `json:"-"`                  // of the run that writes the reports
	CostBasis            string   `json:"cost_basis"`         // auto, or the basis that goes first
}

// Attribute makes the tables of Steps from the canonical tables, which must be there as tables or views of their names.
// Progress is told the name of each step before it runs.
func (db *DB) Attribute(ctx context.Context, a Attribution, regions []string, progress func(step string, done, total int)) error {
	if err := db.parameters(ctx, a, regions); err != nil {
		return err
	}
	for i, step := range Steps {
		progress(step, i, len(Steps))
		make := db.Table
		if Views[step] {
			make = db.View
		}
		if err := make(ctx, step, Text("attribute/"+step+".sql")); err != nil {
			return fmt.Errorf("step %s: %w", step, err)
		}
	}
	return nil
}

// parameters makes the one-row view params and the table well_known.
func (db *DB) parameters(ctx context.Context, a Attribution, regions []string) error {
	err := db.Exec(ctx, `create or replace temp table params (owner varchar, credit varchar, retroactive boolean, inherit_children boolean,
		inherit_managed_groups boolean, shared_correlation varchar, cost_basis varchar, run_id varchar)`)
	if err != nil {
		return err
	}
	err = db.Exec(ctx, "insert into params values (?, ?, ?, ?, ?, ?, ?, ?)",
		a.Owner, a.Credit, a.Retroactive, a.InheritChildren, a.InheritManagedGroups, a.SharedCorrelation, a.CostBasis, a.RunID)
	if err != nil {
		return err
	}
	if err := db.Exec(ctx, "create or replace temp table well_known (kind varchar, value varchar)"); err != nil {
		return err
	}
	facts := WellKnownFacts()
	for _, id := range a.SystemIDs {
		facts = append(facts, WellKnown{Kind: "system_id", Value: id})
	}
	for _, r := range regions {
		facts = append(facts, WellKnown{Kind: "region", Value: r})
	}
	seen := map[WellKnown]bool{}
	for _, f := range facts {
		if seen[f] {
			continue
		}
		seen[f] = true
		if err := db.Exec(ctx, "insert into well_known values (?, ?)", f.Kind, f.Value); err != nil {
			return err
		}
	}
	return nil
}

// Report runs the SELECT of one report in the order of its key columns, NULL first, which is byte order with empty first.
func (db *DB) Report(ctx context.Context, name string, keys []string) (Rows, error) {
	quoted := make([]string, len(keys))
	for i, k := range keys {
		quoted[i] = quoteIdent(k) + " asc nulls first"
	}
	text := Text("report/" + name + ".sql")
	if len(keys) == 0 {
		return db.Query(ctx, text)
	}
	return db.Query(ctx, "select * from ("+text+") order by "+strings.Join(quoted, ", "))
}
