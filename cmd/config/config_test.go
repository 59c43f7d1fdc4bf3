package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest/discover"
)

// inFolder makes a folder with a configuration file and goes there. The folder's real path comes back.
func inFolder(t *testing.T, yaml string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	if yaml != "" {
		if err := os.WriteFile(Name, []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestDefaults(t *testing.T) {
	dir := inFolder(t, "")
	c, notes, err := Load(Given{}, nil)
	if err != nil || len(notes) > 0 {
		t.Fatal(err, notes)
	}
	want := Config{
		Ledger:      filepath.Join(dir, "ledger"),
		Attribution: Attribution{Owner: "first", Credit: "primary", InheritChildren: true, SharedCorrelation: "per_request"},
		Report:      Report{Dir: filepath.Join(dir, "reports"), Formats: []string{"csv", "parquet"}, AttributedUsage: []string{"parquet"}, CostBasis: "auto", Snapshots: 3, AlertShare: 0.1},
		Azure:       Azure{Cloud: "public"},
		Collect:     Collect{Dir: filepath.Join(dir, "exports", "collected")},
		Cache:       Cache{Dir: filepath.Join(dir, "cache"), Max: 10_000_000_000},
		Limits:      Limits{Memory: 4_000_000_000, MaxRejectRatio: 0.01},
		Notify:      Notify{On: []string{"success", "warning", "failure"}, WebhookFormat: "json"},
		Query:       Query{Memory: 4_000_000_000, Spill: 20_000_000_000, Timeout: 30 * time.Minute},
		Log:         Log{Level: "info"},
		Engine:      DuckDB,
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
}

// The example of SPEC 7, and every other key.
func TestWholeFile(t *testing.T) {
	dir := inFolder(t, "\ufeff"+`
ledger: state/ledger
registry: registry.csv
exclusions: /etc/exclusions.csv
customers: customers.csv
sources:
  - path: exports
  - plain/*.csv
  - abfss://exports@contoso.dfs.core.windows.net/cost/daily/
  - path: apim.log
    format: requests
    columns: {time: ts, url: request_uri, user_agent: ua}
    subscription: AAAAAAAA-0000-4000-8000-00000000000F
    cost_basis: amortized
attribution:
  owner: last
  credit: split
  retroactive: true
  inherit_children: false
  inherit_managed_groups: true
  shared_correlation: whole
  system_ids: [PID-222C6C49-1b0a-5959-a213-6608f9eb8820, acme-tool-partnercenter]
report: {dir: out/reports, formats: [json, csv, csv], cost_basis: actual, attributed_usage: csv, focus: true, snapshots: 7, alert_share: 0.25, publish: "https://Contoso.blob.core.windows.net/published/"}
azure: {credentials: secrets/azure, cloud: china}
collect: {dir: exports/azure, subscriptions: [AAAAAAAA-0000-4000-8000-00000000000F], management_group: /providers/Microsoft.Management/managementGroups/Contoso.1}
cache: {dir: state/cache, max: 2GB}
limits: {memory: 1.5 GiB, threads: 3, max_reject_ratio: 0.5}
query: {memory: 500MB, spill: 2GB, timeout: 90s}
log: {file: log/night.jsonl, level: debug}
notify: {on: failure, webhook_file: secrets/hook, webhook_format: teams, page: "https://reports.example.com/report.html", smtp: "smtp.example.com:587", smtp_user: night,
  smtp_password_file: secrets/mail, mail_from: night@example.com, mail_to: [a@example.com, b@example.com]}
metrics: {file: metrics/pidledger.prom, money: true}
`)
	c, _, err := Load(Given{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	at := func(p string) string { return filepath.Join(dir, filepath.FromSlash(p)) }
	want := Config{
		Path: at(Name), Ledger: at("state/ledger"), Registry: at("registry.csv"), Exclusions: "/etc/exclusions.csv", Customers: at("customers.csv"), Engine: DuckDB,
		Sources: []discover.Source{
			{Path: at("exports")}, {Path: at("plain/*.csv")}, {Path: "az://contoso/exports/cost/daily"},
			{Path: at("apim.log"), Format: "requests", Columns: map[string]string{"time": "ts", "url": "request_uri", "user_agent": "ua"},
				Subscription: "aaaaaaaa-0000-4000-8000-00000000000f", CostBasis: "amortized"},
		},
		Attribution: Attribution{"last", "split", true, false, true, "whole", []string{"222c6c49-1b0a-5959-a213-6608f9eb8820", "acme-tool"}},
		Report:      Report{at("out/reports"), "az://contoso/published", []string{"json", "csv"}, []string{"csv"}, true, "actual", 7, 0.25},
		Azure:       Azure{at("secrets/azure"), "china"},
		Collect:     Collect{at("exports/azure"), []string{"aaaaaaaa-0000-4000-8000-00000000000f"}, "Contoso.1"},
		Cache:       Cache{at("state/cache"), 2_000_000_000},
		Limits:      Limits{3 << 29, 3, 0.5},
		Query:       Query{500_000_000, 2_000_000_000, 90 * time.Second},
		Log:         Log{at("log/night.jsonl"), "debug"},
		Notify: Notify{[]string{"failure"}, at("secrets/hook"), "teams", "https://reports.example.com/report.html", "smtp.example.com:587", "night", at("secrets/mail"),
			"night@example.com", []string{"a@example.com", "b@example.com"}},
		Metrics: Metrics{at("metrics/pidledger.prom"), true},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
}

func TestBadFile(t *testing.T) {
	for name, c := range map[string]struct{ yaml, want, hint string }{
		"near miss":                    {"ledgr: x\n", "pidledger.yaml:1:1: unknown key ledgr (did you mean ledger?)", "help config"},
		"near miss below":              {"ledger: x\nattribution:\n  ownre: last\n", "pidledger.yaml:3:3: unknown key attribution.ownre (did you mean attribution.owner?)", ""},
		"wrong section":                {"credit: full\n", "pidledger.yaml:1:1: unknown key credit (did you mean attribution.credit?)", ""},
		"far miss":                     {"limits: {frobnicate: 1}\n", "pidledger.yaml:1:10: unknown key limits.frobnicate; known here are memory, threads, max_reject_ratio", ""},
		"no subscription":              {"collect: {subscriptions: [Contoso]}\n", `collect.subscriptions: "Contoso" is not a subscription id (a GUID)`, ""},
		"no group":                     {"collect: {management_group: 'Contoso customers'}\n", `collect.management_group: "Contoso customers" is not the id of a management group`, ""},
		"no container to collect into": {"collect: {dir: 'az://contoso'}\n", "pidledger.yaml:1:16: collect.dir: az://contoso names no container", ""},
		"mail":                         {"notify: {smtp: 'smtp.example.com:25', mail_to: [a@example.com]}\n", "notify.smtp is set, but notify.mail_from or notify.mail_to is not", "name the addresses"},
		"smtp":                         {"notify: {smtp: smtp.example.com}\n", `notify.smtp: "smtp.example.com" is not a server and its port`, ""},
		"smtp port":                    {"notify: {smtp: 'smtp.example.com:65536'}\n", `notify.smtp: "smtp.example.com:65536" is not a server and its port`, ""},
		"page":                         {"notify: {page: 'javascript:x'}\n", `notify.page: "javascript:x" is not the address of a page`, ""},
		"address":                      {"notify: {mail_to: [nobody]}\n", `notify.mail_to: "nobody" is not a mail address`, ""},
		"metrics":                      {"metrics: {file: ledger/x.prom}\n", "which is for pidledger's own files only", "folder of their own"},
		"cloud":                        {"azure: {cloud: german}\n", `azure.cloud is one of public, usgovernment, china, not "german"`, ""},
		"enum":                         {"attribution: {credit: Ful}\n", `pidledger.yaml:1:23: attribution.credit is one of primary, split, full, not "Ful" (did you mean full?)`, ""},
		"enum list":                    {"report:\n  formats: [csv, pdf]\n", `pidledger.yaml:2:12: report.formats is one of csv, parquet, json, html, xlsx, not "pdf"`, ""},
		"empty list":                   {"report:\n  formats: []\n", "report.formats needs at least one of csv, parquet, json, html, xlsx", ""},
		"bool":                         {"attribution: {retroactive: yes}\n", `attribution.retroactive is true or false, not "yes"`, ""},
		"memory unit":                  {"limits: {memory: 4}\n", `pidledger.yaml:1:18: limits.memory: "4" is not a size with a unit, such as 4GB`, ""},
		"memory small":                 {"limits: {memory: 512MB}\n", "limits.memory is at least 1GB, not 512MB", ""},
		"query memory":                 {"query: {memory: 1MB}\n", "query.memory is at least 200MB, not 1MB", ""},
		"query time":                   {"query: {timeout: 90}\n", `query.timeout is a time with its unit, such as 90s, 30m or 2h, not "90"`, ""},
		"threads":                      {"limits: {threads: -1}\n", `limits.threads is a whole number from 0 to 4096, not "-1"`, ""},
		"ratio":                        {"limits: {max_reject_ratio: 5}\n", `limits.max_reject_ratio is a number from 0 to 1, not "5"`, ""},
		"twice":                        {"ledger: a\nledger: b\n", `pidledger.yaml:2:1: mapping key "ledger" already defined at [1:1]`, "fix the YAML"},
		"syntax":                       {"sources: [\n", "pidledger.yaml:1:10:", "fix the YAML"},
		"list":                         {"- ledger\n", "the configuration is a list of keys and values, not a list", ""},
		"scalar":                       {"nothing\n", `the configuration is a list of keys and values, not "nothing"`, ""},
		"map as value":                 {"ledger: {a: b}\n", "pidledger.yaml:1:9: ledger is a plain value, not a list of keys and values", ""},
		"list as value":                {"ledger: [a, b]\n", "ledger takes one value, not a list", ""},
		"two documents":                {"ledger: a\n---\nledger: b\n", "there is a second document", ""},
		"alias":                        {"ledger: &x a\nregistry: *x\n", "an anchor or alias, which are not supported here", ""},
		"sources":                      {"sources: exports\n", "sources is a list: - path: exports", ""},
		"source key":                   {"sources:\n  - pth: exports\n", "pidledger.yaml:2:5: unknown key pth of a source (did you mean path?)", ""},
		"source path":                  {"sources:\n  - format: requests\n", "the path of a source is empty", ""},
		"source format":                {"sources:\n  - {path: a, format: request}\n", `format is one of requests, not "request" (did you mean requests?)`, ""},
		"source columns":               {"sources:\n  - {path: a, columns: {time: t}}\n", "columns goes with format: requests", ""},
		"source column":                {"sources:\n  - {path: a, format: requests, columns: {zeit: t}}\n", "unknown column zeit; known are time, method", ""},
		"subscription":                 {"sources:\n  - {path: a, subscription: 1234}\n", `"1234" is not a subscription id (a GUID)`, ""},
		"no container":                 {"sources:\n  - path: az://acc\n", "pidledger.yaml:2:9: source az://acc names no container", ""},
		"SAS":                          {"sources:\n  - path: https://acc.blob.core.windows.net/con?sig=secret\n", "source https://acc.blob.core.windows.net/con has a query", ""},
		"other host":                   {"sources:\n  - path: https://example.com/con\n", "source https://example.com/con names no host of Blob Storage", ""},
		"blob pattern":                 {"sources:\n  - path: az://acc/con/*.csv\n", "source az://acc/con/*.csv is a pattern", ""},
		"publish into":                 {"sources:\n  - path: az://acc/con/pre\nreport: {publish: az://acc/con}\n", "overlap: pidledger would read its own output", "of its own"},
		"cache in ledger":              {"sources:\n  - path: az://acc/con/pre\ncache: {dir: ledger/cache}\n", "overlap", "folder of its own"},
		"ftp":                          {"sources:\n  - path: ftp://acc/con\n", "ftp://acc/con is not a path", ""},
		"ledger in reports":            {"ledger: reports/ledger\n", "overlap", "separate folders"},
		"source in ledger":             {"sources: [ledger/usage]\n", "pidledger would read its own output", ""},
		"ledger in source":             {"sources: ['.']\n", "pidledger would read its own output", ""},
		"empty":                        {"ledger: ''\n", "ledger must not be empty", ""},
		"several":                      {"a1: 1\nb1: 2\n", "pidledger.yaml:1:1: unknown key a1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			inFolder(t, c.yaml)
			_, _, err := Load(Given{}, nil)
			var usage *exit.UsageError
			if !errors.As(err, &usage) {
				t.Fatalf("error %v", err)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
			if usage.Hint == "" || !strings.Contains(usage.Hint, c.hint) {
				t.Errorf("hint %q, want %q", usage.Hint, c.hint)
			}
			if strings.Contains(err.Error()+usage.Hint, "secret") {
				t.Error("the message shows a key")
			}
		})
	}
}

// All mistakes of a file come at once.
func TestAllMistakes(t *testing.T) {
	inFolder(t, "a1: 1\nlimits: {memory: 1}\nreport: {formats: [x]}\n")
	_, _, err := Load(Given{}, nil)
	if err == nil || len(strings.Split(err.Error(), "\n")) != 3 {
		t.Errorf("error %v", err)
	}
}

// Empty files and keys without a value leave the defaults.
func TestNothingSaid(t *testing.T) {
	for _, yaml := range []string{"# only a comment\n", "ledger:\nreport:\nsources:\nattribution: {}\n", "---\n", "\r\n"} {
		inFolder(t, yaml)
		c, _, err := Load(Given{}, nil)
		if err != nil || filepath.Base(c.Ledger) != "ledger" || len(c.Report.Formats) != 2 {
			t.Errorf("%q: %+v, %v", yaml, c, err)
		}
	}
}

// Every key has a variable; flags win over variables, variables over the file.
func TestPrecedence(t *testing.T) {
	dir := inFolder(t, "attribution: {credit: split, owner: last}\nreport: {dir: file}\nsources: [file]\n")
	sub := filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(sub)
	environ := []string{"PIDLEDGER_CONFIG=../pidledger.yaml", "PIDLEDGER_ATTRIBUTION_CREDIT=full", "PIDLEDGER_REPORT_DIR=env", "PIDLEDGER_LEDGER=l",
		"PIDLEDGER_LIMITS_MEMORY=2GB", "PIDLEDGER_SOURCES=a, b", "PIDLEDGER_REPORT_FORMATS=json,csv", "PIDLEDGER_PORT=tcp://10.0.0.1", "PIDLEDGER_LEDGR=x"}
	c, notes, err := Load(Given{Values: map[string][]string{"report.dir": {"flag"}}}, environ)
	if err != nil {
		t.Fatal(err)
	}
	if c.Attribution.Credit != "full" || c.Attribution.Owner != "last" || c.Report.Dir != filepath.Join(sub, "flag") || c.Ledger != filepath.Join(sub, "l") ||
		c.Limits.Memory != 2_000_000_000 || strings.Join(c.Report.Formats, " ") != "json csv" {
		t.Errorf("%+v", c)
	}
	if diff := cmp.Diff([]discover.Source{{Path: filepath.Join(sub, "a")}, {Path: filepath.Join(sub, "b")}}, c.Sources); diff != "" {
		t.Error(diff)
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "did you mean PIDLEDGER_LEDGER?") {
		t.Errorf("notes %q", notes)
	}
}

func TestEveryKeyHasAVariable(t *testing.T) {
	inFolder(t, "")
	for _, s := range settings {
		text := s.standard
		if text == "" {
			text = "x"
		}
		switch s.key {
		case "template.rules_off":
			text = "l22,P01"
		case "report.publish":
			text = "az://contoso/published"
		case "notify.mail_from", "notify.mail_to":
			text = "night@example.com"
		case "notify.page":
			text = "https://example.com/"
		case "notify.smtp":
			continue // needs the addresses, too
		case "collect.subscriptions":
			text = "aaaaaaaa-0000-4000-8000-00000000000f"
		}
		if _, _, err := Load(Given{}, []string{variable(s.key) + "=" + text}); err != nil {
			t.Errorf("%s: %v", variable(s.key), err)
		}
		if s.meaning == "" || s.field(new(Config)) == nil {
			t.Errorf("%s has no meaning or no field", s.key)
		}
	}
}

func TestBadVariablesAndFlags(t *testing.T) {
	inFolder(t, "")
	for _, c := range []struct {
		environ []string
		given   Given
		want    string
	}{
		{[]string{"PIDLEDGER_ATTRIBUTION_CREDIT=half"}, Given{}, `environment variable PIDLEDGER_ATTRIBUTION_CREDIT: attribution.credit is one of primary, split, full, not "half"`},
		{[]string{"PIDLEDGER_SOURCES=az://account"}, Given{}, "names no container"},
		{nil, Given{Values: map[string][]string{"sources": {"az://account"}}}, "names no container"},
		{nil, Given{File: "missing.yaml"}, "missing.yaml"},
		{[]string{"PIDLEDGER_CONFIG=missing.yaml"}, Given{}, "missing.yaml"},
	} {
		_, _, err := Load(c.given, c.environ)
		if err == nil || !strings.Contains(err.Error(), c.want) || exit.CodeOf(err) != exit.Usage {
			t.Errorf("%v %v: error %v, want %s", c.environ, c.given, err, c.want)
		}
	}
}

// What is collected is read when it lies in a source.
func TestReads(t *testing.T) {
	dir := inFolder(t, "")
	for source, want := range map[string]bool{
		"exports": true, "exports/collected": true, ".": true, "exp*": true, "exports/*": true, "*/c*/x": false, "exports/cost": false, "az://contoso/exports": false, "exports/collected2": false,
	} {
		c, _, err := Load(Given{Values: map[string][]string{"sources": {source}}}, nil)
		if err != nil && source != "." {
			t.Fatal(err)
		}
		if source == "." { // refused, for the ledger is in it; it is asked all the same
			c.Sources = []discover.Source{{Path: dir}}
		}
		if got := c.Reads(filepath.Join(dir, "exports", "collected")); got != want {
			t.Errorf("%s: %v", source, got)
		}
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{"1GB": 1e9, "1.5gb": 15e8, "2 GiB": 2 << 30, "4096MB": 4096e6, "1TB": 1e12, "5KiB": 5120} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "4", "GB", "-1GB", "4 PB", "1e30GB", "NaNGB", "0x1GB GB"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q: %d", text, got)
		}
	}
}

func FuzzYAML(f *testing.F) {
	f.Add([]byte("sources: [{path: a}]\nreport: {formats: [csv]}\n"))
	f.Add([]byte("a: &x [*x]\n<<: b\n? [c]\n: d\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var c Config
		err := readYAML("x", t.TempDir(), data, &c)
		var usage *exit.UsageError
		if err != nil && (!errors.As(err, &usage) || usage.Hint == "") {
			t.Errorf("error without a way out: %v", err)
		}
	})
}
