package ingest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/ingest/ingesttest"
)

func TestDryRun(t *testing.T) {
	const march = "cost/daily/20260301-20260331/"
	w := ingesttest.New(t)
	w.PutRun(ingesttest.Run1, "2026-03-20T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "1", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
	w.Put("plain.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
	w.Put("empty.csv", "")
	w.WantPlan("without a ledger", "0 unchanged, 1 ignored",
		"load "+march+ingesttest.Run1+"/manifest.json 1: new, submitted 2026-03-20 01:00 UTC", "read plain.csv 1: new")
	if _, err := os.Stat(w.Opts.Folder); err == nil {
		t.Error("a dry run made the ledger")
	}
	night := func() {
		t.Helper()
		if _, err := w.Ingest(); err != nil {
			t.Fatal(err)
		}
	}
	night()
	w.WantPlan("nothing new", "4 unchanged, 0 ignored")

	w.Put("plain.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "10", "USD"))
	const run3 = "aaaaaaaa-0000-0000-0000-000000000003"
	w.PutRun(ingesttest.Run2, "2026-03-19T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "1", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "2", "USD"))
	w.PutRun(run3, "2026-03-21T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "1", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "3", "USD"))
	w.Put(strings.ReplaceAll(march, "03", "04")+ingesttest.Run2+"/part_0_0001.csv", ingesttest.MOSPHeader)
	w.Put("cost/broken/20260301-20260331/"+ingesttest.Run2+"/manifest.json", `{"manifestVersion": `)
	plan := w.DryRun()
	at := plan[2]
	if !strings.HasPrefix(at, "read plain.csv 1: changed since ") {
		t.Error(at)
	}
	plan[2] = ""
	want := []string{
		"1 unchanged, 0 ignored",
		"load " + march + run3 + "/manifest.json 1: new, submitted 2026-03-21 01:00 UTC", "",
		"replace " + march + ingesttest.Run1 + "/manifest.json 1: replaced by run " + run3,
		"skip " + march + ingesttest.Run2 + "/manifest.json 1: replaced by run " + run3,
		"wait " + strings.ReplaceAll(march, "03", "04") + ingesttest.Run2 + " 1: no manifest yet; files that hold no usage are read at once",
		plan[len(plan)-1],
	}
	if diff := cmp.Diff(want, plan); diff != "" || !strings.HasPrefix(want[6], "fail cost/broken/") {
		t.Error(diff, plan)
	}
	if err := os.RemoveAll(filepath.Join(w.Dir, "exports", "cost", "broken")); err != nil {
		t.Fatal(err)
	}
	night()
	if got := w.Money(); got != "13.00" {
		t.Errorf("the run did otherwise: %s", got)
	}
	w.WantPlan("after that run", "8 unchanged, 0 ignored", "wait "+strings.ReplaceAll(march, "03", "04")+ingesttest.Run2+" 1: no manifest yet")
}
