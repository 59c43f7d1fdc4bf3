package ingest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// dryRun tells the plan in short and proves that nothing was written.
func (w *workbench) dryRun() []string {
	w.t.Helper()
	before := w.snapshot()
	p, err := w.tryDryRun()
	if err != nil {
		w.t.Fatal(err)
	}
	if diff := cmp.Diff(before, w.snapshot()); diff != "" {
		w.t.Errorf("a dry run wrote: %s", diff)
	}
	out := []string{fmt.Sprintf("%d unchanged, %d ignored", p.Unchanged, p.Ignored)}
	for _, i := range p.Items {
		out = append(out, fmt.Sprintf("%s %s %d: %s", i.Action, strings.TrimPrefix(i.Path, "exports/"), i.Files, i.Why))
	}
	return out
}

func (w *workbench) wantPlan(when string, want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.dryRun()); diff != "" {
		w.t.Errorf("%s: %s", when, diff)
	}
}

func TestDryRun(t *testing.T) {
	const march = "cost/daily/20260301-20260331/"
	w := newWorkbench(t)
	w.putRun(run1, "2026-03-20T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "1", mospHeader+mospRow(1, "1", "USD"))
	w.put("plain.csv", mospHeader+mospRow(1, "1", "USD"))
	w.put("empty.csv", "")
	w.wantPlan("without a ledger", "0 unchanged, 1 ignored",
		"load "+march+run1+"/manifest.json 1: new, submitted 2026-03-20 01:00 UTC", "read plain.csv 1: new")
	if _, err := os.Stat(w.opts.Folder); err == nil {
		t.Error("a dry run made the ledger")
	}
	night := func() {
		t.Helper()
		if _, err := w.ingest(); err != nil {
			t.Fatal(err)
		}
	}
	night()
	w.wantPlan("nothing new", "4 unchanged, 0 ignored")

	w.put("plain.csv", mospHeader+mospRow(1, "10", "USD"))
	const run3 = "aaaaaaaa-0000-0000-0000-000000000003"
	w.putRun(run2, "2026-03-19T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "1", mospHeader+mospRow(1, "2", "USD"))
	w.putRun(run3, "2026-03-21T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "1", mospHeader+mospRow(1, "3", "USD"))
	w.put(strings.ReplaceAll(march, "03", "04")+run2+"/part_0_0001.csv", mospHeader)
	w.put("cost/broken/20260301-20260331/"+run2+"/manifest.json", `{"manifestVersion": `)
	plan := w.dryRun()
	at := plan[2]
	if !strings.HasPrefix(at, "read plain.csv 1: changed since ") {
		t.Error(at)
	}
	plan[2] = ""
	want := []string{
		"1 unchanged, 0 ignored",
		"load " + march + run3 + "/manifest.json 1: new, submitted 2026-03-21 01:00 UTC", "",
		"replace " + march + run1 + "/manifest.json 1: replaced by run " + run3,
		"skip " + march + run2 + "/manifest.json 1: replaced by run " + run3,
		"wait " + strings.ReplaceAll(march, "03", "04") + run2 + " 1: no manifest yet; files that hold no usage are read at once",
		plan[len(plan)-1],
	}
	if diff := cmp.Diff(want, plan); diff != "" || !strings.HasPrefix(want[6], "fail cost/broken/") {
		t.Error(diff, plan)
	}
	if err := os.RemoveAll(filepath.Join(w.dir, "exports", "cost", "broken")); err != nil {
		t.Fatal(err)
	}
	night()
	if got := w.money(); got != "13.00" {
		t.Errorf("the run did otherwise: %s", got)
	}
	w.wantPlan("after that run", "8 unchanged, 0 ignored", "wait "+strings.ReplaceAll(march, "03", "04")+run2+" 1: no manifest yet")
}
