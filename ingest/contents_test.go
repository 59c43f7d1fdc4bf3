package ingest_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/judge"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries/chain"
)

// A GUID folder that is a subscription of the rows in it is not a run folder; one that is not waits (SPEC 3.2a).
func TestFolderNamedBySubscription(t *testing.T) {
	w := ingesttest.New(t)
	row := ingesttest.MOSPRow(1, "1", "USD")
	subscription, _, _ := strings.Cut(row, ",")
	w.Put("cost/"+subscription+"/2026-03.csv", ingesttest.MOSPHeader+row)
	w.Put("cost/11111111-2222-4333-8444-555555555555/2026-03.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(2, "2", "USD"))
	r, err := w.Ingest()
	ingesttest.Must(t, err)
	if f := ingesttest.Status(t, r, "cost/"+subscription+"/2026-03.csv"); f.Status != ledger.StatusLoaded {
		t.Errorf("%+v", f)
	}
	if f := ingesttest.Status(t, r, "cost/11111111-2222-4333-8444-555555555555/2026-03.csv"); f.Status != ledger.StatusWaiting {
		t.Errorf("%+v", f)
	}
}

// A day whose usage was delivered and of which nothing counts is named with its file, whatever step lost it.
func TestLostDays(t *testing.T) {
	w := ingesttest.New(t)
	w.Put("plain.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD")+ingesttest.MOSPRow(2, "2", "USD"))
	l := w.Night(1)
	defer l.Close()
	settings := chain.Attribution{Owner: "first", Credit: "primary", SharedCorrelation: "per_request", CostBasis: "auto", RunID: "run"}
	if _, err := ingesttest.JudgeOf(l).Attribute(t.Context(), settings, true, true); err != nil {
		t.Fatal(err)
	}
	lost, err := judge.LostDays(t.Context(), l.DB)
	if err != nil || len(lost) > 0 || judge.CheckLostDays(lost) != nil {
		t.Fatalf("lost %v, %v", lost, err)
	}
	const day = "2026-03-02"
	if err := l.DB.Exec(t.Context(), "delete from counted_days where usage_date = ?::date", day); err != nil {
		t.Fatal(err)
	}
	if lost, err = judge.LostDays(t.Context(), l.DB); err != nil || len(lost) != 1 || !strings.Contains(lost[0], day+": ") || !strings.HasSuffix(lost[0], "plain.csv") {
		t.Errorf("lost %v, %v", lost, err)
	}
	var check *ledger.CheckError
	if !errors.As(judge.CheckLostDays(lost), &check) || !strings.Contains(check.Error(), day) {
		t.Errorf("the check says %v", check)
	}
	if many := judge.CheckLostDays(slices.Repeat(lost, 25)).Error(); !strings.Contains(many, "and 5 days more") {
		t.Error(many)
	}
}
