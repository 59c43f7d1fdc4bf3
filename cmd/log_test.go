package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
)

// event is one line of a log.
type event map[string]any

// readLog reads a log of JSON lines. Times, durations and process ids differ from run to run and go.
func readLog(t *testing.T, path string) []event {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []event
	for line := range strings.Lines(string(data)) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		at, err := time.Parse(time.RFC3339, e["time"].(string))
		if err != nil || !strings.HasSuffix(e["time"].(string), "Z") {
			t.Errorf("time %v, %v", at, err)
		}
		for _, k := range []string{"time", "seconds", "pid", "version"} {
			delete(e, k)
		}
		all = append(all, e)
	}
	return all
}

func eventsOf(all []event, msg string) (out []event) {
	for _, e := range all {
		if e["msg"] == msg {
			out = append(out, e)
		}
	}
	return out
}

func TestLogEvents(t *testing.T) {
	got := tryRun(t, "partial", goodFiles, nil, "run", "--quiet", "--log-file", "night.jsonl")
	if got.code != exit.Partial {
		t.Fatalf("exit code %d\n%s", got.code, got.err)
	}
	info, err := os.Stat("night.jsonl")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	all := readLog(t, "night.jsonl")
	run := got.app.call.RunID
	if run == "" || got.app.call.Command != "run" {
		t.Errorf("run %q, command %q", run, got.app.call.Command)
	}
	start := all[0]
	settings := start["settings"].(map[string]any)
	if start["msg"] != "run started" || start["command"] != "run" || !strings.HasSuffix(start["config"].(string), config.Name) || settings["limits.memory"] != 4e9 {
		t.Errorf("start %v", start)
	}
	if settings["sources"].([]any)[0].(map[string]any)["path"] == "" || settings["report.formats"] == nil || len(settings) != len(config.Keys()) {
		t.Errorf("settings %v", settings)
	}
	want := []event{
		{"level": "INFO", "msg": "note", "run": run, "text": "exports/late: nothing new for 12 days"},
		{"level": "WARN", "msg": "a warning", "run": run, "file": "a.csv"},
		{"level": "WARN", "msg": "rows rejected", "run": run, "path": "exports/a.csv", "status": "loaded", "format": "ea", "reason": "", "bytes": 2000.0, "rows": 120.0, "rejected": 3.0},
		{"level": "WARN", "msg": "file could not be used", "run": run, "path": "exports/b.gz", "status": "failed", "format": "", "reason": "unexpected end of the gzip stream", "bytes": 0.0, "rows": 0.0, "rejected": 0.0},
		{"level": "INFO", "msg": "stage", "run": run, "name": "load", "files": 2.0, "bytes": 2000.0, "rows": 0.0},
		{"level": "WARN", "msg": "run ended", "run": run, "exit_code": 3.0, "result": "partial",
			"error": "done, but some of the input could not be used (files: 1, rejected rows: 3)", "data_through": "2026-04-30",
			"files": map[string]any{"loaded": 1.0, "unchanged": 1339.0, "failed": 1.0}, "rows": 120.0, "rejected": 3.0,
			"reports": map[string]any{"dir": "/srv/reports", "reports": 12.0, "rows": 99.0, "files": 25.0, "bytes": 12345.0}},
	}
	if diff := cmp.Diff(want, all[1:]); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(got.out, `"msg"`) {
		t.Error("the log is on standard output")
	}
}

// Every end has its event, with the exit code and the result; runs append.
func TestLogEnds(t *testing.T) {
	for mode, want := range map[string]struct {
		code   float64
		result string
		err    string
	}{
		"":           {exit.Done, "done", ""},
		"fail":       {exit.Failed, "failed", "no space left"},
		"check":      {exit.Check, "check_failed", "dataRowCount"},
		"inuse":      {exit.InUse, "failed", "in use"},
		"reportfail": {exit.Usage, "failed", ""},
	} {
		files := map[string]string{"night.jsonl": "{\"time\":\"2026-01-01T00:00:00Z\",\"msg\":\"older\"}\n"}
		for k, v := range goodFiles {
			files[k] = v
		}
		got := tryRun(t, mode, files, []string{"PIDLEDGER_LOG_FILE=night.jsonl", "PIDLEDGER_LOG_LEVEL=warn"}, "run", "--quiet")
		all := readLog(t, "night.jsonl")
		last := all[len(all)-1]
		if all[0]["msg"] != "older" {
			t.Errorf("%s: the log does not append", mode)
		}
		if mode == "" {
			if len(all) != 2 { // and the warning
				t.Errorf("at the level warn a good night says %v", all[1:])
			}
			continue
		}
		if mode == "reportfail" {
			want.code, want.result = float64(got.code), "failed"
		}
		msg, _ := last["error"].(string)
		if last["msg"] != "run ended" || last["exit_code"] != want.code || last["exit_code"] != float64(got.code) || last["result"] != want.result || !strings.Contains(msg, want.err) {
			t.Errorf("%s: %v", mode, last)
		}
		if checks := eventsOf(all, "check failed"); (mode == "check") != (len(checks) == 1) {
			t.Errorf("%s: checks %v", mode, checks)
		}
	}
}

const logRows = "SubscriptionGuid,UsageDateTime,MeterCategory,UsageQuantity,PreTaxCost,InstanceId,Currency\n" +
	"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0,2026-03-01,Storage,1,2,/subscriptions/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st,USD\n"

// A real night: the log has one event a stage with its rows, and above debug nothing of a customer.
func TestLogOfANight(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "exports"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"good.csv":  logRows,
		"bad.csv":   strings.Replace(logRows, ",1,2,", ",Fabrikam,2,", 1),
		"noise.bin": "\x00\x01\x02 Fabrikam 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
	} {
		if err := os.WriteFile(filepath.Join(dir, "exports", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	personal := regexp.MustCompile(`(?i)fabrikam|0f1e2d3c`)
	for _, level := range []string{"info", "debug"} {
		log := filepath.Join(dir, level+".jsonl")
		code, _, errs := runWith(t, []string{"PIDLEDGER_LOG_LEVEL=" + level}, "run", "--quiet", "--source", filepath.Join(dir, "exports"),
			"--ledger", filepath.Join(dir, level, "ledger"), "--report-dir", filepath.Join(dir, level, "reports"), "--log-file", log)
		if code != exit.Partial {
			t.Fatalf("exit code %d\n%s", code, errs)
		}
		data, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		if found := personal.FindString(string(data)); (found != "") != (level == "debug") {
			t.Errorf("level %s: %q in the log\n%s", level, found, data)
		}
		all := readLog(t, log)
		rows := map[string]any{}
		for _, e := range eventsOf(all, "stage") {
			rows[e["name"].(string)] = e["rows"]
		}
		for _, name := range []string{"list the sources", "decide which export runs count", "load usage", "commit", "attribute", "write the reports"} {
			if _, ok := rows[name]; !ok {
				t.Errorf("level %s: no event of the stage %s: %v", level, name, rows)
			}
		}
		if rows["load evidence"] != 2.0 || rows["write the reports"] == 0.0 { // plain usage files come with the evidence
			t.Errorf("rows %v", rows)
		}
		if n := len(eventsOf(all, "file could not be used")); n != 2 {
			t.Errorf("%d files that could not be used", n)
		}
	}
}
