package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/summary"
)

var goodFiles = map[string]string{config.Name: "sources: [exports]\nregistry: registry.csv\n", "registry.csv": "tracking_id\n", "ledger/catalog": ""}

func TestCommands(t *testing.T) {
	for name, c := range map[string]struct {
		mode  string
		args  string
		code  int
		calls string
		out   string // part of standard output
		err   string // part of standard error
	}{
		"run":               {"", "run", 0, "ingest report", "All attributed usage in 2026-04, 1,234.50 EUR", "exports/late"},
		"run partial":       {"partial", "run --details", 3, "ingest report", `exports/a.csv:19, column Quantity: quantity "1,5" is not a decimal number (3`, "Try: pidledger files"},
		"run check":         {"check", "run", 4, "ingest report", "manifest.json says 10 rows", "Try: deliver the run again"},
		"run bad check":     {"badcheck", "run", 4, "ingest", "", "the catalog names a file"},
		"run in use":        {"inuse", "run", 5, "ingest", "", "holds it\nTry: wait until"},
		"run fails":         {"fail", "run", 1, "ingest", "", "no space left on device\nTry: fix the cause"},
		"run report fails":  {"reportfail", "run", 1, "ingest report", "", "Try: move these files away"},
		"ingest":            {"", "ingest", 0, "ingest", "1. The ledger is up to date: write the reports", ""},
		"ingest partial":    {"partial", "ingest", 3, "ingest", "120 rows read, 3 rejected", ""},
		"ingest check":      {"check", "ingest", 4, "ingest", "Files", ""},
		"report":            {"", "report", 0, "report", "usage through 2026-04-30", ""},
		"report formats":    {"", "report --format json --format csv,json", 0, "report", "12 reports as json, csv", ""},
		"report bad format": {"", "report --format xml", 2, "", "", `--format is one of csv, parquet, json, html, xlsx, not "xml"`},
		"spark script":      {"", "spark script lake", 0, "script", "/lake/pidledger.sql\n         150 statements", ""},
		"spark lake":        {"", "spark script lake --lake lake", 2, "", "", `the lake is a URI such as abfss://container@account.dfs.core.windows.net/folder, not "lake"`},
		"files":             {"", "files", 0, "files", "loaded  ea 2024-08-01         1,234         3  exports/a.csv\n    rule 5", ""},
		"files failed":      {"", "files --status failed", 0, "files", "exports/b.gz", ""},
		"files none":        {"", "files --status waiting", 0, "files", "", ""},
		"status":            {"", "status", 0, "status", "2026-01; 2026-03-03..2026-03-05; 2026-04-07", ""},
		"status late":       {"late", "status", 0, "status", "late", ""},
		"status check":      {"", "status --check", 0, "status", "Last run", ""},
		"status check late": {"late", "status --check", 4, "status", "Last run", "nothing since 2026-04-18 02:00 UTC, expected every day\nTry: check in the portal"},
		"status killed":     {"killed", "status", 0, "status", "Last done     20260501T010000Z (run), done: started", ""},
		"status in use":     {"inuse", "status", 0, "status", "process 4711 on\n              night", ""},
		"status in use too": {"inuse", "status --check", 5, "status", "345.0 MB", "is in use by process 4711"},
		"status fails":      {"fail", "status", 1, "status", "", "no space left"},
		"collect":           {"", "collect", 0, "collect", "12 subscriptions, 1,234 requests to Azure", ""},
		"collect elsewhere": {"", "collect --dir away", 0, "collect", "activity", "/away: name it, or a folder above it, under sources"},
		"collect quiet":     {"", "collect --dir exports/azure --quiet", 0, "collect", "the deployments of the tenant: the identity", ""},
		"collect partial":   {"partial", "collect", 3, "collect", "changes of /subscriptions/22222222-2222-4333-8444-555555555555, 2026-04-11", "Try: give it the role Reader on /subscriptions/1"},
		"collect in use":    {"inuse", "collect", 5, "", "", "wait until it is done, or name another folder with --dir"},
		"collect into it":   {"", "collect --dir ledger/x", 2, "", "", "overlap"},
		"collect empty id":  {"", "collect --subscription=", 2, "", "", "--subscription is empty"},
		"collect no group":  {"", "collect --management-group=", 2, "", "", "--management-group is empty"},
		"collect both":      {"", "collect --subscription 11111111-2222-4333-8444-555555555555 --management-group x", 2, "", "", "are both set"},
		"collect no id":     {"", "collect --subscription Contoso", 2, "", "", `"Contoso" is not a subscription id (a GUID)`},
		"dry run":           {"", "run --dry-run", 0, "dryrun", "new, submitted 2026-05-01 01:10 UTC", "exports/late holds no files"},
		"dry run, nothing":  {"empty", "run --dry-run", 0, "dryrun", "Nothing would be read", ""},
		"dry run in use":    {"inuse", "run --dry-run", 5, "dryrun", "", "holds it\nTry: wait until"},
		"lint":              {"", "registry lint", 4, "lint", "registry.csv record 4: error: the id is there twice (first in line 2)", "1 error\nTry: fix the lines above"},
		"lint warning":      {"warning", "registry lint", 0, "lint", "registry.csv:3: warning: channel: is empty", ""},
		"lint clean":        {"clean", "registry lint", 0, "lint", "", ""},
		"lint no file":      {"", "registry lint --registry gone.csv", 2, "", "", "registry: there is no file "},
		"quiet":             {"", "run --quiet", 0, "ingest report", "attributed", ""},
		"unknown command":   {"", "rnu", 2, "", "", "unknown command \"rnu\" for \"pidledger\"\nTry: pidledger run"},
		"unknown below":     {"", "registry lnt", 2, "", "", "Try: pidledger registry lint"},
		"unknown flag":      {"", "run --regstry x", 2, "", "", "pidledger run has no flag --regstry\nTry: --registry"},
		"flag value":        {"", "run --registry", 2, "", "", "flag needs an argument: --registry\nTry: pidledger run --help"},
		"argument":          {"", "run exports", 2, "", "", `pidledger run takes no arguments, but got "exports"`},
		"no command":        {"", "", 0, "", "Nightly work:", ""},
		"shell":             {"", "completion bash", 0, "", "bash completion V2 for pidledger", ""},
		"unknown shell":     {"", "completion tcsh", 2, "", "", "unknown command"},
		"complete enum":     {"", "__complete files --status f", 0, "", "failed", ""},
		"complete format":   {"", "__complete run --format ", 0, "", "parquet", ""},
		"version":           {"", "version", 0, "", "pidledger ", ""},
	} {
		t.Run(name, func(t *testing.T) {
			args := strings.Fields(c.args)
			if strings.HasSuffix(c.args, " ") {
				args = append(args, "")
			}
			got := tryRun(t, c.mode, goodFiles, nil, args...)
			if got.code != c.code || strings.Join(got.app.calls, " ") != c.calls {
				t.Errorf("exit code %d, calls %q; want %d, %q", got.code, got.app.calls, c.code, c.calls)
			}
			if !strings.Contains(got.out, c.out) || c.out == "" && got.out != "" {
				t.Errorf("standard output\n%s\nwant\n%s", got.out, c.out)
			}
			if !strings.Contains(got.err, c.err) {
				t.Errorf("standard error\n%s\nwant\n%s", got.err, c.err)
			}
			if c.code != 0 && strings.Count(got.err, "\nTry: ") != 1 {
				t.Errorf("no way out:\n%s", got.err)
			}
			if strings.Contains(got.out+got.err, "\x1b") {
				t.Error("escape sequences without a terminal")
			}
			if strings.Contains(c.args, "--quiet") && strings.Contains(got.err, "exports/late") {
				t.Errorf("quiet wrote %q", got.err)
			}
		})
	}
}

