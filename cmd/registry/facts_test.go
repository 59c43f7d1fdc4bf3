package registry

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/ingest/registry"
	"github.com/pidledger/pidledger/report"
)

func TestFactFindings(t *testing.T) {
	const (
		known  = "11111111-2222-4333-8444-555555555555"
		near   = "11111111-2222-4333-8444-555555555556"
		alien  = "aaaaaaaa-2222-4333-8444-555555555555"
		silent = "99999999-2222-4333-8444-555555555555"
		gone   = "77777777-2222-4333-8444-555555555555"
	)
	regs := []registry.Registration{{TrackingID: known, Record: 1, Line: 2}, {TrackingID: silent, Record: 2, Line: 3}}
	facts := &report.RegistryFacts{
		Unregistered: []report.SeenID{
			{ID: known, Requests: 1}, // registered since the run
			{ID: near, FirstSeen: "2026-03-01", LastSeen: "2026-03-02", Requests: 2},
			{ID: alien, FirstSeen: "2026-03-01", LastSeen: "2026-03-01", Requests: 1, Costs: []report.Cost{{Currency: "EUR", Amount: "12.5"}, {Currency: "USD", Amount: "1"}}},
		},
		NeverSeen:  []string{gone, silent},
		Misspelled: []report.Misspelling{{ID: known, Token: "pid-1111", Reason: "truncated", Source: "user_agent", Sightings: 3}, {ID: gone, Token: "pid-7777"}},
	}
	var got []string
	for _, f := range factFindings("registry.csv", regs, facts) {
		got = append(got, strings.Join([]string{f.Code, f.Severity, f.ID, string(rune('0' + f.Line)), f.Message, f.Hint}, "|"))
	}
	want := []string{
		"unregistered|warning|" + near + "|0|" + near + " was seen in 2 requests (2026-03-01 to 2026-03-02) and is not registered: no usage yet|" +
			"it differs from " + known + " on line 2 by only one character: fix the one that is wrong, template or registry",
		"unregistered|warning|" + alien + "|0|" + alien + " was seen in 1 request (2026-03-01) and is not registered: usage of 12.50 EUR and 1.00 USD is not attributed|" +
			"if it is yours: pidledger registry add aaaaaaaa-2222-4333-8444-555555555555 --mpn MPN_ID --offer OFFER --channel CHANNEL; else it is another partner's",
		"misspelled|warning|" + known + "|2|pid-1111 (truncated) was seen in a User-Agent, in 3 requests (), and was probably meant to be " + known + "|fix the template or program that says so; its usage is not attributed",
		"never_seen|info|" + silent + "|3|" + silent + " was never seen in a deployment or call|check that what ships carries it: pidledger template check",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
