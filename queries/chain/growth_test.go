package chain

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/testdata/faults"
)

// growing lists steps with an input that is bad for them: SQL that fills their tables with %[1]d times the same thing.
var growing = []struct{ step, about, fill string }{
	{"write_deletes", "a group that is filled and deleted again and again", `
		insert into writes (resource_id, correlation_id, ts) select '/g/' || i, 'c' || i, timestamp '2026-01-01' + to_hours(i::int) from range(%[1]d) r(i);
		insert into delete_evidence (resource_id, ts) select '/g', timestamp '2026-01-01 00:30:00' + to_hours(i::int) from range(%[1]d) r(i);
		insert into ancestors (resource_id, ancestor_id, depth) select '/g/' || i, '/g', 4 from range(%[1]d) r(i)`},
	{"next_deletes", "one id written and deleted again and again", `
		insert into direct_writes (resource_id, correlation_id, ts) select '/g/a', 'c' || i, timestamp '2026-01-01' + to_hours(i::int) from range(%[1]d) r(i);
		insert into delete_evidence (resource_id, ts) select '/g', timestamp '2026-01-01 00:30:00' + to_hours(i::int) from range(%[1]d) r(i);
		insert into moving_ids (resource_id, part_id) values ('/g/a', '/g'), ('/g/a', '/g/a')`},
	{"next_moves", "one id moved back and forth", `
		insert into moves (old_id, new_id, ts) select case when i %% 2 = 0 then '/a' else '/b' end, case when i %% 2 = 0 then '/b' else '/a' end, timestamp '2026-01-01' + to_hours(i::int) from range(%[1]d) r(i);
		insert into next_deletes (resource_id, ts, until_ts) select new_id, ts, ts + to_hours(1) from moves`},
	{"writes", "one id moved back and forth, written in between", `
		insert into direct_writes (resource_id, correlation_id, ts) select '/g/a', 'c' || i, timestamp '2026-01-01' + to_hours(i::int) from range(%[1]d) r(i);
		insert into move_chains (old_id, new_id, ts) select '/g/a', '/h/a', timestamp '2026-01-01 00:30:00' + to_hours(i::int) from range(%[1]d) r(i);
		insert into next_deletes (resource_id, ts, until_ts) select resource_id, ts, ts + to_minutes(30) from direct_writes;
		insert into moving_ids (resource_id, part_id) values ('/g/a', '/g'), ('/g/a', '/g/a')`},
	{"write_tags", "many calls of one correlation id", `
		insert into writes (resource_id, correlation_id, ts) select '/g/' || i, 'c', timestamp '2026-01-01' from range(%[1]d) r(i);
		insert into ancestors (resource_id, ancestor_id, depth) select '/g/' || i, '/g', 4 from range(%[1]d) r(i);
		insert into tag_standings (correlation_id, target_id, tracking_id, standing) select 'c', '/g/' || i, 't', 'in_force' from range(%[1]d) r(i)`},
	{"guid_tokens", "one long text", `
		insert into token_texts (source, text, t) select 'user_agent', 'x', string_agg('pid-' || lpad(i::text, 8, '0') || '-1111-2222-3333-444455556666', ' ') from range(%[1]d) r(i)`},
	{"moved_ids", "one name in many groups that were moved out of", `
		insert into activity (operation, status, resource_id, event_ts) select 'x/moveresources/action', 'succeeded', '/s/s/g/' || i, timestamp '2026-01-01' from range(%[1]d) r(i);
		insert into writes (resource_id, correlation_id) select '/s/s/g/' || i || '/providers/p/t/n', 'c' from range(%[1]d) r(i);
		insert into ancestors (resource_id, ancestor_id, depth) select '/s/s/g/' || i || '/providers/p/t/n', '/s/s/g/' || i, 4 from range(%[1]d) r(i);
		insert into usage_resources (resource_id, first_usage_date) select '/s/s/h/' || i || '/providers/p/t/n', date '2026-01-02' from range(%[1]d) r(i)`},
}

