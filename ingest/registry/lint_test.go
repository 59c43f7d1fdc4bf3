package registry

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// lintCase is a file that a rule has something to say about, and the like of it that it must not mind.
var lintCases = []struct {
	code          Code
	positive      string // rows below lintHead
	negative      string
	line          int64 // of the finding
	message, hint string
}{
	{Malformed, "3f2b7c11-90ad-4e0b-8c57-1d2e3f4a5b,1,A,direct,,", "3f2b7c11-90ad-4e0b-8c57-1d2e3f4a5b01,1,A,direct,,", 2, "(too_short)", "Copy the GUID again"},
	{Malformed, "contoso hub,1,A,direct,,", "contoso-hub,1,A,direct,,", 2, "not a tracking id", ""},
	{Nil, "00000000-0000-0000-0000-000000000000,1,A,direct,,", "00000000-0000-0000-0000-000000000001,1,A,direct,,", 2, "nil GUID", ""},
	{Placeholder, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx,1,A,direct,,", "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa,1,A,direct,,", 2, "is a placeholder", ""},
	{DuplicateID, hub + ",1,A,direct,,\npid-" + strings.ToUpper(hub) + ",1,A,direct,,", hub + ",1,A,direct,,\ncontoso-hub,1,A,direct,,", 3, "on line 2 and on line 3", ""},
	{TwoChannels, hub + ",1,A,direct,,\n" + hub + ",1,A,github,,", hub + ",1,A,direct,,\n" + hub + ",1,A,Direct,,", 3, `channel "direct" on line 2 and for "github" on line 3`, ""},
	{TwoOffers, hub + ",1,A,direct,,\n" + hub + ",1,B,direct,,", hub + ",1,A,direct,,\n" + hub + ",1,a,direct,,", 3, `offer "A" on line 2 and for "B"`, ""},
	{
		MissingChannel, hub + ",1,A,direct,,\ncontoso-a,1,A,github,,\nfabrikam-b,1,B,direct,,", hub + ",1,A,direct,,\ncontoso-a,1,A,github,,\nfabrikam-b,2,B,direct,,", 4,
		`offer "B" has no id for channel github, which offer "A" has`, "",
	},
	{UnknownChannel, hub + ",1,A,quikstart,,", hub + ",1,A,quickstart,,", 2, `"quikstart"`, "Write quickstart"},
	{UnknownChannel, hub + ",1,A,fair,,", hub + ",1,A,private,,", 2, `"fair"`, "Usual words are marketplace, github"},
	{MixedSpelling, hub + ",1,A,direct,,\ncontoso-hub,1,A,Direct,,", hub + ",1,A,direct,,\ncontoso-hub,1,A,direct,,", 3, `spelled "Direct" here and "direct" on line 2`, ""},
	{PidPrefix, "pid-" + hub + ",1,A,direct,,", hub + ",1,A,direct,,", 2, "is ignored", "Write " + hub},
	{PidPrefix, "pid-contoso-hub-partnercenter,1,A,direct,,", "contoso-hub,1,A,direct,,", 2, "is ignored", "Write contoso-hub"},
	{DateOrder, hub + ",1,A,direct,2026-03-02,2026-03-01", hub + ",1,A,direct,2026-03-01,2026-03-01", 2, "retired before it was registered on 2026-03-02", ""},
	{FutureDate, hub + ",1,A,direct,2026-05-02,", hub + ",1,A,direct,2026-05-01,2030-01-01", 2, "from a future day on", ""},
	{BadDate, hub + ",1,A,direct,31/12/2025,", hub + ",1,A,direct,12/31/2025,", 2, "is not a date", "day first is not"},
	{NearID, hub + ",1,A,direct,,\n3f2b7c11-90ad-4e0b-8c57-1d2e3f4a5b02,1,A,direct,,", hub + ",1,A,direct,,\n3f2b7c11-90ad-4e0b-8c57-1d2e3f4a5b10,1,A,direct,,", 3, "by only one character", ""},
	{BadMPN, hub + ",MPN-123,A,direct,,", hub + ",0123456,A,direct,,\ncontoso-hub,,A,direct,,", 2, `"MPN-123" is not a number`, "digits only"},
	{
		TwoMPNs, hub + ",1,Edge,direct,,\ncontoso-hub,2,edge,direct,,", hub + ",1,Edge,direct,,\ncontoso-hub,1,Edge,github,,\ncontoso-a,2,Data,direct,,\ncontoso-b,,Edge,direct,,", 3,
		`offer "edge" has MPN ID 2 here and 1 on line 2`, "if it is one offer",
	},
	{NearOffer, hub + ",1,Contoso Edge,direct,,\ncontoso-hub,1,contoso-edge,direct,,", hub + ",1,Contoso Edge,direct,,\ncontoso-hub,1,Contoso Edge,github,,", 3, "by case, blanks or hyphens", "one spelling"},
	{NearOffer, hub + ",1,Contoso Edge,direct,,\ncontoso-hub,1,Contoso  Edge,direct,,", hub + ",1,Edge Plan A,direct,,\ncontoso-hub,1,Edge Plan B,direct,,", 3, `"Contoso Edge" on line 2`, ""},
	{NearOffer, hub + ",1,Contoso Insight,direct,,\ncontoso-hub,1,Contoso Insigth,direct,,", hub + ",1,Release2024,direct,,\ncontoso-hub,1,Release2025,direct,,", 3, "only by one letter", ""},
	{NearOffer, hub + ",1,Data Services,direct,,\ncontoso-hub,1,data service,direct,,", hub + ",1,Edge 1,direct,,\ncontoso-hub,1,Edge 2,direct,,", 3, "only by one letter", ""},
	{NearOffer, hub + ",1,Möbelhaus,direct,,\ncontoso-hub,1,Möbelhau,direct,,", hub + ",1,Edge UK,direct,,\ncontoso-hub,1,Edge UA,direct,,", 3, "only by one letter", ""},
	{MissingValue, hub + ",1,,direct,,", hub + ",1,A,direct,,", 2, "empty offer", ""},
	{Ragged, hub + ",1,A,direct,,,x", hub + ",1,A,direct,,,", 2, "the header has 6", ""},
}

const lintHead = "tracking_id,mpn_id,offer,channel,registered_at,retired_at\n"

func TestLintRules(t *testing.T) {
	o := Options{Today: date("2026-05-01")}
	lint := func(rows string) []Finding {
		t.Helper()
		all, err := lint(temp(t, "r.csv", lintHead+rows+"\n"), o)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	tried := map[Code]bool{}
	for _, c := range lintCases {
		tried[c.code] = true
		fits := func(f Finding) bool { return f.Code == c.code }
		all := lint(c.positive)
		i := slices.IndexFunc(all, fits)
		if i < 0 || all[i].Line != c.line || !strings.Contains(all[i].Message, c.message) || !strings.Contains(all[i].Suggestion, c.hint) {
			t.Errorf("%s: %v", c.code, brief(all))
		}
		if all = lint(c.negative); slices.ContainsFunc(all, fits) {
			t.Errorf("%s is found where it is not: %v", c.code, brief(all))
		}
	}
	// TestForms and TestExclusions have the rest; the last three come from a run.
	elsewhere := []Code{EmptyFile, Unreadable, MissingColumn, BadScope, BadID, Conflict, NotText, NoRows, Repeated, UnknownColumn, Unregistered, Misspelled, NeverSeen}
	for _, r := range Rules() {
		if r.Meaning == "" || tried[r.Code] == slices.Contains(elsewhere, r.Code) {
			t.Errorf("%s: no case, or two", r.Code)
		}
		if SeverityOf(r.Code) != r.Severity {
			t.Errorf("%s: %s", r.Code, SeverityOf(r.Code))
		}
	}
}

// What lint says of a registry does not grow faster than the registry, nor does what it compares: not with words of their own for channels, with
// spellings of one offer, with ids that differ at a few places only, nor with long names.
func TestLintGrowth(t *testing.T) {
	for name, row := range map[string]func(b *strings.Builder, i int){
		"channels": func(b *strings.Builder, i int) {
			fmt.Fprintf(b, "%08x-1111-4222-8333-%012x,1,Offer %d,channel %d\n", i*7919, i*104729, i, i)
		},
		"spellings": func(b *strings.Builder, i int) {
			fmt.Fprintf(b, "%08x-1111-4222-8333-%012x,1,Offer%sA%s,github\n", i*7919, i*104729, strings.Repeat("-", i%70), strings.Repeat("-", i/70))
		},
		"ids": func(b *strings.Builder, i int) {
			fmt.Fprintf(b, "%08x-1111-4222-8333-444455556666,1,Offer,github\n", i)
		},
	} {
		t.Run(name, func(t *testing.T) {
			few, many := lintOf(t, 500, row), lintOf(t, 2000, row)
			if many > 5*max(few, 1) {
				t.Errorf("500 ids have %d findings, 2000 have %d", few, many)
			}
		})
	}
}

func lintOf(t *testing.T, n int, row func(b *strings.Builder, i int)) int {
	t.Helper()
	var b strings.Builder
	b.WriteString("tracking_id,mpn_id,offer,channel\n")
	for i := range n {
		row(&b, i+1)
	}
	path := filepath.Join(t.TempDir(), "registry.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := lint(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

// Ids and offers that are too long for a deployment name are read, and not compared letter by letter.
func TestLintOfLongNames(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	path := filepath.Join(t.TempDir(), "registry.csv")
	text := "tracking_id,mpn_id,offer,channel\npid-a" + long + "-partnercenter,1,a" + long + ",github\npid-b" + long + "-partnercenter,1,b" + long + ",github\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := lint(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Code == NearID || f.Code == NearOffer {
			t.Errorf("%s", f)
		}
	}
}

func lint(path string, o Options) ([]Finding, error) {
	_, found, err := Inspect(path, o)
	return found, err
}
