package chain

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
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

// Attribute makes the tables of Steps, but for the Sliced ones, from the canonical tables, which must be there as tables or views of their
// names. Of the months it judges those that m asks for. Progress is told the name of each step before it runs.
func Attribute(ctx context.Context, db *engine.DB, a Attribution, regions []string, m *Months, progress func(step string, done, total int)) error {
	if err := parameters(ctx, db, a, regions); err != nil {
		return err
	}
	done, total := 0, len(Steps())
	for _, part := range []struct {
		steps []Step
		then  func(context.Context, *engine.DB) error
	}{{Meeting, m.compare}, {Counting, m.count}, {Owning, m.judge}, {Judging, m.keep}} {
		for _, s := range part.steps {
			progress(s.Name, done, total)
			done++
			if err := makeStep(ctx, db, s, m); err != nil {
				return fmt.Errorf("step %s: %w", s.Name, err)
			}
		}
		if err := part.then(ctx, db); err != nil {
			return err
		}
	}
	return db.Exec(ctx, queries.Text("filter.sql")) // of all that will be published, once
}

// MakeSteps makes the tables of steps that are neither Monthly nor Detail, and of which every table that they read is there.
func MakeSteps(ctx context.Context, db *engine.DB, steps []Step) error {
	for _, s := range steps {
		if err := makeStep(ctx, db, s, nil); err != nil {
			return fmt.Errorf("step %s: %w", s.Name, err)
		}
	}
	return nil
}

// makeStep makes the table of one step.
func makeStep(ctx context.Context, db *engine.DB, s Step, m *Months) (err error) {
	if s.UsageFirst {
		if err := db.Exec(ctx, "set disabled_optimizers = 'build_side_probe_side'"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, db.Exec(context.WithoutCancel(ctx), "reset disabled_optimizers")) }()
	}
	switch text := queries.Text(s.file()); s.Kind {
	case Sliced, Working:
		return nil
	case View:
		return db.View(ctx, s.Name, text)
	case Monthly:
		if err := db.Table(ctx, s.table(), text); err != nil {
			return err
		}
		return m.addKept(ctx, db, s)
	case Detail:
		return m.makeDetail(ctx, db, s, text)
	default:
		return db.Table(ctx, s.Name, text)
	}
}

// parameters makes the one-row view params and the table well_known.
func parameters(ctx context.Context, db *engine.DB, a Attribution, regions []string) error {
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
	facts := queries.WellKnownFacts()
	for _, id := range a.SystemIDs {
		facts = append(facts, queries.WellKnown{Kind: "system_id", Value: id})
	}
	for _, r := range regions {
		facts = append(facts, queries.WellKnown{Kind: "region", Value: r})
	}
	seen := map[queries.WellKnown]bool{}
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

// Report runs the SELECT of one report in the order of its key columns, NULL first, which is byte order with empty first. Reports that are
// steps of the chain are there already.
func Report(ctx context.Context, db *engine.DB, name string, keys []string) (engine.Rows, error) {
	from := "(" + queries.Text("report/"+name+".sql") + ")"
	for _, s := range Steps() {
		if s.Name == name {
			from = engine.Ident(s.table())
		}
	}
	quoted := make([]string, len(keys))
	for i, k := range keys {
		quoted[i] = engine.Ident(k) + " asc nulls first"
	}
	text := "select * from " + from
	if len(keys) > 0 {
		text += " order by " + strings.Join(quoted, ", ")
	}
	rows, err := db.Query(ctx, text)
	if err != nil {
		return nil, err
	}
	return engine.ReadAhead(rows), nil
}