// No step grows faster than its input: four times as much of it sends at most five times as many rows through the operators of the plan.
func TestGrowthOfSteps(t *testing.T) {
	const n = 500
	for _, g := range growing {
		t.Run(g.step, func(t *testing.T) {
			few, many := rowsThrough(t, g.step, g.fill, n), rowsThrough(t, g.step, g.fill, 4*n)
			if few == 0 && many == 0 || many > 5*few {
				t.Errorf("%s: %d rows of input send %d rows through its plan, %d send %d", g.about, n, few, 4*n, many)
			}
		})
	}
}

// rowsThrough adds up what the operators of a step give.
func rowsThrough(t *testing.T, step, fill string, n int64) int64 {
	t.Helper()
	w, err := newStepWorld(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.db.Close()
	if err := w.db.Exec(t.Context(), fmt.Sprintf(fill, n)); err != nil {
		t.Fatal(err)
	}
	got, err := w.grown(t.Context(), queries.Text("attribute/"+step+".sql"), n)
	if err != nil {
		t.Fatal(err)
	}
	for _, loop := range got.loops {
		t.Errorf("the plan has a %s", loop)
	}
	return max(got.rows, got.pairs)
}

// growthFolder holds inputs that are bad for the SQL. Its README says what they are made of.
const growthFolder = "../../testdata/growth"

var growthFile = flag.String("growth-file", "", "only this file of testdata/growth, and no complaint of SELECTs that it does not feed")

// unfed lists SELECTs whose input does not grow with what is delivered.
var unfed = map[string]string{
	"attribute/shared_credits.sql": "there are none but with credit: split",
	"report/coverage.sql":          "a row for each month, currency and status",
	"snapshot/settings.sql":        "one row",
	"published settings":           "one row",
}

// faster lists SELECTs that grow faster than their input, with what bounds it.
var faster = map[string]string{
	"attribute/judged_usage.sql": "a row is compared with the spans and tenures of its resource and subscription, of which there are at most one a day",
}

// onePartition lists SELECTs with a window over all rows at once, which one task of a cluster has to sort, with what bounds it.
var onePartition = map[string]string{
	"attribute/contested_deployments.sql": "the ids of deployments that ran again, and nothing else: a task sorts millions of them",
}

// Every SELECT of the chain, of what is published and of what is loaded, over everything that is bad for one of them: four times as much of it
// sends at most five times as many rows through the operators of a plan, and compares at most five times as many pairs of rows.
func TestGrowth(t *testing.T) {
	const n = 120
	tally := faults.Count(t, "growth")
	few, many := growth(t, n), growth(t, 4*n)
	for _, name := range slices.Sorted(maps.Keys(many)) {
		a, b := few[name], many[name]
		if isFaster := b.rows > 5*a.rows || b.pairs > 5*a.pairs; isFaster && faster[name] == "" {
			t.Errorf("%s sends %d rows through its plan and compares %d pairs for %d of everything, %d and %d for %d", name, a.rows, a.pairs, n, b.rows, b.pairs, 4*n)
		} else if !isFaster && faster[name] != "" && *growthFile == "" {
			t.Errorf("%s grows no faster than its input: take it from the list", name)
		}
		tally.Check("each SELECT, at n and 4n", len(b.loops) == 0 && (b.rows <= 5*a.rows && b.pairs <= 5*a.pairs || faster[name] != ""), "")
		for _, loop := range b.loops {
			t.Errorf("%s: its plan has a %s of two inputs that grow", name, loop)
		}
		if (len(b.windows) > 0) != (onePartition[name] != "") {
			t.Errorf("%s: windows over all rows at once: %q; the list onePartition says %q", name, b.windows, onePartition[name])
		}
		if *growthFile == "" && (b.rows < 3*n) != (unfed[name] != "") {
			t.Errorf("%s: %d rows go through its plan for %d of everything: nothing of %s feeds it, or the list unfed is out of date", name, b.rows, 4*n, growthFolder)
		}
	}
}

// grown is what a SELECT costs.
type grown struct {
	rows  int64    // that its operators give
	pairs int64    // the same, when every comparison of two tables but equality is made after the join: the engine's hash join makes them unseen
	loops []string // joins that compare all with all, where both inputs grow

	windows []string // over all rows at once
}

// growth makes the chain of n of everything, and tells what each SELECT costs.
func growth(t *testing.T, n int64) map[string]grown {
	t.Helper()
	ctx := t.Context()
	w, err := newStepWorld(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer w.db.Close()
	if err := w.fill(ctx, n); err != nil {
		t.Fatal(err)
	}
	out := map[string]grown{}
	measure := func(name, text string) {
		if out[name], err = w.grown(ctx, text, n); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, table := range queries.Evidence {
		for _, name := range []string{table + "_staged", table + "_winners"} {
			if err := w.stage(ctx, name, table); err != nil {
				t.Fatal(err)
			}
			measure("load/"+name+".sql", queries.Text("load/"+name+".sql"))
		}
	}
	for _, s := range Steps() {
		switch s.Name {
		case "pair_days":
			err = w.db.Exec(ctx, "insert into asked_days "+queries.Text("ledger/new_pairs.sql"))
		case "work_days":
			err = w.db.Exec(ctx, "insert into work_months select distinct cast(date_trunc('month', usage_date) as date) from counted_days")
		}
		if err != nil {
			t.Fatal(err)
		}
		measure(s.file(), queries.Text(s.file()))
		if err := w.db.Table(ctx, s.table(), queries.Text(s.file())); err != nil {
			t.Fatal(err)
		}
		if s.Name == "usage_days" {
			if err := w.db.Table(ctx, "slice_facts", queries.Text("ledger/slice_facts.sql")); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, name := range queries.List("months") {
		measure("months/"+name+".sql", queries.Text("months/"+name+".sql"))
	}
	for _, r := range Reports {
		if !slices.ContainsFunc(Steps(), func(s Step) bool { return s.Name == r }) {
			measure("report/"+r+".sql", queries.Text("report/"+r+".sql"))
		}
	}
	for _, table := range queries.SnapshotTables {
		measure("snapshot/"+table+".sql", queries.Text("snapshot/"+table+".sql"))
		text, err := published(ctx, w.db, table)
		if err != nil {
			t.Fatal(err)
		}
		measure("named texts of "+table, queries.Text("attribute/named_texts.sql"))
		measure("published "+table, text)
	}
	return out
}

// fill loads the files of testdata/growth.
func (w *stepWorld) fill(ctx context.Context, n int64) error {
	files, err := filepath.Glob(growthFolder + "/*.sql")
	if err != nil {
		return err
	}
	load := func(name string) error {
		b, err := os.ReadFile(filepath.Join(growthFolder, name+".sql"))
		if err != nil {
			return err
		}
		if err := w.db.Exec(ctx, string(b)); err != nil {
			return fmt.Errorf("%s/%s.sql: %w", growthFolder, name, err)
		}
		return nil
	}
	if err := w.db.Exec(ctx, "set variable n = "+strconv.FormatInt(n, 10)); err != nil {
		return err
	}
	for _, f := range queries.WellKnownFacts() {
		if err := w.db.Exec(ctx, "insert into well_known values (?, ?)", f.Kind, f.Value); err != nil {
			return err
		}
	}
	if err := load("tables"); err != nil {
		return err
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".sql")
		if name == "tables" || name == "usage" || *growthFile != "" && name != *growthFile {
			continue
		}
		if err := load(name); err != nil {
			return err
		}
	}
	return load("usage")
}

// stage gives a SELECT of load/ what it reads: the rows of an evidence table, as they are staged, and twice.
func (w *stepWorld) stage(ctx context.Context, step, table string) error {
	if err := w.evidenceTables(ctx, step); err != nil {
		return err
	}
	var common []string
	for _, c := range w.columns["staged_files"] {
		if slices.Contains(names(w.columns[table]), c.name) {
			common = append(common, engine.Ident(c.name))
		}
	}
	from := "select " + strings.Join(common, ", ") + " from " + engine.Ident(table)
	return w.db.Exec(ctx, "insert into staged_files by name "+from+"; insert into candidates from "+engine.Ident(table)+"; delete from failed_files; insert into failed_files select 'failed' || i from seq")
}

// grown profiles a SELECT.
func (w *stepWorld) grown(ctx context.Context, text string, n int64) (grown, error) {
	root, err := w.profile(ctx, text)
	if err != nil {
		return grown{}, err
	}
	g := grown{rows: root.sum(), loops: root.loops(n), windows: root.windows()}
	wide, err := w.widened(ctx, text)
	if err != nil {
		return g, err
	}
	if root, err = w.profile(ctx, wide); err != nil {
		return g, fmt.Errorf("%w in\n%s", err, wide)
	}
	g.pairs = root.sum()
	return g, nil
}

// profile runs a SELECT and gives the rows of each operator.
func (w *stepWorld) profile(ctx context.Context, text string) (operator, error) {
	var root operator
	profile, err := engine.AskOne[struct{ ExplainKey, ExplainValue string }](ctx, w.db, "explain (analyze, format json) "+text)
	if err != nil {
		return root, err
	}
	return root, json.Unmarshal([]byte(profile.ExplainValue), &root)
}

// operator is one operator of the engine's profile.
type operator struct {
	Name     string     `json:"operator_name"`
	Rows     int64      `json:"operator_cardinality"`
	Children []operator `json:"children"`
	Info     struct {
		Projections any // the expressions of a window: a text, or several
	} `json:"extra_info"`
}

// windows lists the windows that have no partitions.
func (o operator) windows() (out []string) {
	expressions, several := o.Info.Projections.([]any)
	if !several {
		expressions = []any{o.Info.Projections}
	}
	for _, e := range expressions {
		if text := fmt.Sprint(e); strings.HasSuffix(strings.TrimSpace(o.Name), "WINDOW") && !strings.Contains(text, "PARTITION BY") {
			out = append(out, text)
		}
	}
	for _, c := range o.Children {
		out = append(out, c.windows()...)
	}
	return out
}

// sum adds up the rows that the operators give.
func (o operator) sum() int64 {
	n := o.Rows
	for _, c := range o.Children {
		n += c.sum()
	}
	return n
}

// loops lists the joins that compare all with all where both inputs have more than n rows.
func (o operator) loops(n int64) []string {
	var out []string
	switch name := strings.TrimSpace(o.Name); name {
	case "NESTED_LOOP_JOIN", "BLOCKWISE_NL_JOIN", "CROSS_PRODUCT", "PIECEWISE_MERGE_JOIN", "IE_JOIN":
		if !slices.ContainsFunc(o.Children, func(c operator) bool { return c.Rows < n }) {
			out = append(out, name)
		}
	}
	for _, c := range o.Children {
		out = append(out, c.loops(n)...)
	}
	return out
}

// widened is a SELECT whose joins by equality look at nothing else: what else they compare is asked afterwards, or not at all where that
// cannot be. Its rows are not result, but tell how many pairs of rows are compared.
func (w *stepWorld) widened(ctx context.Context, text string) (string, error) {
	tree, err := engine.AskOne[string](ctx, w.db, "select cast(json_serialize_sql(cast(? as varchar)) as varchar)", text)
	if err != nil {
		return "", err
	}
	var root map[string]any
	decoder := json.NewDecoder(strings.NewReader(*tree))
	decoder.UseNumber() // places that are not known are the greatest number of 64 bits
	if err := decoder.Decode(&root); err != nil {
		return "", err
	}
	if root["error"] == true {
		return "", fmt.Errorf("the engine does not serialise it: %v", root["error_message"])
	}
	widen(root)
	b, err := json.Marshal(root)
	if err != nil {
		return "", err
	}
	wide, err := engine.AskOne[string](ctx, w.db, "select json_deserialize_sql(cast(? as json))", string(b))
	if err != nil {
		return "", err
	}
	return *wide, nil
}

// widen changes the joins below a node of the engine's syntax tree.
func widen(node any) {
	switch x := node.(type) {
	case []any:
		for _, c := range x {
			widen(c)
		}
	case map[string]any:
		if x["ref_type"] == "CROSS" { // is written as a comma, which binds less than the joins after it
			x["ref_type"], x["join_type"], x["condition"] = "REGULAR", "INNER", truth(true)
		}
		if condition, ok := x["condition"].(map[string]any); ok && x["type"] == "JOIN" {
			widenJoin(x, condition)
		}
		if where, ok := x["where_clause"].(map[string]any); ok {
			var kept []any
			for _, c := range conjuncts(where) {
				if !isEquality(c) && len(qualifiers(c)) > 1 {
					c = afterwards(c)
				}
				kept = append(kept, c)
			}
			x["where_clause"] = conjunction(kept)
		}
		for _, c := range x {
			widen(c)
		}
	}
}

func widenJoin(join, condition map[string]any) {
	var equal, rest []any
	for _, c := range conjuncts(condition) {
		if isEquality(c) || len(qualifiers(c)) < 2 {
			equal = append(equal, c)
		} else {
			rest = append(rest, c)
		}
	}
	if len(rest) == 0 || !slices.ContainsFunc(equal, func(c any) bool { return len(qualifiers(c)) > 1 }) {
		return
	}
	switch join["join_type"] {
	case "INNER":
		for _, c := range rest {
			equal = append(equal, afterwards(c))
		}
	case "SEMI", "ANTI":
		join["join_type"] = "INNER"
	}
	join["condition"] = conjunction(equal)
}

// afterwards hides a comparison from the engine, which makes it after the join then.
func afterwards(c any) any {
	return map[string]any{
		"class": "OPERATOR", "type": "OPERATOR_COALESCE", "alias": "", "query_location": 0,
		"children": []any{c, truth(false)},
	}
}

func truth(value bool) any {
	return map[string]any{
		"class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "", "query_location": 0,
		"value": map[string]any{"type": map[string]any{"id": "BOOLEAN", "type_info": nil}, "is_null": false, "value": value},
	}
}

func conjuncts(c map[string]any) []any {
	if c["type"] == "CONJUNCTION_AND" {
		var out []any
		for _, child := range c["children"].([]any) {
			out = append(out, conjuncts(child.(map[string]any))...)
		}
		return out
	}
	return []any{c}
}

func conjunction(parts []any) any {
	if len(parts) == 1 {
		return parts[0]
	}
	return map[string]any{"class": "CONJUNCTION", "type": "CONJUNCTION_AND", "alias": "", "query_location": 0, "children": parts}
}

// isEquality tells a comparison that the engine joins by: two sides that name one table each.
func isEquality(c any) bool {
	x := c.(map[string]any)
	return (x["type"] == "COMPARE_EQUAL" || x["type"] == "COMPARE_NOT_DISTINCT_FROM") && len(qualifiers(x["left"])) == 1 && len(qualifiers(x["right"])) == 1
}

// qualifiers are the tables that the columns of an expression are of.
func qualifiers(node any) map[string]bool {
	out := map[string]bool{}
	switch x := node.(type) {
	case []any:
		for _, c := range x {
			maps.Copy(out, qualifiers(c))
		}
	case map[string]any:
		if path, ok := x["column_names"].([]any); ok && len(path) > 1 {
			out[path[0].(string)] = true
		}
		for _, c := range x {
			maps.Copy(out, qualifiers(c))
		}
	}
	return out
}
