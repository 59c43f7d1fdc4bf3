package report

import (
	"bytes"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/reporttest"
	"github.com/pidledger/pidledger/report/spec"
)

// publishPage publishes reports as html alone and returns the page.
func publishPage(t *testing.T, tables map[string]string, through string) []byte {
	t.Helper()
	o := options(t)
	o.Watch.AlertShare = 0.05
	o.Formats = []string{spec.HTML}
	o.Run.DataThrough = through
	o.Run.Sources = []spec.Source{{Name: "cost exports, amortized", Count: 2, Newest: "2026-05-01", Note: "1 is late"}}
	if _, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: tables}, o); err != nil {
		t.Fatal(err)
	}
	return reporttest.Read(t, filepath.Join(o.Dir, "report.html"))
}

func parsePage(t *testing.T, page []byte) *html.Node {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// elements gives the elements with one of the names, in their order.
func elements(root *html.Node, names ...string) (out []*html.Node) {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && slices.Contains(names, n.Data) {
			out = append(out, n)
		}
	}
	return out
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// readPage gives what a reader sees, without the charts: a line for each block, cells between bars.
func readPage(root *html.Node) []byte {
	var b strings.Builder
	for _, n := range elements(root, "h1", "h2", "h3", "p", "li", "dt", "dd", "figcaption", "caption", "tr", "summary", "button") {
		if n.Data != "tr" {
			fmt.Fprintf(&b, "%s: %s\n", n.Data, strings.Join(strings.Fields(textOf(n)), " "))
			continue
		}
		var cells []string
		for _, c := range elements(n, "th", "td") {
			cells = append(cells, strings.Join(strings.Fields(textOf(c)), " "))
		}
		fmt.Fprintf(&b, "    %s\n", strings.Join(cells, " | "))
	}
	return []byte(b.String())
}

func TestPageText(t *testing.T) {
	reporttest.Golden(t, "page.txt", readPage(parsePage(t, publishPage(t, reporttest.PageWorld(), "2026-04-30"))))
}

// The page works from an attachment: no requests, one script and one style that the policy knows; and for those who cannot see it.
func TestPageStandsAlone(t *testing.T) {
	page := publishPage(t, reporttest.PageWorld(), "2026-04-30")
	root := parsePage(t, page)
	ids := map[string]bool{}
	counts := map[string]int{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		counts[n.Data]++
		for _, a := range n.Attr {
			switch {
			case a.Key == "id":
				if ids[a.Val] {
					t.Errorf("two elements have the id %s", a.Val)
				}
				ids[a.Val] = true
			case a.Key == "style" || strings.HasPrefix(a.Key, "on"), a.Key == "src", a.Key == "srcset", a.Key == "href" && !strings.HasPrefix(a.Val, "#"):
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
	}
	for name, want := range map[string]int{"h1": 1, "main": 1, "nav": 1, "header": 1, "footer": 1, "script": 1, "style": 1, "link": 0, "img": 0, "iframe": 0} {
		if counts[name] != want {
			t.Errorf("%d elements %s, want %d", counts[name], name, want)
		}
	}
	for _, bad := range []string{"http:", "https:", "url(", "@import", "ZgotmplZ"} {
		if bytes.Contains(page, []byte(bad)) {
			t.Errorf("the page contains %q", bad)
		}
	}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			switch a.Key {
			case "aria-labelledby", "aria-describedby":
				if !ids[a.Val] {
					t.Errorf("%s of <%s> names %s, which is not there", a.Key, n.Data, a.Val)
				}
			case "href":
				if !ids[a.Val[1:]] {
					t.Errorf("the link %s leads nowhere", a.Val)
				}
			}
		}
	}
	policy := attribute(elements(root, "meta")[1], "content")
	for _, own := range elements(root, "script", "style") {
		if want := own.Data + "-src " + sourceHash(textOf(own)); !strings.Contains(policy, want) {
			t.Errorf("the policy %s does not allow %s", policy, want)
		}
	}
	if lang := attribute(elements(root, "html")[0], "lang"); lang != "en" {
		t.Errorf("lang is %q", lang)
	}
	figures := elements(root, "figure")
	if len(figures) != 5 { // EUR: months, days, coverage; USD: months, coverage
		t.Errorf("%d charts", len(figures))
	}
	for _, f := range figures {
		svg, tables := elements(f, "svg"), elements(f, "table")
		if len(svg) != 1 || len(tables) != 1 || attribute(svg[0], "role") != "img" || len(elements(svg[0], "path")) == 0 {
			t.Errorf("a chart has %d drawings and %d tables", len(svg), len(tables))
		}
	}
	for _, table := range elements(root, "table") {
		if len(elements(table, "caption")) != 1 {
			t.Errorf("table %s has no caption", attribute(table, "id"))
		}
		for _, th := range elements(table, "th") {
			if scope := attribute(th, "scope"); scope != "col" && scope != "row" {
				t.Errorf("a header of table %s has no scope", attribute(table, "id"))
			}
		}
		want := -1
		for _, row := range elements(table, "tr") {
			if n := len(elements(row, "th", "td")); want >= 0 && n != want {
				t.Errorf("a row of table %s has %d cells, want %d", attribute(table, "id"), n, want)
			} else {
				want = n
			}
		}
	}
}

// Whatever names hold, they are text on the page and nothing in a command.
func TestPageEscapes(t *testing.T) {
	hostile := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'; rm -rf ~ #`, `$(reboot)`, "`reboot`", `</title></style></svg><script>x`,
		`javascript:alert(1)`, `{{.Run}}`, `<!--`, `]]>`, `a\n\tb`,
	}
	for _, name := range hostile {
		cell := strings.ReplaceAll(name, "|", `\p`)
		w := map[string]string{}
		for report, lines := range reporttest.PageWorld() {
			if report == "attributed_usage" {
				continue // only the engine writes it here
			}
			s, _ := spec.Find(report)
			for line := range strings.Lines(lines) {
				line = strings.TrimSpace(line)
				if line == "" {
					continue
				}
				cells := strings.Split(line, "|")
				for i, c := range s.Columns {
					switch c.Name {
					case "offer", "sku", "channel", "customer_name", "currency", "tracking_id", "resource_id", "token", "kept_export", "customer_tenant_id", "status", "reason":
						cells[i] = cell
					}
				}
				w[report] += strings.Join(cells, "|") + "\n"
			}
		}
		page := publishPage(t, w, "2026-04-30")
		root := parsePage(t, page)
		if n := len(elements(root, "script", "img", "style", "title")); n != 3 {
			t.Errorf("%q: %d elements script, img, style, title, want one of each but img", name, n)
		}
		if bytes.Contains(page, []byte("ZgotmplZ")) {
			t.Errorf("%q: a value stands where it has no place", name)
		}
		if !strings.Contains(textOf(root), human.Clean(strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(name))) {
			t.Errorf("%q is not on the page", name)
		}
		for _, code := range elements(root, "code") {
			command := textOf(code)
			if strings.HasPrefix(command, "pidledger query") && strings.Contains(command, name) {
				t.Errorf("command %s", command)
			}
		}
	}
}

