package cmd

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/compare"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
)

// What compare says about the demo, in every format: testdata/compare.
func TestCompareGolden(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"channels.txt":  {"channels"},
		"offers.txt":    {"offers", "--month", "2026-03", "--currency", "EUR"},
		"months.txt":    {"months", "2026-04", "2026-03", "--channel", "GitHub"},
		"mpns.csv":      {"mpns", "--format", "csv"},
		"per-offer.csv": {"channels", "--per-offer", "--month", "2026-03", "--against", "2026-04", "--format", "csv"},
		"channels.json": {"channels", "github", "private", "--json", "--offer", "Contoso Insight"},
		"channels.html": {"channels", "--format", "html", "--currency", "CHF", "--per-offer"},
	} {
		t.Run(name, func(t *testing.T) {
			code, got, errs := runDemo(t, append([]string{"compare"}, args...)...)
			if code != exit.Done || errs != "" {
				t.Fatalf("exit code %d: %s", code, errs)
			}
			for line := range strings.Lines(got) {
				if strings.HasSuffix(name, ".txt") && len([]rune(line)) > human.Width+1 {
					t.Errorf("does not fit a terminal: %s", line)
				}
			}
			if strings.HasSuffix(name, ".html") { // the look is report.html's, and the run another one each time
				got = regexp.MustCompile(`(?s)<(style|script)>.*?</|content="default-src.*?"|\d{8}T\d{6}-[0-9a-f]{6}`).ReplaceAllString(got, "(...)")
			}
			path := filepath.Join("..", "testdata", "compare", name)
			if *update {
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(got), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// objects reads a JSON result; every value is a text, NULL the empty one.
func objects(t *testing.T, text string) []map[string]string {
	t.Helper()
	var all []map[string]any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&all); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	out := make([]map[string]string, len(all))
	for i, o := range all {
		out[i] = map[string]string{}
		for k, v := range o {
			if v != nil {
				out[i][k] = fmt.Sprint(v)
			}
		}
	}
	return out
}

// What compare says about the demo is what the usage rows themselves say.
func TestCompareAgainstUsage(t *testing.T) {
	t.Parallel()
	_, got, _ := runDemo(t, "compare", "channels", "--json")
	code, rows, errs := runDemo(t, "query", `select channel, billing_currency as currency, cast(sum(effective_cost) as decimal(38,18)) as cost,
		cast(sum(effective_cost) filter (month = '2026-04') as decimal(38,18)) as month_cost,
		count(distinct coalesce(customer_tenant_id, subscription_id)) filter (month = '2026-04') as customers
		from attributed_usage where counts_in_channel group by all`, "--format", "json")
	if code != exit.Done {
		t.Fatal(errs)
	}
	want := map[string]map[string]string{}
	for _, o := range objects(t, rows) {
		want[o["currency"]+" "+o["channel"]] = o
	}
	lines := objects(t, got)
	if len(lines) != len(want) {
		t.Errorf("%d lines, %d channels with usage", len(lines), len(want))
	}
	for _, l := range lines {
		w := want[l["currency"]+" "+l["channel"]]
		both := new(big.Rat).Add(number(t, l["effective_cost"]), number(t, l["cost_before"]))
		if both.Cmp(number(t, w["cost"])) != 0 || number(t, l["effective_cost"]).Cmp(number(t, w["month_cost"])) != 0 || l["customers"] != w["customers"] {
			t.Errorf("%v, usage says %v", l, w)
		}
	}
	_, got, _ = runDemo(t, "compare", "channels", "--json", "--month", "2026-03")
	code, rows, errs = runDemo(t, "query", `select channel, cast(sum(deployments_succeeded) as bigint) as ok, cast(sum(deployments_failed) as bigint) as failed from tracking_ids group by all`, "--format", "json")
	if code != exit.Done {
		t.Fatal(errs)
	}
	_, april, _ := runDemo(t, "compare", "channels", "--json", "--month", "2026-04", "direct", "github", "marketplace", "private", "quickstart")
	sum := map[string]int64{}
	seen := map[string]bool{}
	for _, l := range append(objects(t, got), objects(t, april)...) {
		if k := l["month"] + l["channel"]; !seen[k] { // each currency shows all deployments
			seen[k] = true
			sum[l["channel"]] += number(t, l["deployments"]).Num().Int64()
		}
	}
	for _, o := range objects(t, rows) {
		// A request that carried two ids of one channel counts there once, but for both ids in tracking_ids.
		if ids := number(t, o["ok"]).Num().Int64(); sum[o["channel"]] == 0 || sum[o["channel"]] > ids {
			t.Errorf("%s: %d deployments, of its ids %d", o["channel"], sum[o["channel"]], ids)
		}
	}
}

// number reads a decimal; the empty text is zero.
func number(t *testing.T, text string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(text)
	if !ok && text != "" {
		t.Fatalf("%q is not a number", text)
	}
	if !ok {
		return new(big.Rat)
	}
	return r
}

// customerRow is a row of the report customers in a made-up snapshot.
type customerRow struct{ month, mpn, offer, channel, tenant, subscription, currency, cost string }

func (r customerRow) line(by string, perOffer bool) string {
	item := map[string]string{"channel": r.channel, "offer": r.offer, "mpn": r.mpn, "month": ""}[by]
	if perOffer {
		return item + "|" + r.offer
	}
	return item + "|"
}

// madeUp gives random customers over five months, of which one has no attributed usage; they come, go, and come back.
func madeUp(r *rand.Rand) (rows []customerRow) {
	for _, month := range []string{"2025-11", "2025-12", "2026-01", "2026-03"} {
		for s := range 14 {
			for range 1 + r.IntN(2) {
				if r.IntN(3) == 0 {
					continue
				}
				row := customerRow{month: month, subscription: fmt.Sprintf("s%02d", s), channel: []string{"github", "direct", "market place", ""}[r.IntN(4)],
					offer: []string{"A", "B"}[r.IntN(2)], currency: []string{"EUR", "USD"}[s%2], cost: fmt.Sprintf("%d.%018d", r.IntN(2000)-200, r.Int64N(1e18))}
				row.mpn = map[string]string{"A": "1", "B": "2"}[row.offer]
				if s < 6 && r.IntN(2) == 0 {
					row.tenant = fmt.Sprintf("t%d", s/2*2%4) // several subscriptions of one tenant, not told by every row
				}
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// sqlValues writes rows as SQL.
func sqlValues(rows [][]string) string {
	var b strings.Builder
	for i, r := range rows {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('(')
		for j, v := range r {
			if j > 0 {
				b.WriteString(", ")
			}
			if v == "" {
				b.WriteString("null")
			} else {
				b.WriteString("'" + v + "'")
			}
		}
		b.WriteByte(')')
	}
	return b.String()
}

// snapshotTable makes a table of a made-up snapshot.
func snapshotTable(t *testing.T, dir, name, query string) adhoc.Table {
	t.Helper()
	file := filepath.Join(dir, name+".parquet")
	if code, _, errs := runDemo(t, "query", query, "-o", file); code != exit.Done {
		t.Fatal(errs)
	}
	return adhoc.Table{Name: name, Files: []string{file}}
}

// What compare says is what the definitions say, reckoned without SQL; and the parts add up.
func TestCompareDefinitions(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 7))
		rows := madeUp(r)
		var cells [][]string
		for _, c := range rows {
			cells = append(cells, []string{c.month, c.mpn, c.offer, c.channel, c.tenant, c.subscription, c.currency, c.cost})
		}
		sub := filepath.Join(dir, fmt.Sprint(seed))
		if err := os.Mkdir(sub, 0o700); err != nil {
			t.Fatal(err)
		}
		tables := []adhoc.Table{
			snapshotTable(t, sub, "customers", `select month, mpn_id, offer, channel, customer_tenant_id, subscription_id, currency, cast(null as varchar) as customer_name, cast(cost as decimal(38,18)) as effective_cost
				from (values `+sqlValues(cells)+`) v(month, mpn_id, offer, channel, customer_tenant_id, subscription_id, currency, cost)`),
			snapshotTable(t, sub, "registrations", `select * from (values ('id1', '1', 'A', 'github'), ('id2', '1', 'A', 'github'), ('id3', '2', 'B', 'silent')) v(tracking_id, mpn_id, offer, channel)`),
			snapshotTable(t, sub, "requests", `select c as correlation_id, i as tracking_id, cast(s as timestamp) as start_ts, cast(f as bigint) as is_failed from (values
				('c1', 'id1', '2026-01-31 23:59:59', '0'), ('c1', 'id2', '2026-01-31 23:59:59', '0'), ('c2', 'id1', '2026-01-01', '1'), ('c3', 'id3', '2026-01-02', '0'),
				('c4', 'id1', '2026-01-02', null), ('c5', 'id1', '2025-12-31', '0')) v(c, i, s, f)`),
		}
		reader, err := adhoc.Open(t.Context(), sub, tables, adhoc.Options{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, by := range []string{"channel", "offer", "mpn", "month"} {
			for _, perOffer := range []bool{false, true} {
				for _, channel := range []string{"", "github"} {
					checkDefinitions(t, reader, rows, by, perOffer, channel)
				}
			}
		}
		if err := reader.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// target is a month and what it is compared with, as compare/lines.sql takes them.
type target struct {
	Month string  `json:"month"`
	Base  *string `json:"base"`
}

func checkDefinitions(t *testing.T, reader *adhoc.Reader, rows []customerRow, by string, perOffer bool, channel string) {
	t.Helper()
	name := fmt.Sprintf("by %s, per offer %v, channel %q", by, perOffer, channel)
	targets := []target{{"2026-01", ptr("2025-12")}}
	if by == "month" {
		targets = []target{{"2025-11", nil}, {"2025-12", ptr("2025-11")}, {"2026-01", ptr("2025-12")}, {"2026-03", ptr("2026-01")}}
	}
	text, err := json.Marshal(targets)
	if err != nil {
		t.Fatal(err)
	}
	result, err := reader.Query(t.Context(), queries.Text("compare/lines.sql"), map[string]string{
		"by": by, "per_offer": fmt.Sprint(perOffer), "targets": string(text), "names": "[]", "channel": channel, "offer": "", "mpn": "", "currency": ""})
	if err != nil {
		t.Fatal(err)
	}
	compared, err := compare.NewComparison("item", true, result)
	if err != nil || result.Close() != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := compared.Write(spec.JSON, &out); err != nil {
		t.Fatal(err)
	}
	reckoned := reckon(rows, by, perOffer, channel)
	shares, costs := map[string]*big.Rat{}, map[string]*big.Rat{}
	lines := 0
	for _, l := range objects(t, out.String()) {
		if l["currency"] == "" {
			if by == "month" || l["item"] != map[string]string{"channel": "silent", "offer": l["item"], "mpn": l["item"]}[by] || l["effective_cost"] != "" {
				t.Errorf("%s: a line without usage: %v", name, l)
			}
			continue
		}
		lines++
		item := l["item"]
		if by == "month" {
			item = ""
		}
		key := item + "|" + l["offer"] + "|" + l["currency"]
		base := l["compared_with"]
		w := reckoned[key]
		is, was := w.cost[l["month"]], w.cost[base]
		var cost, before, kept, came big.Rat
		change := map[string]*big.Rat{"new": {}, "lost": {}, "grown": {}, "shrunk": {}}
		count := map[string]int{}
		move := func(kind string, by *big.Rat) { change[kind].Add(change[kind], by); count[kind]++ }
		first := 0
		for customer, c := range is {
			cost.Add(&cost, c)
			if w.first(customer) == l["month"] {
				first++
			}
			old := was[customer]
			switch {
			case old == nil:
				move("new", c)
			case c.Cmp(old) > 0:
				move("grown", new(big.Rat).Sub(c, old))
			case c.Cmp(old) < 0:
				move("shrunk", new(big.Rat).Sub(c, old))
			}
		}
		for customer, c := range was {
			before.Add(&before, c)
			if is[customer] == nil {
				move("lost", new(big.Rat).Neg(c))
			}
		}
		for customer := range w.cost[spec.MonthBefore(l["month"])] {
			if w.first(customer) == spec.MonthBefore(l["month"]) {
				came.Add(&came, big.NewRat(1, 1))
				if is[customer] != nil {
					kept.Add(&kept, big.NewRat(1, 1))
				}
			}
		}
		check := func(column string, want *big.Rat) {
			t.Helper()
			if number(t, l[column]).Cmp(want) != 0 {
				t.Errorf("%s, %s in %s: %s is %s, want %s", name, key, l["month"], column, l[column], want.FloatString(18))
			}
		}
		check("effective_cost", &cost)
		check("customers", big.NewRat(int64(len(is)), 1))
		check("new_customers", big.NewRat(int64(first), 1))
		if came.Sign() > 0 {
			check("retention", rounded(t, new(big.Rat).Quo(&kept, &came), 6))
		} else if l["retention"] != "" {
			t.Errorf("%s: retention of nobody: %v", name, l)
		}
		if len(is) > 0 {
			check("cost_per_customer", rounded(t, new(big.Rat).Quo(&cost, big.NewRat(int64(len(is)), 1)), 18))
		}
		ok := map[string]int64{"2026-01github": 1, "2026-01A": 1, "2026-011": 1, "2026-01B": 1, "2026-012": 1, "2026-01month": 2, "2025-12month": 1}[l["month"]+cmp.Or(item, map[bool]string{true: "month"}[by == "month"])]
		if channel == "" && !perOffer {
			check("deployments", big.NewRat(ok, 1))
			if item == "github" {
				check("success_rate", big.NewRat(1, 2))
			}
		}
		total := shares[l["offer"]+l["currency"]]
		if total == nil {
			total = new(big.Rat)
			shares[l["offer"]+l["currency"]], costs[l["offer"]+l["currency"]] = total, new(big.Rat)
		}
		costs[l["offer"]+l["currency"]].Add(costs[l["offer"]+l["currency"]], &cost)
		total.Add(total, number(t, l["share"]))
		if base == "" {
			if l["change"]+l["growth"]+l["change_new"]+l["new_count"] != "" {
				t.Errorf("%s: a change since nothing: %v", name, l)
			}
			continue
		}
		check("cost_before", &before)
		sum := new(big.Rat)
		for kind, amount := range change {
			check("change_"+kind, amount)
			check(kind+"_count", big.NewRat(int64(count[kind]), 1))
			sum.Add(sum, number(t, l["change_"+kind]))
		}
		check("change", sum)
		check("change", new(big.Rat).Sub(&cost, &before))
		if before.Sign() != 0 {
			check("growth", rounded(t, new(big.Rat).Quo(new(big.Rat).Sub(&cost, &before), &before), 6))
		}
	}
	if lines == 0 {
		t.Errorf("%s: no lines", name)
	}
	for k, s := range shares {
		if costs[k].Sign() == 0 {
			continue // only in the month before
		}
		// Each of at most four shares is rounded to six decimals.
		if off := new(big.Rat).Sub(s, big.NewRat(1, 1)); off.Abs(off).Cmp(big.NewRat(2, 1_000_000)) > 0 {
			t.Errorf("%s, %s: the shares are %s", name, k, s.FloatString(6))
		}
	}
}

func ptr(s string) *string { return &s }

// rounded rounds half away from zero.
func rounded(t *testing.T, r *big.Rat, digits int) *big.Rat {
	t.Helper()
	return number(t, r.FloatString(digits))
}

// reckonedLine holds the cost of each customer in each month.
type reckonedLine struct {
	cost map[string]map[string]*big.Rat
}

// first is the first month of a customer on the line.
func (l *reckonedLine) first(customer string) (month string) {
	for m, of := range l.cost {
		if of[customer] != nil && (month == "" || m < month) {
			month = m
		}
	}
	return month
}

// reckon adds the rows up by line.
func reckon(rows []customerRow, by string, perOffer bool, channel string) map[string]*reckonedLine {
	tenants := map[string]string{}
	for _, r := range rows {
		tenants[r.subscription] = max(tenants[r.subscription], r.tenant)
	}
	out := map[string]*reckonedLine{}
	for _, r := range rows {
		if channel != "" && r.channel != channel {
			continue
		}
		key := r.line(by, perOffer) + "|" + r.currency
		if out[key] == nil {
			out[key] = &reckonedLine{map[string]map[string]*big.Rat{}}
		}
		customer := r.tenant
		if customer == "" {
			customer = tenants[r.subscription]
		}
		if customer == "" {
			customer = r.subscription
		}
		of := out[key].cost
		if of[r.month] == nil {
			of[r.month] = map[string]*big.Rat{}
		}
		cost, _ := new(big.Rat).SetString(r.cost)
		if old := of[r.month][customer]; old != nil {
			cost.Add(cost, old)
		}
		of[r.month][customer] = cost
	}
	return out
}

// The example of report/README.md is what the demo says.
func TestReadmeCompare(t *testing.T) {
	t.Parallel()
	_, block, _ := strings.Cut(report.Manual, "```console\n$ pidledger compare ")
	block, _, _ = strings.Cut(block, "```")
	line, want, _ := strings.Cut(block, "\n")
	code, got, errs := runDemo(t, append([]string{"compare"}, strings.Fields(line)...)...)
	if code != exit.Done || got != want {
		t.Errorf("%s: exit code %d, %s-want +got:\n%s", line, code, errs, gocmp.Diff(want, got))
	}
}

// report/README.md tells what every figure means, in the words of the help.
func TestReadmeFigures(t *testing.T) {
	for _, f := range compare.Figures {
		if row := "| `" + f.Column + "` | " + f.Meaning + " |\n"; !strings.Contains(report.Manual, row) {
			t.Errorf("report/README.md lacks\n%s", row)
		}
	}
}