// What --json writes is one JSON value, and errors are JSON lines on standard error.
func TestJSON(t *testing.T) {
	for args, mode := range map[string]string{"run": "partial", "ingest": "", "report": "", "files": "", "status": "", "collect": "partial", "status --check": "late", "run --dry-run": "", "registry lint": "", "version": ""} {
		got := tryRun(t, mode, goodFiles, nil, append(strings.Fields(args), "--json", "--quiet")...)
		var v any
		if err := json.Unmarshal([]byte(got.out), &v); err != nil {
			t.Errorf("%s: %v in\n%s", args, err, got.out)
		}
		for line := range strings.Lines(got.err) {
			if strings.HasPrefix(line, "time=") {
				continue // the log
			}
			var e struct {
				Error, Try string
				ExitCode   int `json:"exit_code"`
			}
			if err := json.Unmarshal([]byte(line), &e); err != nil || e.Error == "" || e.Try == "" || e.ExitCode != got.code {
				t.Errorf("%s: %q, %v", args, line, err)
			}
		}
	}
	got := tryRun(t, "clean", goodFiles, nil, "registry", "lint", "--json")
	if got.out != "[]\n" {
		t.Errorf("no findings are %q", got.out)
	}
	got = tryRun(t, "", goodFiles, nil, "files", "--json", "--status", "ignored")
	if got.out != "[]\n" {
		t.Errorf("no files are %q", got.out)
	}
}