func TestCommands(t *testing.T) {
	for id, want := range map[string]string{
		"060cea63-1d3b-493f-a949-0eab7f1a355e":   "pidledger explain 060cea63-1d3b-493f-a949-0eab7f1a355e",
		"/subscriptions/a/resourcegroups/rg (1)": "pidledger explain '/subscriptions/a/resourcegroups/rg (1)'",
		"$(reboot)":                              "pidledger explain '$(reboot)'",
		"it's":                                   "", "": "", "a\nb": "", `a\`: "", "--flag": "",
	} {
		if got := explain(id); got != want {
			t.Errorf("explain(%q) = %q, want %q", id, got, want)
		}
	}
	if got, want := query("channels", "month", "currency", "EUR", "channel", "private repository"),
		`pidledger query "select * from channels where currency = 'EUR' and channel = 'private repository' order by month"`; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	for _, bad := range []string{"", "a'b", `a"b`, "$x", "`x`", "a;b", "-a", "a\nb"} {
		if got := query("channels", "month", "channel", bad); got != "" {
			t.Errorf("%q stands in the command %s", bad, got)
		}
	}
}

// A month that is not over is not compared with a whole one.
func TestPageOfOpenMonth(t *testing.T) {
	w := reporttest.PageWorld()
	w["coverage"] += "\n2026-05|EUR|attributed|1|0|7|7"
	w["channels"] += "\n2026-05|4391822|Contoso Data Hub|EUR|github|7|7|\\N|1|-0.9|1|2"
	text := string(readPage(parsePage(t, publishPage(t, w, "2026-05-10"))))
	for _, want := range []string{"h1: Attributed Azure usage in 2026-04", "2026-05 is not over: its usage reaches to 2026-05-10.", "github leads with 75.0 %"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	whole := string(readPage(parsePage(t, publishPage(t, w, "2026-05-31"))))
	if !strings.Contains(whole, "h1: Attributed Azure usage in 2026-05") || strings.Contains(whole, "is not over") {
		t.Error("a month whose last day has usage is over")
	}
}

// A month that has nothing before it, and a ledger without usage, have a page.
func TestPageOfLittle(t *testing.T) {
	first := string(readPage(parsePage(t, publishPage(t, map[string]string{"coverage": "2026-04|EUR|unattributed|1|0|7|7"}, "2026-04-10"))))
	for _, want := range []string{"Nothing is attributed in 2026-04.", "100.0 % of spend is not attributed", "Nothing is attributed yet."} {
		if !strings.Contains(first, want) {
			t.Errorf("the page does not say %q:\n%s", want, first)
		}
	}
	if none := string(readPage(parsePage(t, publishPage(t, nil, "")))); !strings.Contains(none, "The ledger holds no usage.") {
		t.Errorf("the page of nothing:\n%s", none)
	}
}

// Long reports are cut, and the page says so.
func TestPageIsBounded(t *testing.T) {
	w := reporttest.PageWorld()
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, "2026-04|unattributed|untagged|sub|/subscriptions/sub/resourcegroups/rg/providers/microsoft.web/sites/s%04d|EUR|%d|1|2026-04-01|2026-04-01\n", i, i)
	}
	w["unattributed"] = b.String()
	root := parsePage(t, publishPage(t, w, "2026-04-30"))
	for _, table := range elements(root, "table") {
		if attribute(table, "id") != "c1-unattributed" {
			continue
		}
		rows := elements(table, "tr")
		if first := textOf(rows[1]); len(rows) != listRows+1 || !strings.Contains(first, "s2999") || !strings.Contains(first, "2,999.00") {
			t.Errorf("%d rows, the first is %s", len(rows), first)
		}
	}
	if want := "The 200 largest of 3,000 lines. All are in the report unattributed: pidledger report --format csv writes it."; !strings.Contains(textOf(root), want) {
		t.Errorf("the page does not say %q", want)
	}
	if got := reportFile([]string{spec.XLSX, spec.Parquet}, "daily"); got != "daily.parquet" {
		t.Errorf("the whole report is in %q", got)
	}
}

