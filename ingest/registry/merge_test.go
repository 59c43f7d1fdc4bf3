package registry

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMerge(t *testing.T) {
	day := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
	a := Registration{TrackingID: "a", MPNID: "7", Offer: "Edge Box", SKU: "Pro", Channel: "GitHub", RegisteredAt: day, Line: 2, File: "r.csv"}
	with := func(r Registration, change func(*Registration)) Registration {
		r.File, r.Line = "other.csv", 9
		change(&r)
		return r
	}
	same := with(a, func(r *Registration) {
		r.Offer, r.SKU, r.Channel, r.RegisteredAt = "edge-box", "", "git hub", time.Time{}
	})
	fresh := with(a, func(r *Registration) { r.TrackingID, r.Offer, r.SKU, r.Channel = "b", "EDGE BOX", "pro", "github" })
	again := with(fresh, func(r *Registration) { r.RetiredAt = day })
	m := Merge([]Registration{a}, []Registration{same, fresh, again})
	taken := with(fresh, func(r *Registration) { r.Offer, r.SKU, r.Channel = "Edge Box", "Pro", "GitHub" })
	if d := cmp.Diff(Merged{
		New: []Registration{taken}, Same: []Registration{same},
		Contradictions: []Contradiction{{again, taken, "retired_at", "2026-05-04", ""}},
	}, m); d != "" {
		t.Error(d)
	}
	other := with(a, func(r *Registration) { r.MPNID, r.Description = "8", "x" })
	m = Merge([]Registration{a}, []Registration{other})
	if len(m.New)+len(m.Same) > 0 || len(m.Contradictions) != 2 {
		t.Fatalf("%+v", m)
	}
	if got := m.Contradictions[0].Message(); got != `a has mpn_id "8" here, and "7" on line 2 of r.csv` {
		t.Error(got)
	}
	if got := m.Contradictions[1].Message(); got != `a has description "x" here, and none on line 2 of r.csv` {
		t.Error(got)
	}
}

// A date of one's own is not dropped because the file has no column for it, and words stay words.
func TestAppendAll(t *testing.T) {
	retired := Registration{TrackingID: anID, MPNID: "1", Offer: "a", Channel: "direct", RetiredAt: date("2026-05-04")}
	const head = "tracking_id,mpn_id,offer,channel\n"
	if _, _, err := AppendAll([]byte(head), []Registration{retired}); err == nil {
		t.Error("the day of retirement is lost")
	}
	if _, _, err := Append([]byte(head), []Registration{retired}); err != nil {
		t.Error(err)
	}
	words := Registration{TrackingID: "abcd1234-ab12", MPNID: "1", Offer: "a", Channel: "direct"}
	out, _, err := AppendAll([]byte(head), []Registration{words})
	if err != nil {
		t.Fatal(err)
	}
	regs, _, err := Registrations(temp(t, "r.csv", string(out)), Options{})
	if err != nil || len(regs) != 1 || regs[0].TrackingID != words.TrackingID {
		t.Errorf("%v, %v\n%s", regs, err, out)
	}
}
