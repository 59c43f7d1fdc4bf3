package page_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/reporttest"
	"github.com/pidledger/pidledger/report/spec"
)

// publishPage publishes reports as html alone and returns the page.
func publishPage(t *testing.T, tables map[string]string, through string) []byte {
	t.Helper()
	o := report.Options{
		Dir: filepath.Join(t.TempDir(), "reports"), Formats: []string{spec.HTML}, Detail: []string{spec.Parquet, spec.CSV}, Watch: changes.Watch{AlertShare: 0.05}, Snapshots: report.Snapshots{Folder: t.TempDir()},
		Run: spec.Run{
			ID: "run-1", Started: time.Date(2026, 5, 1, 2, 0, 0, 0, time.UTC), Version: "1.2.3", DataThrough: through,
			Sources: []spec.Source{{Name: "cost exports, amortized", Count: 2, Newest: "2026-05-01", Note: "1 is late"}},
		},
	}
	if _, err := report.Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: tables}, o); err != nil {
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
		if want := own.Data + "-src 'sha256-" + base64.StdEncoding.EncodeToString(hash(textOf(own))) + "'"; !strings.Contains(policy, want) {
			t.Errorf("the policy %s does not allow %s", policy, want)
		}
	}
	if lang := attribute(elements(root, "html")[0], "lang"); lang != "en" {
		t.Errorf("lang is %q", lang)
	}
	figures := elements(root, "figure")
	if len(figures) != 5 { // EUR: months, weeks, coverage; USD: months, coverage
		t.Errorf("%d charts", len(figures))
	}
	for _, f := range figures {
		svg, tables := elements(f, "svg"), elements(f, "table")
		if len(svg) < 2 || len(tables) != 1 {
			t.Errorf("a chart has %d drawings and %d tables", len(svg), len(tables))
		}
		for _, drawn := range svg {
			if attribute(drawn, "role") != "group" || len(elements(drawn, "path")) == 0 || len(elements(drawn, "title")) == 0 {
				t.Errorf("a drawing %s has %d paths", attribute(drawn, "class"), len(elements(drawn, "path")))
			}
			for _, p := range elements(drawn, "path") {
				if attribute(p, "tabindex") == "0" && (attribute(p, "role") != "img" || attribute(p, "aria-label") == "") {
					t.Error("the keyboard stops at something that has no name")
				}
			}
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
		if n := len(elements(root, "script", "img", "style")) + len(elements(elements(root, "head")[0], "title")); n != 3 {
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
		if first := textOf(rows[1]); len(rows) != 201 || !strings.Contains(first, "s2999") || !strings.Contains(first, "2,999.00") {
			t.Errorf("%d rows, the first is %s", len(rows), first)
		}
	}
	if want := "The 200 largest of 3,000 lines. All are in the report unattributed: pidledger report --format csv writes it."; !strings.Contains(textOf(root), want) {
		t.Errorf("the page does not say %q", want)
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
const clicks = `var page = "<!DOCTYPE html>" + document.documentElement.outerHTML.replace(/<script>var page[^]*/, ""), out = [], table = document.getElementById("c1-channels");
function seen() { return Array.from(table.tBodies[0].rows).filter(function (r) { return !r.hidden; }).map(function (r) { return r.cells[0].textContent; }).join(","); }
window.addEventListener("error", function (e) { out.push("error " + e.message); });
out.push("sections " + document.querySelectorAll("section.currency:not([hidden])").length);
out.push("at first " + seen());
var heads = table.querySelectorAll("thead th");
heads[0].querySelector("button").click(); out.push("by channel " + heads[0].getAttribute("aria-sort") + " " + seen());
heads[1].querySelector("button").click(); out.push("by cost " + heads[1].getAttribute("aria-sort") + " " + heads[0].getAttribute("aria-sort") + " " + seen());
heads[1].querySelector("button").click(); out.push("again " + heads[1].getAttribute("aria-sort") + " " + seen());
document.querySelectorAll("#currencies button")[1].click();
out.push("remembers " + localStorage.getItem("pidledger.currency"));
out.push("other " + Array.from(document.querySelectorAll("section.currency:not([hidden])")).map(function (s) { return s.id; }).join(","));
document.querySelector('#currencies [data-show=""]').click(); out.push("all " + document.querySelectorAll("section.currency:not([hidden])").length);
var long = document.getElementById("c1-unattributed"), more = long.parentNode.nextElementSibling;
function lines() { return Array.from(long.tBodies[0].rows).filter(function (r) { return getComputedStyle(r).display !== "none"; }).length; }
out.push("of " + long.tBodies[0].rows.length + " lines " + lines());
var filter = long.parentNode.previousElementSibling.querySelector("input");
filter.value = "S0007"; filter.dispatchEvent(new Event("input")); out.push("filter " + lines() + ", " + long.parentNode.previousElementSibling.querySelector("output").textContent);
filter.value = ""; filter.dispatchEvent(new Event("input")); more.click(); out.push(more.textContent + " " + lines());
document.querySelector("#c1-months-title").parentNode.querySelector(".column").dispatchEvent(new Event("focus"));
out.push(document.querySelector("#c1-months-title").parentNode.querySelector(".readout").textContent);
// On no screen is anything wider than the screen, whatever is unfolded: the page without this script, in frames.
var widths = [320, 390, 500, 640, 768, 1000, 1150, 1280, 1920];
function next() {
  var width = widths.shift(), frame = document.createElement("iframe");
  if (!width) { document.title = out.join(" / "); return; }
  frame.width = width;
  frame.height = 900;
  frame.onload = function () {
    var d = frame.contentDocument;
    d.querySelectorAll("details").forEach(function (e) { e.open = true; });
    d.querySelectorAll("section[hidden]").forEach(function (e) { e.hidden = false; });
    d.querySelectorAll("table, svg").forEach(function (e) {
      var box = e.parentNode.getBoundingClientRect();
      if (e.getBoundingClientRect().right > box.right + 1) out.push(width + ": " + (e.id || e.outerHTML.slice(0, 40)) + " is too wide");
    });
    if (d.documentElement.scrollWidth > width) out.push("the page is wider than " + width);
    frame.remove();
    next();
  };
  frame.srcdoc = page;
  document.body.appendChild(frame);
}
next();`

// In a browser, tables are sorted and filtered and currencies chosen, and everything fits into screens from 320 to 1920 pixels.
func TestPageInBrowser(t *testing.T) {
	chromium := browser()
	if chromium == "" {
		t.Skip("no Chromium is installed: what the page does in a browser is not tested")
	}
	w := reporttest.PageWorld()
	for i, name := range []string{"direct", "private", "quickstart", "zeta"} {
		w["channels"] += fmt.Sprintf("\n2026-04|4391822|Contoso Data Hub|EUR|%s|%d|%d|\\N|0.1|\\N|1|2", name, 9+i, 9+i)
	}
	for i := range 25 {
		w["unattributed"] += fmt.Sprintf("\n2026-04|unattributed|untagged|sub|/subscriptions/sub/resourcegroups/rg/providers/microsoft.web/sites/s%04d|EUR|%d|1|2026-04-01|2026-04-01", i, i)
	}
	page := string(publishPage(t, w, "2026-04-30"))
	// The test's script is not the page's: the policy would, rightly, forbid it.
	page = strings.Replace(page, `<meta http-equiv="Content-Security-Policy"`, `<meta name="policy"`, 1)
	page = strings.Replace(page, "</body>", "<script>"+clicks+"</script></body>", 1)
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
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
		"remembers USD", "other c2", "all 2",
		"of 27 lines 20", "filter 1, 1 of 27 lines", "Show the first 20 lines 27",
		"2026-03: 1,000.50 (github 100.50, marketplace 900.00)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("in the browser (-want +got):\n%s", diff)
	}
}

// sheets counts the pages of a PDF file.
func sheets(pdf []byte) int { return len(regexp.MustCompile(`/Type\s*/Page\b`).FindAll(pdf, -1)) }

// On paper the page has at most six sheets, however long its tables are.
func TestPageOnPaper(t *testing.T) {
	chromium := browser()
	if chromium == "" {
		t.Skip("no Chromium is installed: how the page is printed is not tested")
	}
	w := reporttest.PageWorld()
	for i := range 60 {
		w["unattributed"] += fmt.Sprintf("\n2026-04|unattributed|untagged|sub|/subscriptions/sub/resourcegroups/rg/providers/microsoft.web/sites/s%04d|EUR|%d|1|2026-04-01|2026-04-01", i, i)
		w["customers"] += fmt.Sprintf("\n2026-04|4391822|Contoso Data Hub|github|tenant-%d|sub-%d|EUR|Customer %d|%d|%d|%d|1|2026-04-01", i, i, i, i+1, i+1, i+1)
	}
	dir := t.TempDir()
	path, pdf := filepath.Join(dir, "report.html"), filepath.Join(dir, "report.pdf")
	if err := os.WriteFile(path, publishPage(t, w, "2026-04-30"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(), "--print-to-pdf="+pdf, "--no-pdf-header-footer", "file://"+path)
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); err != nil {
		t.Skipf("Chromium does not run here: %v", err)
	}
	data, err := os.ReadFile(pdf)
	if err != nil {
		t.Fatal(err)
	}
	if n := sheets(data); n < 1 || n > 6 {
		t.Errorf("%d sheets", n)
	}
}

// axe finds nothing that keeps anybody from reading the page, light or dark. PIDLEDGER_AXE is the path of axe.min.js, which npm install axe-core brings.
func TestPageIsAccessible(t *testing.T) {
	chromium, axe := browser(), os.Getenv("PIDLEDGER_AXE")
	if chromium == "" || axe == "" {
		t.Skip("no Chromium is installed, or PIDLEDGER_AXE does not name axe.min.js: that the page is accessible is not tested")
	}
	engine, err := os.ReadFile(axe)
	if err != nil {
		t.Fatal(err)
	}
	page := string(publishPage(t, reporttest.PageWorld(), "2026-04-30"))
	page = strings.Replace(page, `<meta http-equiv="Content-Security-Policy"`, `<meta name="policy"`, 1)
	const run = `document.querySelectorAll("details").forEach(function (d) { d.open = true; });
axe.run(document, {resultTypes: ["violations"]}).then(function (r) {
  document.title = "axe: " + r.violations.map(function (v) { return v.id + " " + v.nodes.map(function (n) { return n.target.join(" "); }).join(", "); }).join("; ");
}, function (e) { document.title = "axe failed: " + e; });`
	page = strings.Replace(page, "</body>", "<script>"+string(engine)+"</script><script>"+run+"</script></body>", 1)
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, look := range []string{"1", "0"} { // light, dark
		cmd := exec.CommandContext(t.Context(), chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(), "--blink-settings=preferredColorScheme="+look,
			"--virtual-time-budget=20000", "--dump-dom", "file://"+path)
		cmd.WaitDelay = 10 * time.Second
		dom, err := cmd.Output()
		if err != nil {
			t.Skipf("Chromium does not run here: %v", err)
		}
		if got := textOf(elements(parsePage(t, dom), "title")[0]); got != "axe: " {
			t.Errorf("colour scheme %s: %s", look, got)
		}
	}
}

func hash(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}