// The flags of one command do not reach into another.
func TestFlagsReachTheApp(t *testing.T) {
	got := tryRun(t, "", goodFiles, []string{"PIDLEDGER_LIMITS_THREADS=7"}, "run", "--source", "a,b", "--source", "c", "--ledger", "l", "--report-dir", "r", "--format", "json", "--registry", "registry.csv")
	c := got.app.call.Config
	base := func(p string) string { return p[strings.LastIndexAny(p, `/\`)+1:] }
	if got.code != 0 || len(c.Sources) != 2 || base(c.Sources[0].Path) != "a,b" || base(c.Sources[1].Path) != "c" || base(c.Ledger) != "l" || base(c.Report.Dir) != "r" ||
		!slices.Equal(c.Report.Formats, []string{"json"}) || base(c.Registry) != "registry.csv" || c.Limits.Threads != 7 {
		t.Errorf("code %d, %s, config %+v", got.code, got.err, c)
	}
	o := got.app.call.LedgerOptions()
	if o.Folder != c.Ledger || o.Threads != 7 || o.Memory != c.Limits.Memory || o.Now == nil || o.Progress == nil || o.Version == "" {
		t.Errorf("ledger options %+v", o)
	}
	if o := got.app.call.IngestOptions(); o.Threads != 7 || o.Now == nil || o.Progress == nil || len(o.Sources.List) != 2 || o.Registry != c.Registry {
		t.Errorf("ingest options %+v", o)
	}
	r := got.app.call.ReportOptions(spec.Run{ID: "x"})
	if r.Dir != c.Report.Dir || !slices.Equal(r.Formats, c.Report.Formats) || r.Run.ID != "x" || r.Started == nil {
		t.Errorf("report options %+v", r)
	}
}

func TestMissingInputs(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		args  string
		want  string
	}{
		"sources":    {nil, "run", "no sources are configured"},
		"registry":   {map[string]string{config.Name: "sources: [a]\nregistry: r.csv\n"}, "run", "registry: there is no file "},
		"exclusions": {map[string]string{config.Name: "sources: [a]\nexclusions: e.csv\n"}, "ingest", "exclusions: there is no file "},
		"ledger":     {nil, "report", "there is no ledger at"},
		"ledger too": {nil, "files", "there is no ledger at"},
		"status":     {nil, "status", "there is no ledger at"},
		"lint":       {nil, "registry lint", "no registry is named"},
	} {
		t.Run(name, func(t *testing.T) {
			got := tryRun(t, "", c.files, nil, strings.Fields(c.args)...)
			if got.code != exit.Usage || !strings.Contains(got.err, c.want) || len(got.app.calls) > 0 {
				t.Errorf("code %d, calls %q:\n%s", got.code, got.app.calls, got.err)
			}
		})
	}
}

// What the summary advises can be typed as it stands.
func TestAdviceKeepsConfig(t *testing.T) {
	files := map[string]string{"my dir/p.yaml": goodFiles[config.Name], "my dir/registry.csv": "", "my dir/exports/x": ""}
	got := tryRun(t, "partial", files, nil, "ingest", "--config", "my dir/p.yaml")
	if want := "pidledger files --status failed --config 'my dir/p.yaml'\n"; !strings.Contains(got.out, want) {
		t.Errorf("no %q in\n%s%s", want, got.out, got.err)
	}
}

// Every command has a group, a summary, an example and, if it does something, its exit codes.
func TestEveryHelp(t *testing.T) {
	var out strings.Builder
	p := newProgram(terminal.Streams{Out: &out, Err: &out}, time.Now, &fakeApp{}, nil)
	root := newRootCommand(p)
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		if c.IsAdditionalHelpTopicCommand() {
			return
		}
		if c.Short == "" || c.Long == "" || c.Example == "" {
			t.Errorf("%s: no summary, description or example", c.CommandPath())
		}
		if c.HasParent() && !c.Parent().HasParent() && c.GroupID == "" {
			t.Errorf("%s has no group", c.CommandPath())
		}
		if c.GroupID != "" && !c.HasSubCommands() && c.Name() != "help" && c.Annotations[cli.ExitNote] == "" {
			t.Errorf("%s has no exit codes", c.CommandPath())
		}
		for _, line := range strings.Split(c.Long, "\n") {
			if len(line) > 100 && c.Name() != "config" && c.Parent().Name() != "completion" {
				t.Errorf("%s: long line %q", c.CommandPath(), line)
			}
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(root)
}

// The first reject of each file and column stands for the others.
func TestSummaryFromIngest(t *testing.T) {
	bar := terminal.StartProgress(&terminal.Streams{Quiet: true}, time.Now)
	fake := &fakeApp{mode: "partial"}
	s, err := night.New(night.Options{Progress: bar, Log: slog.New(slog.DiscardHandler), Now: time.Now}).Run(t.Context(), night.Reading, fake.steps())
	if !errors.As(err, new(*exit.PartialError)) {
		t.Fatal(err)
	}
	want := &summary.Inputs{
		Files: []summary.Count{{Status: "loaded", Files: 1}, {Status: "unchanged", Files: 1339}, {Status: "failed", Files: 1}}, Rows: 120, Rejected: 3,
		Problems: []summary.Problem{{Path: "exports/b.gz", Status: "failed", Reason: "unexpected end of the gzip stream"}},
		Rejects: []summary.Reject{{Path: "exports/a.csv", Record: 17, Line: 19, Column: "Quantity", Value: "1,5",
			Reason: `quantity "1,5" is not a decimal number`, FileRows: 3}},
	}
	if diff := cmp.Diff(want, s.Inputs); diff != "" {
		t.Error(diff)
	}
}

// Help fits a terminal of 80 columns, but for commands, which are to be pasted, and drawings.
func TestHelpFits(t *testing.T) {
	var visit func(c *cobra.Command)
	check := func(c *cobra.Command) {
		var out bytes.Buffer
		args := append(strings.Fields(c.CommandPath())[1:], "--help")
		if code := Main(args, strings.NewReader(""), &out, &out); code != exit.Done {
			t.Errorf("%v: exit code %d", args, code)
		}
		for line := range strings.Lines(out.String()) {
			line = strings.TrimRight(line, "\n")
			if utf8.RuneCountInString(line) > human.Width && !strings.Contains(line, human.Program+" ") {
				t.Errorf("%v: %q", args, line)
			}
		}
	}
	visit = func(c *cobra.Command) {
		if c.IsAdditionalHelpTopicCommand() || c.Name() == "completion" {
			return
		}
		check(c)
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(newRootCommand(newProgram(terminal.Streams{}, time.Now, &fakeApp{}, nil)))
}
