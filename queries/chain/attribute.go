package chain

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// Attribution are the settings of SPEC 5 and 7 that change who owns usage.
type Attribution struct {
	Owner                string   `json:"owner"`            // first or last
	Credit               string   `json:"credit"`           // primary, split or full
	Retroactive          bool     `json:"retroactive"`      // also count requests older than the registration of their id
	InheritChildren      bool     `json:"inherit_children"` // a resource without writes takes its ancestor's owner
	InheritManagedGroups bool     `json:"inherit_managed_groups"`
	SharedCorrelation    string   `json:"shared_correlation"` // per_request or whole
	SystemIDs            []string `json:"system_ids"`         // tools' own ids besides those of well_known.csv, lower case, without pid-
	RunID                string   `json:"-"`                  // of the run that writes the reports
	CostBasis            string   `json:"cost_basis"`         // auto, or the preferred basis
}

// Attribute makes the tables of Steps, except the Sliced ones, from the canonical tables, which must exist as tables or views of their names.
// It judges the months that m asks for, and drops tables that no later step, report or snapshot table reads. Progress is called with the name of each step before it runs.
func Attribute(ctx context.Context, e engine.Engine, a Attribution, regions []string, m *Months, progress func(step string, done, total int)) error {
	if err := Parameters(ctx, e, a, regions); err != nil {
		return err
	}
	done, total := 0, len(Steps())
	var drops map[string][]string // by step
	dropper, can := e.(engine.Dropper)
	if can {
		drops = lastRead()
	}
	for _, part := range []struct {
		steps []Step
		then  func(context.Context, engine.Engine) error
	}{{Meeting, m.compare}, {Counting, m.count}, {Owning, m.judge}, {Judging, m.keep}} {
		for _, s := range part.steps {
			progress(s.Name, done, total)
			done++
			if err := makeStep(ctx, e, s, m); err != nil {
				return fmt.Errorf("step %s: %w", s.Name, err)
			}
			for _, table := range drops[s.Name] {
				if err := dropper.Drop(ctx, table); err != nil {
					return fmt.Errorf("step %s: drop %s: %w", s.Name, table, err)
				}
			}
		}
		if err := part.then(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// MakeSteps makes the tables of some steps, none of them Monthly or Detail. The tables they read must exist.
func MakeSteps(ctx context.Context, e engine.Engine, steps []Step) error {
	for _, s := range steps {
		if err := makeStep(ctx, e, s, nil); err != nil {
			return fmt.Errorf("step %s: %w", s.Name, err)
		}
	}
	return nil
}

// makeStep makes the table of one step.
func makeStep(ctx context.Context, e engine.Engine, s Step, m *Months) error {
	text := queries.Text(s.file())
	run := func() error {
		switch s.Kind {
		case Sliced, Working, Asked:
			return nil
		case View:
			return e.View(ctx, s.Name, text)
		case Monthly:
			return m.makeMonthly(ctx, e, s, text)
		case Detail:
			return m.makeDetail(ctx, e, s, text)
		default:
			return e.Table(ctx, s.Name, text)
		}
	}
	if s.UsageFirst {
		return e.AsWritten(ctx, run)
	}
	return run()
}

// Parameters makes the one-row table params and the table well_known.
func Parameters(ctx context.Context, e engine.Engine, a Attribution, regions []string) error {
	err := e.Values(ctx, "params", columnar.Schema{
		{Name: "owner", Type: columnar.String}, {Name: "credit", Type: columnar.String}, {Name: "retroactive", Type: columnar.Bool},
		{Name: "inherit_children", Type: columnar.Bool}, {Name: "inherit_managed_groups", Type: columnar.Bool},
		{Name: "shared_correlation", Type: columnar.String}, {Name: "cost_basis", Type: columnar.String}, {Name: "run_id", Type: columnar.String},
	}, [][]any{{a.Owner, a.Credit, a.Retroactive, a.InheritChildren, a.InheritManagedGroups, a.SharedCorrelation, a.CostBasis, a.RunID}})
	if err != nil {
		return err
	}
	facts := queries.WellKnownFacts()
	for _, id := range a.SystemIDs {
		facts = append(facts, queries.WellKnown{Kind: "system_id", Value: id})
	}
	for _, r := range regions {
		facts = append(facts, queries.WellKnown{Kind: "region", Value: r})
	}
	var rows [][]any
	seen := map[queries.WellKnown]bool{}
	for _, f := range facts {
		if !seen[f] {
			rows = append(rows, []any{f.Kind, f.Value})
		}
		seen[f] = true
	}
	return e.Values(ctx, "well_known", columnar.Schema{{Name: "kind", Type: columnar.String}, {Name: "value", Type: columnar.String}}, rows)
}

// Report reads one report, ordered by its key columns in byte order, NULL first. A report that is a step of the chain has been made; the others
// are computed here.
func Report(ctx context.Context, e engine.Engine, name string, keys []string) (engine.Rows, error) {
	from := "(" + queries.Text("report/"+name+".sql") + ")"
	for _, s := range Steps() {
		if s.Name == name {
			from = s.table()
		}
	}
	return InOrder(ctx, e, from, keys)
}

// InOrder reads a table, or a SELECT in parentheses, ordered by key columns in byte order, NULL first.
func InOrder(ctx context.Context, e engine.Engine, from string, keys []string) (engine.Rows, error) {
	text := "select * from " + from + " r"
	if len(keys) > 0 {
		text += " order by " + strings.Join(keys, " asc nulls first, ") + " asc nulls first"
	}
	rows, err := e.Query(ctx, text)
	if err != nil {
		return nil, err
	}
	return engine.ReadAhead(rows), nil
}

// WriteReports writes every report that is no Detail step to a path of its name in a folder, as Parquet. Attribute has made what they read.
func WriteReports(ctx context.Context, e engine.Engine, folder string) error {
	for _, name := range Reports {
		from := "(" + queries.Text("report/"+name+".sql") + "\n)"
		for _, s := range Steps() {
			switch {
			case s.Name == name && s.Kind == Detail:
				from = ""
			case s.Name == name:
				from = s.table()
			}
		}
		if from == "" {
			continue
		}
		if _, err := e.Write(ctx, "select * from "+from+" r", filepath.Join(folder, name), ""); err != nil {
			return fmt.Errorf("report %s: %w", name, err)
		}
	}
	return nil
}
