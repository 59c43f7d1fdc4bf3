package report

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report/reporttest"
)

// withoutDetail is a world whose files are all real: the engine of these tests writes the detailed report as a text.
func withoutDetail() map[string]string {
	w := reporttest.World()
	delete(w, "attributed_usage")
	return w
}

func TestRegistryFacts(t *testing.T) {
	o := options(t)
	if _, err := Open(t.Context(), o.Dir, adhoc.Options{Threads: 1}); !errors.As(err, new(*NoSnapshotError)) {
		t.Errorf("nothing there: %v", err)
	}
	db, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	o.Snapshots = Snapshots{Folder: filepath.Join(t.TempDir(), "snapshots"), Keep: 1}
	if _, err := Publish(t.Context(), &reporttest.Engine{Tables: withoutDetail(), Folder: t.TempDir()}, o); err != nil {
		t.Fatal(err)
	}
	// The engine of these tests makes no tables.
	if _, err := db.Write(t.Context(), "select 's' as subscription_id, 'deployments' as kind", filepath.Join(o.Snapshots.Folder, "run-1", "evidence_reach.parquet"), ""); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), o.Dir, adhoc.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := s.RegistryFacts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const from, to = "2026-03-08", "2026-04-14"
	want := &RegistryFacts{
		RunID: "run-1",
		Unregistered: []SeenID{
			{"33333333-2222-4333-8444-555555555555", from, to, 3, []Cost{{"EUR", "12.25"}}},
			{"44444444-2222-4333-8444-555555555555", from, from, 1, []Cost{{"EUR", "5270.58"}, {"USD", "1"}}},
			{"66666666-2222-4333-8444-555555555555", "2026-03-25", "2026-03-25", 1, nil},
		},
		NeverSeen:  []string{"99999999-2222-4333-8444-555555555555"},
		Misspelled: []Misspelling{{"11111111-2222-4333-8444-555555555555", "pid-11111111-2222-4333-8", "truncated", "user_agent", "2026-03-23", "2026-03-23", 1}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	// The link is followed once: a snapshot that goes meanwhile is an error, not a clean registry.
	if err := os.RemoveAll(filepath.Join(o.Snapshots.Folder, "run-1")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RegistryFacts(t.Context()); err == nil {
		t.Error("a snapshot that is gone has nothing to say")
	}
	if _, err := Open(t.Context(), o.Dir, adhoc.Options{Threads: 1}); !errors.As(err, new(*NoSnapshotError)) {
		t.Errorf("a snapshot that is gone: %v", err)
	}
}

func TestSupportFacts(t *testing.T) {
	o := options(t)
	o.Snapshots = Snapshots{Folder: filepath.Join(t.TempDir(), "snapshots"), Keep: 1}
	if _, err := Publish(t.Context(), &reporttest.Engine{Tables: withoutDetail(), Folder: t.TempDir()}, o); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), o.Dir, adhoc.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f, err := s.SupportFacts(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.IDs) != 2 || f.Sightings != nil || f.IDs[0]["requests"] != int64(3) || f.IDs[1]["first_seen"] != nil {
		t.Errorf("%v", f.IDs)
	}
	want := Record{"currency": "EUR", "status": "attributed", "first_month": "2026-03", "last_month": "2026-04", "usage_rows": int64(24), "billed_cost": "1746.5", "effective_cost": "1746.5"}
	if d := cmp.Diff(want, f.Coverage[0]); d != "" {
		t.Error(d)
	}
}