func TestLargest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n, size := 1+random.IntN(5), random.IntN(40)
		l := largest[int]{n: n}
		var all []int
		for i := range size {
			w := random.IntN(10)
			all = append(all, i*100+w)
			l.add(big.NewInt(int64(w)), func() int { return i*100 + w })
			if len(l.lines) >= 2*n {
				t.Fatalf("%d lines are kept for %d", len(l.lines), n)
			}
		}
		slices.SortStableFunc(all, func(a, b int) int { return b%100 - a%100 })
		if diff := cmp.Diff(append([]int{}, all[:min(n, size)]...), append([]int{}, l.sorted()...)); diff != "" || l.total != int64(size) {
			t.Fatalf("%d of %d (-want +got):\n%s", n, size, diff)
		}
	}
}

// Amounts of two currencies are in sections of their own, exact where they are rounded for people.
func TestPageAmounts(t *testing.T) {
	w := map[string]string{"coverage": `
2026-04|EUR|attributed|1|0|1|1234567.125000000000000001
2026-04|USD|attributed|1|0|1|1`, "channels": `
2026-04|1|O|EUR|github|1|1234567.125000000000000001|\N|1|\N|1|1
2026-04|1|O|USD|github|1|1|\N|1|\N|1|1`}
	page := string(publishPage(t, w, "2026-04-30"))
	if want := `data-v="1234567.125000000000000001" class="n" title="1234567.125000000000000001">1,234,567.13<`; !strings.Contains(page, want) {
		at := strings.Index(page, "1,234,567")
		t.Errorf("no cell %s, but %s", want, page[max(0, at-100):at+10])
	}
	if strings.Contains(page, "1,234,568.13") || strings.Contains(page, "1234568.125") {
		t.Error("two currencies were added")
	}
}

