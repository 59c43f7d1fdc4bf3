package queries

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
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
func TestGrowth(t *testing.T) {
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

// rowsThrough adds up what the operators of a step give, and refuses joins that compare all with all.
func rowsThrough(t *testing.T, step, fill string, n int) int64 {
	t.Helper()
	w, err := newStepWorld(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.db.Close()
	for statement := range strings.SplitSeq(fmt.Sprintf(fill, n), ";") {
		if err := w.db.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	var key, profile string
	row := w.db.conn.QueryRowContext(t.Context(), "explain (analyze, format json) "+Text("attribute/"+step+".sql"))
	if err := row.Scan(&key, &profile); err != nil {
		t.Fatal(err)
	}
	var root operator
	if err := json.Unmarshal([]byte(profile), &root); err != nil {
		t.Fatal(err)
	}
	return root.sum(t)
}

// operator is one operator of the engine's profile.
type operator struct {
	Name     string     `json:"operator_name"`
	Rows     int64      `json:"operator_cardinality"`
	Children []operator `json:"children"`
}

func (o operator) sum(t *testing.T) int64 {
	switch strings.TrimSpace(o.Name) {
	case "NESTED_LOOP_JOIN", "BLOCKWISE_NL_JOIN", "CROSS_PRODUCT", "PIECEWISE_MERGE_JOIN", "IE_JOIN":
		t.Errorf("the plan has a %s", o.Name)
	}
	n := o.Rows
	for _, c := range o.Children {
		n += c.sum(t)
	}
	return n
}
