package summary

import (
	"strings"
	"testing"
)

// Evidence is asked for of subscriptions; other clouds' accounts, which FOCUS has in the same column, have none that Azure writes.
func TestAdviseEvidence(t *testing.T) {
	const sub = "4b1d0c9e-7a52-4f0e-9d35-2f6a8e1c7b90"
	s := &Summary{NoEvidence: []Blind{{SubscriptionID: "123456789012", EffectiveCost: "9"}, {SubscriptionID: sub, EffectiveCost: "1"}}}
	var said []string
	s.adviseEvidence(Commands{}, func(_, do, _ string, _ ...any) { said = append(said, do) })
	if all := strings.Join(said, "\n"); !strings.Contains(all, sub) || strings.Contains(all, "123456789012") {
		t.Errorf("%q", all)
	}
}

func TestRejectedBefore(t *testing.T) {
	var b strings.Builder
	s := &Summary{Inputs: &Inputs{Before: []RejectedFile{{Path: "exports/u.csv", Rejected: 1}}}}
	if err := s.WriteText(&b, false, false); err != nil {
		t.Fatal(err)
	}
	if want := "1 row, rejected in an earlier run, is missing in every report: exports/u.csv (1)"; !strings.Contains(strings.Join(strings.Fields(b.String()), " "), want) {
		t.Errorf("no %q in\n%s", want, b.String())
	}
}