func TestPercentOfPage(t *testing.T) {
	for ratio, want := range map[string]string{"": "-", "1": "100.0\u00a0%", "0.99999": ">99.9\u00a0%", "1.0001": ">100.0\u00a0%", "0.5": "50.0\u00a0%", "0.00001": "<0.1\u00a0%", "-12.345": "-1,234.5\u00a0%"} {
		if got := percent(ratio); got != want {
			t.Errorf("percent(%s) = %s, want %s", ratio, got, want)
		}
	}
}

func TestWindow(t *testing.T) {
	for through, want := range map[string]window{"2026-01-31": {"2026-01", "2025-12", "2025-11"}, "2026-03-31": {"2026-03", "2026-02", "2026-01"}, "": {}} {
		if got := newWindow(through); got != want || got.at("") != -1 || got.at(want[0]) != 0 && want[0] != "" {
			t.Errorf("newWindow(%q) = %v, want %v", through, got, want)
		}
	}
}

// The axis holds all values and zero.
func TestValueAxis(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		s := chartSeries{}
		for range 1 + random.IntN(4) {
			n := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(random.IntN(30))), nil)
			s.values = append(s.values, n.Mul(n, big.NewInt(int64(random.IntN(200)-50))))
		}
		low, high := extremes([]chartSeries{s})
		axis := valueAxis([]chartSeries{s})
		if *axis.Min > low || *axis.Max < high || *axis.Min > 0 || *axis.Max <= *axis.Min || axis.LabelCount < 2 || axis.LabelCount > 8 {
			t.Fatalf("values %v to %v: axis %v to %v with %d labels", low, high, *axis.Min, *axis.Max, axis.LabelCount)
		}
	}
}

// browser finds a Chromium; empty when there is none.
func browser() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// clicks sorts and filters a table as a person does, and writes down what is to be seen.
const clicks = `
var out = [], table = document.getElementById("c1-channels");
function seen() { return Array.from(table.tBodies[0].rows).filter(function (r) { return !r.hidden; }).map(function (r) { return r.cells[0].textContent; }).join(","); }
window.addEventListener("error", function (e) { out.push("error " + e.message); });
out.push("sections " + document.querySelectorAll("section.currency:not([hidden])").length);
out.push("at first " + seen());
var heads = table.querySelectorAll("thead th");
heads[0].querySelector("button").click(); out.push("by channel " + heads[0].getAttribute("aria-sort") + " " + seen());
heads[1].querySelector("button").click(); out.push("by cost " + heads[1].getAttribute("aria-sort") + " " + heads[0].getAttribute("aria-sort") + " " + seen());
heads[1].querySelector("button").click(); out.push("again " + heads[1].getAttribute("aria-sort") + " " + seen());
var filter = table.parentNode.previousElementSibling.querySelector("input");
filter.value = "MARKET"; filter.dispatchEvent(new Event("input")); out.push("filter " + seen() + " " + table.parentNode.previousElementSibling.querySelector("output").textContent);
document.querySelectorAll("#currencies button")[1].click();
out.push("other " + Array.from(document.querySelectorAll("section.currency:not([hidden])")).map(function (s) { return s.id; }).join(","));
document.querySelector('#currencies [data-show=""]').click(); out.push("all " + document.querySelectorAll("section.currency:not([hidden])").length);
document.title = out.join(" / ");`

