package report

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
)

// fakeEngine serves reports from text tables: one line per row, cells between `|`, `\N` for NULL.
type fakeEngine struct {
	tables map[string]string
	schema map[string]columnar.Schema // in the place of the Spec's
	fail   string                     // report whose rows end in an error
	during func(report string)        // called when a report is fetched
	folder string                     // where parts are written
}

var errEngine = errors.New("the engine broke")

func (e *fakeEngine) Fetch(_ context.Context, report string) (queries.Rows, error) {
	if e.during != nil {
		e.during(report)
	}
	s, ok := Find(report)
	if !ok {
		return nil, fmt.Errorf("no report %s", report)
	}
	rows := &fakeRows{schema: s.Schema()}
	if other := e.schema[report]; other != nil {
		rows.schema = other
	}
	for line := range strings.Lines(e.tables[report]) {
		if line = strings.TrimSpace(line); line != "" {
			rows.lines = append(rows.lines, line)
		}
	}
	if e.fail == report {
		rows.fail = errEngine
	}
	return rows, nil
}

// Parts writes the files of a partitioned report once, as the engine keeps them.
func (e *fakeEngine) Parts(_ context.Context, report string) (map[string][]string, int64, error) {
	if e.fail == report+"/parts" {
		return nil, 0, errEngine
	}
	parts := map[string][]string{}
	var n int64
	for line := range strings.Lines(e.tables[report]) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		month := line[strings.LastIndexByte(line, '|')+1:]
		part := filepath.Join(e.folder, "judged", month, "data_0.parquet")
		if _, err := os.Stat(part); err != nil {
			if err := os.MkdirAll(filepath.Dir(part), 0o755); err != nil {
				return nil, n, err
			}
			if err := os.WriteFile(part, []byte("PAR1 "+month), 0o644); err != nil {
				return nil, n, err
			}
		}
		parts[month] = []string{part}
		n++
	}
	return parts, n, nil
}

func (e *fakeEngine) CopyTable(_ context.Context, table, path string) (int64, error) {
	if e.fail == table {
		return 0, errEngine
	}
	return 1, os.WriteFile(path, []byte("PAR1 "+table), 0o600)
}

type fakeRows struct {
	schema columnar.Schema
	lines  []string
	values []queries.Value
	fail   error
	err    error
	closed bool
}

func (r *fakeRows) Schema() columnar.Schema { return r.schema }
func (r *fakeRows) Values() []queries.Value { return r.values }
func (r *fakeRows) Err() error              { return r.err }
func (r *fakeRows) Close() error            { r.closed = true; return nil }

func (r *fakeRows) Next() bool {
	if len(r.lines) == 0 {
		r.err = r.fail
		return false
	}
	cells := strings.Split(r.lines[0], "|")
	r.lines = r.lines[1:]
	if len(cells) != len(r.schema) {
		r.err = fmt.Errorf("%d cells for %d columns: %q", len(cells), len(r.schema), cells)
		return false
	}
	r.values = r.values[:0]
	for i, c := range cells {
		v, err := parse(c, r.schema[i].Type)
		if err != nil {
			r.err = err
			return false
		}
		r.values = append(r.values, v)
	}
	return true
}

