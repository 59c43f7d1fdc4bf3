package cmd

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/exit"
)

// When an export run replaces usage of a month that was reported before, the report restatements tells what it said (SPEC 6).
func TestRestatements(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	night := func(run, submitted string, cost string) {
		t.Helper()
		folder := filepath.Join(dir, "exports", "daily", "20260301-20260331", run)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		rows := "SubscriptionGuid,UsageDateTime,MeterCategory,UsageQuantity,PreTaxCost,InstanceId,Currency\n" +
			"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0,2026-03-01,Storage,1," + cost + ",/subscriptions/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st,USD\n"
		manifest := fmt.Sprintf(`{"manifestVersion":"2024-04-01","exportConfig":{"exportName":"daily","resourceId":"/subscriptions/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/providers/Microsoft.CostManagement/exports/daily","type":"Usage","timeFrame":"TheLastMonth"},"runInfo":{"runId":%q,"submittedTime":%q,"startDate":"2026-03-01T00:00:00","endDate":"2026-03-31T00:00:00"},"blobs":[{"blobName":"daily/20260301-20260331/%s/part.csv","byteCount":%d}]}`, run, submitted, run, len(rows))
		for name, content := range map[string]string{"part.csv": rows, "manifest.json": manifest} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		var errw strings.Builder
		args := []string{"run", "--quiet", "--source", filepath.Join(dir, "exports"), "--ledger", filepath.Join(dir, "ledger"), "--report-dir", filepath.Join(dir, "reports")}
		if code := Main(args, strings.NewReader(""), io.Discard, &errw); code != exit.Done {
			t.Fatalf("exit code %d\n%s", code, &errw)
		}
	}
	night("aaaaaaaa-0000-0000-0000-000000000001", "2026-04-02T01:00:00Z", "10")
	if got := readReport(t, filepath.Join(dir, "reports", "restatements.csv")); len(got) != 1 {
		t.Errorf("the first night restates %v", got[1:])
	}
	night("aaaaaaaa-0000-0000-0000-000000000002", "2026-04-05T01:00:00Z", "7.5")
	got := readReport(t, filepath.Join(dir, "reports", "restatements.csv"))
	if len(got) != 2 {
		t.Fatalf("%v", got)
	}
	line := strings.Join(append(got[1][:3:3], got[1][4:12]...), " ")
	if want := "2026-03 USD unattributed usage 10 7.5 10 7.5 1 1 -2.5"; line != want {
		t.Errorf("got %q, expected %q", line, want)
	}
	night("aaaaaaaa-0000-0000-0000-000000000003", "2026-04-09T01:00:00Z", "7.5") // the same usage again restates nothing
	if again := readReport(t, filepath.Join(dir, "reports", "restatements.csv")); len(again) != 2 {
		t.Errorf("the history is %v", again[1:])
	}
}