// In a browser, tables are sorted and filtered and currencies chosen.
func TestPageInBrowser(t *testing.T) {
	chromium := browser()
	if chromium == "" {
		t.Skip("no Chromium is installed: what the page does in a browser is not tested")
	}
	w := reporttest.PageWorld()
	for i, name := range []string{"direct", "private", "quickstart", "zeta"} {
		w["channels"] += fmt.Sprintf("\n2026-04|4391822|Contoso Data Hub|EUR|%s|%d|%d|\\N|0.1|\\N|1|2", name, 9+i, 9+i)
	}
	page := string(publishPage(t, w, "2026-04-30"))
	// The test's script is not the page's: the policy would, rightly, forbid it.
	page = strings.Replace(page, `<meta http-equiv="Content-Security-Policy"`, `<meta name="policy"`, 1)
	page = strings.Replace(page, "</body>", "<script>"+clicks+"</script></body>", 1)
	path := filepath.Join(t.TempDir(), "report.html")
	writeFile(t, path, page)
	cmd := exec.CommandContext(t.Context(), chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(), "--virtual-time-budget=5000", "--dump-dom", "file://"+path)
	cmd.WaitDelay = 10 * time.Second
	dom, err := cmd.Output()
	if err != nil {
		t.Skipf("Chromium does not run here: %v", err)
	}
	got := strings.Split(textOf(elements(parsePage(t, dom), "title")[0]), " / ")
	want := []string{
		"sections 1", "at first github,marketplace,zeta,quickstart,private,direct",
		"by channel ascending direct,github,marketplace,private,quickstart,zeta",
		"by cost descending null github,marketplace,zeta,quickstart,private,direct",
		"again ascending direct,private,quickstart,zeta,marketplace,github",
		"filter marketplace 1 of 6 lines", "other c2", "all 2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("in the browser (-want +got):\n%s", diff)
	}
}

// The same reports give the same bytes.
func TestDocumentsAreTheSameAgain(t *testing.T) {
	w := reporttest.PageWorld()
	for i := range 50 {
		w["customers"] += fmt.Sprintf("\n2026-04|4391822|Contoso Data Hub|github|t%02d|s%02d|EUR|C %s|5|5|\\N|2|2026-04-01", i, i, strconv.Itoa(i))
	}
	var first map[string]string
	for range 5 {
		o := options(t)
		o.Formats = []string{spec.HTML, spec.XLSX}
		if _, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: w}, o); err != nil {
			t.Fatal(err)
		}
		all := contents(t, o.Dir)
		if first == nil {
			first = all
			continue
		}
		for name, content := range all {
			if content != first[name] {
				t.Errorf("%s differs from the one before", name)
			}
		}
	}
}

// Documents are files of the folder like any other: in the manifest, ours, and replaced with it.
func TestDocumentsInFolder(t *testing.T) {
	o := options(t)
	o.Watch.AlertShare = 0.05
	o.Formats, o.Detail = []string{spec.HTML, spec.XLSX}, nil
	for _, id := range []string{"run-1", "run-2"} { // the second finds the files of the first and knows them
		o.Run.ID = id
		pub, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.PageWorld()}, o)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"html", "xlsx"}, pub.Summary.Reports.Formats); diff != "" {
			t.Errorf("formats (-want +got):\n%s", diff)
		}
		if len(pub.Summary.Money) == 0 {
			t.Error("without tables there is no summary")
		}
		var paths []string
		for _, d := range pub.Manifest.Documents {
			paths = append(paths, d.Path)
			if d.Bytes == 0 || len(d.SHA256) != 64 || d.Rows != nil {
				t.Errorf("document %+v", d)
			}
		}
		if diff := cmp.Diff([]string{"report.html", "report.xlsx"}, paths); diff != "" {
			t.Errorf("documents (-want +got):\n%s", diff)
		}
		want := []string{"attributed_usage/month=2026-03/data_0.parquet", "attributed_usage/month=2026-04/data_0.parquet", ManifestName, "report.html", "report.xlsx"}
		if diff := cmp.Diff(want, tree(t, o.Dir)); diff != "" {
			t.Errorf("files (-want +got):\n%s", diff)
		}
		modes(t, o.Dir)
	}
}