func parse(cell string, t columnar.Type) (v queries.Value, err error) {
	v.Type = t
	if cell == `\N` {
		v.Null = true
		return v, nil
	}
	switch t {
	case columnar.String:
		v.S = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\r`, "\r", `\p`, "|").Replace(cell)
	case columnar.StringList:
		v.L = strings.Split(cell, "+")
	case columnar.Int:
		v.I, err = strconv.ParseInt(cell, 10, 64)
	case columnar.Decimal:
		v.D, err = columnar.ParseDecimal([]byte(cell))
	case columnar.Ratio:
		v.D, err = columnar.ParseDecimal([]byte(cell))
		v.D = v.D.ReduceScaleBy(12, false)
	case columnar.Date:
		var d time.Time
		d, err = time.Parse(time.DateOnly, cell)
		v.I = d.Unix() / 86400
	case columnar.Timestamp:
		var d time.Time
		d, err = time.Parse(time.RFC3339Nano, cell)
		v.I = d.UnixMicro()
	case columnar.Bool:
		if cell == "true" {
			v.I = 1
		}
	}
	return v, err
}

// world is a small set of reports in which every part of the summary has something to say.
func world() map[string]string {
	return map[string]string{
		"summary": `
2026-03|4391822|Contoso Data Hub|standard|github|11111111-2222-4333-8444-555555555555|EUR|100.5|100.5|\N|10|2|1|1|2026-03-02|2026-03-30|0
2026-04|4391822|Contoso Data Hub|=cmd()|github|11111111-2222-4333-8444-555555555555|EUR|-3|0.000000000000000001|\N|4|1|1|0|2026-04-01|2026-04-02|0`,
		"customers": `
2026-03|4391822|Contoso Data Hub|github|t-1|s-1|EUR|Fabrikam|100.5|100.5|\N|2|2026-03-02
2026-04|4391822|Contoso Data Hub|github|t-1|s-1|EUR|Fabrikam|1234.5|1234.5|\N|2|2026-04-01
2026-04|4391822|Contoso Data Hub|marketplace|\N|s-1|EUR|\N|11.5|11.5|\N|2|2026-04-01
2026-04|4391822|Contoso Data Hub|marketplace|\N|s-2|EUR|\N|200|200|\N|2|2026-04-01
2026-04|4391822|Contoso Data Hub|marketplace|\N|s-3|EUR|\N|200|200|\N|2|2026-04-01
2026-04|5120077|Contoso Vault|direct|\N|s-3|USD|\N|0.001|0.001|\N|2|2026-04-01`,
		"channels": `
2026-03|4391822|Contoso Data Hub|EUR|github|100.5|100.5|\N|1|\N|1|2
2026-04|4391822|Contoso Data Hub|EUR|github|1234.5|1234.5|\N|0.75|11.283582|1|2
2026-04|4391822|Contoso Data Hub|EUR|marketplace|411.5|411.5|\N|0.25|-0.1|3|0
2026-04|5120077|Contoso Vault|USD|direct|0.001|0.001|0.001|1|\N|0|1`,
		"tracking_ids": `
11111111-2222-4333-8444-555555555555|4391822|Contoso Data Hub|standard|github|2026-03-01|2026-04-02|2|0|3|2|14|2026-04-30
99999999-2222-4333-8444-555555555555|4391822|Contoso Data Hub|plus|direct|\N|\N|0|0|0|0|0|\N`,
		"unregistered": `
222c6c49-1b0a-5959-a213-6608f9eb8820|system|EUR|2026-03-08|2026-04-14|15|2|580.37
33333333-2222-4333-8444-555555555555|unregistered|EUR|2026-03-08|2026-04-14|3|2|12.25
44444444-2222-4333-8444-555555555555|unregistered|EUR|2026-03-08|2026-03-08|1|1|5270.58
44444444-2222-4333-8444-555555555555|unregistered|USD|2026-03-08|2026-03-08|1|1|1
55555555-2222-4333-8444-555555555555|late|EUR|2026-03-25|2026-03-25|1|1|3.32
66666666-2222-4333-8444-555555555555|unregistered||2026-03-25|2026-03-25|1|0|0`,
		"malformed": `
pid-00000000-0000-0000-0000-000000000000|nil|\N|deployment_name|2026-03-07|2026-03-07|9
pid-11111111-2222-4333-8|truncated|11111111-2222-4333-8444-555555555555|user_agent|2026-03-23|2026-03-23|1`,
		"coverage": `
2026-03|EUR|attributed|10|0|100.5|100.5
2026-03|EUR|excluded|4|0|50|50
2026-03|EUR|not_usage|1|1|900|0
2026-03|EUR|unattributed|20|0|300|300
2026-04|EUR|attributed|14|0|1646|1646
2026-04|EUR|late|1|0|3.32|3.32
2026-04|EUR|preexisting|1|0|10|10
2026-04|EUR|system|2|0|580.37|580.37
2026-04|EUR|unattributed|7|0|2000.125|2000.125
2026-04|EUR|unregistered|5|0|5282.83|5282.83
2026-04|USD|attributed|1|0|0.001|0.001
2026-04|USD|unregistered|1|0|1|1`,
		"unattributed": `
2026-03|unattributed|no_evidence|aaaaaaaa-0000-4000-8000-000000000001|/subscriptions/aaaaaaaa-0000-4000-8000-000000000001/resourcegroups/rg/providers/microsoft.web/sites/a|EUR|200|12|2026-03-01|2026-03-31
2026-03|unattributed|untagged|aaaaaaaa-0000-4000-8000-000000000002|/subscriptions/aaaaaaaa-0000-4000-8000-000000000002/resourcegroups/rg/providers/microsoft.web/sites/b|EUR|100|8|2026-03-01|2026-03-31
2026-04|preexisting||aaaaaaaa-0000-4000-8000-000000000002|/subscriptions/aaaaaaaa-0000-4000-8000-000000000002/resourcegroups/rg/providers/microsoft.web/sites/c|EUR|10|1|2026-04-01|2026-04-01
2026-04|unattributed|no_evidence|aaaaaaaa-0000-4000-8000-000000000003|/subscriptions/aaaaaaaa-0000-4000-8000-000000000003/resourcegroups/rg/providers/microsoft.web/sites/d|EUR|2000.125|7|2026-04-01|2026-04-30`,
		"overlaps": `
2026-03|aaaaaaaa-0000-4000-8000-000000000001|/scope/a daily|/scope/b team|wider_scope|EUR|31|62|200`,
		"attributed_usage": `
` + attributedUsageCells() + `2026-03
` + attributedUsageCells() + "2026-04",
	}
}

// attributedUsageCells gives a plausible cell for each column of attributed_usage before the month.
func attributedUsageCells() string {
	s, _ := Find("attributed_usage")
	var b strings.Builder
	for _, c := range s.Columns[:len(s.Columns)-1] {
		switch c.Type {
		case columnar.Int:
			b.WriteString("7")
		case columnar.Decimal:
			b.WriteString("1.5")
		case columnar.Ratio:
			b.WriteString("0.333333")
		case columnar.Date:
			b.WriteString("2026-03-05")
		case columnar.Timestamp:
			b.WriteString("2026-03-06T07:08:09.5Z")
		case columnar.Bool:
			b.WriteString("true")
		case columnar.String:
			b.WriteString(c.Name)
		}
		b.WriteByte('|')
	}
	return b.String()
}

func options(t *testing.T) Options {
	t.Helper()
	return Options{
		Dir: filepath.Join(t.TempDir(), "reports"), Formats: []string{CSV, Parquet, JSON}, Detail: []string{Parquet, CSV},
		Run: RunInfo{ID: "run-1", Started: time.Date(2026, 5, 1, 2, 0, 0, 0, time.UTC), Version: "1.2.3", DataThrough: "2026-04-30"}, Watch: Watch{AlertShare: 0.04},
	}
}
