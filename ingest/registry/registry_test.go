package registry

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/queries/facts"
)

const fixtures = "../../testdata/formats/registry"

const hub = "3f2b7c11-90ad-4e0b-8c57-1d2e3f4a5b01"

func date(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return d
}

// temp writes a file of its own for a test.
func temp(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// brief writes findings as lines: severity code line column.
func brief(all []Finding) (out []string) {
	for _, f := range all {
		line := strings.TrimPrefix(f.String(), f.File)
		out = append(out, string(f.Severity)+" "+string(f.Code)+line)
	}
	return out
}

func TestRegistrations(t *testing.T) {
	for _, c := range []struct {
		file    string
		want    []Registration
		remarks []string
	}{
		{"registrations.csv", []Registration{
			{TrackingID: hub, MPNID: "100200", Offer: "Contoso Hub", SKU: "standard", Channel: "marketplace", Description: "Hub, through the Marketplace", RegisteredAt: date("2025-08-14"), Kind: "guid", Record: 1, Line: 3},
			{TrackingID: "3f2b7c11-90ad-4e0b-8c57-1d2e3f4a5b77", MPNID: "100200", Offer: "Contoso Hub", SKU: "standard", Channel: "github", Description: "two\nlines", RegisteredAt: date("2025-08-01"), RetiredAt: date("2025-12-31"), Kind: "guid", Record: 2, Line: 4},
			{TrackingID: "contoso-hub", MPNID: "100200", Offer: "Contoso Hub", Channel: "private", Kind: "partnercenter", Record: 3, Line: 6},
			{TrackingID: "a9d0c4e2-1b3f-4d5a-9e8b-7c6d5e4f3a21", MPNID: "100200", Offer: "Contoso Hub", Channel: "quickstart", RegisteredAt: date("2025-08-15"), Kind: "guid", Record: 5, Line: 9},
		}, []string{
			"info unknown_column, column Owner: the column is not used",
			"info pid_prefix, line 3, column Tracking GUID: pid- or -partnercenter is not part of the id and is ignored. Write " + hub,
			"info pid_prefix, line 9, column Tracking GUID: pid- or -partnercenter is not part of the id and is ignored. Write a9d0c4e2-1b3f-4d5a-9e8b-7c6d5e4f3a21",
		}},
		{"registrations-value.json", []Registration{
			{TrackingID: hub, MPNID: "100200", Offer: "Contoso Hub", Channel: "marketplace", RetiredAt: date("2026-01-31"), Kind: "guid", Record: 1, Line: 4},
			{TrackingID: "contoso-hub", MPNID: "0100200", Offer: "Contoso Hub", SKU: "basic", Channel: "marketplace", Kind: "partnercenter", Record: 2, Line: 5},
		}, []string{
			"info unknown_column, column tags: the column is not used",
			`warning two_mpns, line 5, column mpnId: offer "Contoso Hub" has MPN ID 0100200 here and 100200 on line 4: reports keep the two apart. Use one MPN ID if it is one offer`,
		}},
		{"registrations-array.json", []Registration{{TrackingID: hub, MPNID: "100200", Offer: "Contoso Hub", Channel: "marketplace", Kind: "guid", Record: 1, Line: 1}}, nil},
		{"registrations-list.yaml", []Registration{
			{TrackingID: hub, MPNID: "0100200", Offer: "Contoso Hub", Channel: "marketplace", RegisteredAt: date("2025-08-14"), Kind: "guid", Record: 1, Line: 6},
			{TrackingID: "3f2b7c11-90ad-4e0b-8c57-1d2e3f4a5b77", MPNID: "0100200", Offer: "Contoso Edge", Channel: "marketplace", Description: "Edge", Kind: "guid", Record: 2, Line: 10},
		}, []string{"info pid_prefix, line 10, column tracking_id: pid- or -partnercenter is not part of the id and is ignored. Write 3f2b7c11-90ad-4e0b-8c57-1d2e3f4a5b77"}},
		{"registrations-map.yaml", []Registration{
			{TrackingID: hub, MPNID: "100200", Offer: "Contoso Hub", Channel: "github", Kind: "guid", Record: 1, Line: 2},
			{TrackingID: "contoso-hub", MPNID: "100200", Offer: "Contoso Hub", Channel: "marketplace", Kind: "partnercenter", Record: 2, Line: 6},
		}, nil},
		{"registrations-utf16.csv", []Registration{{TrackingID: hub, MPNID: "100200", Offer: "Contoso Hüb", Channel: "marketplace", Description: "a; b", RegisteredAt: date("2025-08-14"), Kind: "guid", Record: 1, Line: 2}}, nil},
		{"registrations.csv.gz", []Registration{{TrackingID: hub, MPNID: "100200", Offer: "Contoso Hüb", Channel: "marketplace", Description: "a; b", RegisteredAt: date("2025-08-14"), Kind: "guid", Record: 1, Line: 2}}, nil},
	} {
		t.Run(c.file, func(t *testing.T) {
			got, remarks, err := Registrations(filepath.Join(fixtures, c.file), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got, cmpopts.IgnoreFields(Registration{}, "File")); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(c.remarks, brief(remarks)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestRegistrationsParquet(t *testing.T) {
	path := temp(t, "registry.csv", "PAR1....PAR1") // the name plays no part
	read := func(got string) ([]string, [][]string, error) {
		if got != path {
			t.Errorf("path %q", got)
		}
		return []string{"tracking_id", "mpn_id", "offer", "channel", "registered_at"},
			[][]string{{hub, "100200", "Hub", "github", "2025-08-14 00:00:00"}, {hub, "100200", "Hub", "github", ""}}, nil
	}
	_, _, err := Registrations(path, Options{Parquet: read})
	var bad *ProblemError
	if !errors.As(err, &bad) || len(bad.Problems) != 1 || !strings.Contains(err.Error(), hub+" is registered twice: on record 1 and on record 2") {
		t.Errorf("%v", err)
	}
	if _, _, err = Registrations(path, Options{}); err == nil || !strings.Contains(err.Error(), "Save it as CSV") {
		t.Error(err)
	}
	broken := errors.New("broken")
	if _, _, err = Registrations(path, Options{Parquet: func(string) ([]string, [][]string, error) { return nil, nil, broken }}); !errors.Is(err, broken) {
		t.Error(err)
	}
}

func TestLint(t *testing.T) {
	path := filepath.Join(fixtures, "registrations-bad.csv")
	all, err := lint(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`error date_order, line 2, column retired_at: the id is retired before it was registered on 2025-08-14. Correct one of the dates; both days count as in force`,
		`error duplicate, line 3, column tracking_id: ` + hub + ` is registered twice: on line 2 and on line 3. Delete one of the two rows`,
		`error two_channels, line 3, column channel: ` + hub + ` stands for channel "marketplace" on line 2 and for "github" on line 3. Register one id for each channel`,
		`error two_offers, line 3, column offer: ` + hub + ` stands for offer "Contoso Hub" on line 2 and for "Contoso Edge" on line 3. Register one id for each offer`,
		`error malformed, line 4, column tracking_id: "3f2b7c11-90ad-4e0b-8c57-1d2e3f4a5b" is not a tracking id (too_short): a GUID has 8-4-4-4-12 hex digits. Copy the GUID again from where it was registered; if these are the words of pid-<words>-partnercenter, write it with -partnercenter`,
		`error nil, line 5, column tracking_id: "00000000-0000-0000-0000-000000000000" is the nil GUID, which nobody owns. Replace it with the registered GUID, or delete the row`,
		`error placeholder, line 6, column tracking_id: "pid-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" is a placeholder. Replace it with the registered GUID, or delete the row`,
		`error malformed, line 7, column tracking_id: "{3f2b7c11-90ad-4e0b-8c57-1d2e3f4a5b02}" is not a tracking id: it must not have brackets. Write 3f2b7c11-90ad-4e0b-8c57-1d2e3f4a5b02`,
		`error malformed, line 8, column tracking_id: "3f2b7c1190ad4e0b8c571d2e3f4a5b02" is not a tracking id: its hyphens are missing. Write 3f2b7c11-90ad-4e0b-8c57-1d2e3f4a5b02`,
		`error malformed, line 9, column tracking_id: "3f2b7c11-90ad-4e0b-8c57-1d2e3f4a5b02-westeurope" is a GUID with something after it. Write 3f2b7c11-90ad-4e0b-8c57-1d2e3f4a5b02`,
		`error malformed, line 10, column tracking_id: "contoso offer" is not a tracking id: a token has only letters, digits and - _ . ( ), and does not end in - or _. Write the GUID, or the words of pid-<words>-partnercenter`,
		`error malformed, line 11, column tracking_id: the tracking id is missing. Add the GUID that the template or User-Agent carries, or delete the row`,
		`error bad_date, line 12, column registered_at: "31.12.2025" is not a date. Write YYYY-MM-DD (MM/DD/YYYY is understood, day first is not)`,
		`warning mixed_spelling, line 12, column channel: the channel is spelled "GitHub" here and "github" on line 3: reports keep the two apart. Use one spelling`,
		`warning near_id, line 12, column tracking_id: 3f2b7c11-90ad-4e0b-8c57-1d2e3f4a5b04 differs from ` + hub + ` on line 2 by only one character. Check both against where they were registered`,
		`error ragged, line 13: the row has 9 fields, the header has 8. Put values that contain the delimiter in double quotes`,
		`info pid_prefix, line 13, column tracking_id: pid- or -partnercenter is not part of the id and is ignored. Write 3f2b7c11-90ad-4e0b-8c57-1d2e3f4a5b0f`,
		`warning missing_value, line 13, column mpn_id: the value is missing: reports will group this id under an empty mpn_id`,
		`error bad_date, line 13, column registered_at: "b" is not a date. Write YYYY-MM-DD (MM/DD/YYYY is understood, day first is not)`,
		`error bad_date, line 13, column retired_at: "c" is not a date. Write YYYY-MM-DD (MM/DD/YYYY is understood, day first is not)`,
		`warning unknown_channel, line 13, column channel: channel "githup" is not one of the usual words. Write github if you meant that`,
		`warning near_id, line 13, column tracking_id: 3f2b7c11-90ad-4e0b-8c57-1d2e3f4a5b0f differs from ` + hub + ` on line 2 by only one character. Check both against where they were registered`,
		`info pid_prefix, line 14, column tracking_id: pid- or -partnercenter is not part of the id and is ignored. Write 77aa7c11-90ad-4e0b-8c57-1d2e3f4a5b0f`,
		`warning unknown_channel, line 14, column channel: channel "Azure Marketplace" is not one of the usual words. Write marketplace if you meant that`,
		`warning mixed_spelling, line 14, column channel: the channel is spelled "Azure Marketplace" here and "marketplace" on line 2: reports keep the two apart. Use one spelling`,
	}
	if d := cmp.Diff(want, brief(all)); d != "" {
		t.Error(d)
	}

	regs, remarks, err := Registrations(path, Options{})
	var bad *ProblemError
	if !errors.As(err, &bad) || regs != nil || len(bad.Problems)+len(remarks) != len(all) {
		t.Fatalf("%v", err)
	}
	if slices.ContainsFunc(bad.Problems, func(f Finding) bool { return f.Severity != Error }) || !strings.Contains(err.Error(), path+", line 3, column tracking_id: ") {
		t.Error(err)
	}
}

func TestSiblings(t *testing.T) {
	all, err := lint(temp(t, "r.csv", `tracking_id,mpn_id,offer,channel
11111111-aaaa-4aaa-8aaa-000000000001,1,A,marketplace
22222222-bbbb-4aaa-8aaa-000000000002,1,A,GitHub
33333333-cccc-4aaa-8aaa-000000000003,1,B,marketplace
44444444-dddd-4aaa-8aaa-000000000004,2,C,direct
`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`warning missing_channel, line 4, column channel: offer "B" has no id for channel github, which offer "A" has. Register an id for it if the offer is distributed there`}
	if d := cmp.Diff(want, brief(all)); d != "" {
		t.Error(d)
	}
}

func TestNearIDs(t *testing.T) {
	all, err := lint(temp(t, "r.csv", "tracking_id,mpn_id,offer,channel\ncontoso-hub,1,A,direct\ncontoso-hubs,1,A,direct\ncontso-hub,1,A,direct\ncontoso-edge,1,A,direct\ncontoso-hum,1,A,direct\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []int64
	for _, f := range all {
		if f.Code == NearID {
			lines = append(lines, f.Line)
		}
	}
	if !slices.Equal(lines, []int64{3, 4, 6}) {
		t.Errorf("%v", brief(all))
	}
}

// TestForms are files that are wrong as a whole, and odd ones that are right.
func TestForms(t *testing.T) {
	const head = "tracking_id,mpn_id,offer,channel\n"
	for _, c := range []struct{ name, file, text, want string }{
		{"nothing", "r.csv", "", "error empty_file: the file is empty"},
		{"blank", "r.csv", " \n\n", "error empty_file: the file is empty"},
		{"header only", "r.csv", head, "warning no_rows: the file has a header but no rows"},
		{"column missing", "r.csv", "tracking_id,mpn,ofer,channel\n" + hub + ",1,A,direct\n",
			"error missing_column, column mpn_id: the column is missing. The file has mpn, ofer|error missing_column, column offer: the column is missing. Rename column ofer to offer|info unknown_column, column mpn: the column is not used|info unknown_column, column ofer: the column is not used"},
		{"id column missing", "r.csv", "mpn_id,offer,channel\n1,A,direct\n", "error missing_column, column tracking_id: the column is missing (also accepted: guid, tracking_guid)"},
		{"quote", "r.csv", head + hub + ",1,\"A,direct\n", "error unreadable, line 2: the file ends inside"},
		{"binary", "r.csv", "PK\x03\x04\x00\x00\x00\x00", "error unreadable: the file is not text"},
		{"json damaged", "r.json", "[{\"tracking_id\": \"x\",,}]", "error unreadable, line 1"},
		{"json cut off", "r.json", `[{"tracking_id": "` + hub + `"`, "error unreadable, line 1: damaged JSON"},
		{"json of words", "r.json", `["` + hub + `"]`, `error unreadable, line 1: a row must be an object such as {"tracking_id": ...}`},
		{"json nested", "r.json", `[{"tracking_id":"` + hub + `","mpn_id":1,"channel":"direct","offer":{"name":"A"}}]`, "error not_text, line 1, column offer: a text is expected, not an object"},
		{"json empty", "r.json", `{"value":[]}`, "error missing_column, column tracking_id"},
		{"yaml damaged", "r.yaml", "a:\n  - b\n c: [\n", "error unreadable, line "},
		{"yaml words", "r.yaml", "- " + hub + "\n", "error unreadable, line 1: a row must be a mapping"},
		{"yaml scalar", "r.yaml", "---\nhello\n", "error unreadable, line 2: a list of rows is expected"},
		{"yaml nested", "r.yaml", hub + ":\n  offer: [a]\n  mpn_id: 1\n  channel: direct\n", "error not_text, line 2, column offer: a text is expected, not a list or mapping"},
		{"yaml twice", "r.yaml", hub + ": {offer: A, mpn_id: 1, channel: direct}\n" + hub + ": {offer: A, mpn_id: 1, channel: direct}\n", "error duplicate, line 2, column tracking_id: " + hub + " is registered twice: on line 1 and on line 2"},
		{"yaml eats itself", "r.yaml", "registrations: &a\n  registrations: *a\n", ""},
		{"yaml brackets", "r.yaml", "- " + strings.Repeat("[", 100000), "error unreadable: the YAML cannot be read"},
		{"yaml dashes", "r.yaml", strings.Repeat("- ", 30000), "error unreadable"},
		{"flow yaml", "r.yaml", "[{tracking_id: " + hub + ", mpn_id: 1, offer: A, channel: direct}]", ""},
		{"one row", "r.yaml", "tracking_id: " + hub + "\nmpn_id: 1\noffer: A\nchannel: direct\n", ""},
		{"json lines", "r.jsonl", `{"tracking_id":"` + hub + `","mpn_id":1,"offer":"A","channel":"direct"}` + "\n", ""},
		{"tabs, CRLF, BOM, case", "r.txt", "\ufeffGUID\tMpn-Id\tOFFER\tChannel\r\n" + strings.ToUpper(hub) + "\t1\tA\tdirect\r\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, err := lint(temp(t, c.file, c.text), Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(brief(all), "|")
			for i, want := range strings.Split(c.want, "|") {
				if want == "" && got != "" && c.name != "yaml eats itself" || want != "" && (i >= len(all) || !strings.HasPrefix(brief(all)[i], want)) {
					t.Fatalf("got %s\nwant %s", got, c.want)
				}
			}
		})
	}
	if _, err := lint(filepath.Join(t.TempDir(), "none.csv"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestExclusions(t *testing.T) {
	got, remarks, err := Exclusions(filepath.Join(fixtures, "exclusions.csv"), Options{})
	if err != nil || len(remarks) > 0 {
		t.Fatal(err, remarks)
	}
	want := []Exclusion{
		{Scope: "7C1DE0F5-3B58-4F8E-9D21-0AA7B6C5D4E3", ScopeKind: ScopeGUID, ScopeID: "7c1de0f5-3b58-4f8e-9d21-0aa7b6c5d4e3", Reason: "customer opted out", Record: 1, Line: 2},
		{Scope: "/Subscriptions/7c1de0f5-3b58-4f8e-9d21-0aa7b6c5d4e4/", ScopeKind: ScopeSubscription, ScopeID: "7c1de0f5-3b58-4f8e-9d21-0aa7b6c5d4e4", Since: date("2026-03-01"), Record: 2, Line: 3},
		{Scope: "/subscriptions/7c1de0f5-3b58-4f8e-9d21-0aa7b6c5d4e4/resourceGroups/RG-Data", ScopeKind: ScopeResourceGroup,
			ScopeID: "/subscriptions/7c1de0f5-3b58-4f8e-9d21-0aa7b6c5d4e4/resourcegroups/rg-data", Reason: "regulated", Since: date("2026-03-01"), Record: 3, Line: 4},
	}
	if d := cmp.Diff(want, got, cmpopts.IgnoreFields(Exclusion{}, "File")); d != "" {
		t.Error(d)
	}
	const sub = "/subscriptions/7c1de0f5-3b58-4f8e-9d21-0aa7b6c5d4e4"
	_, _, err = Exclusions(temp(t, "e.csv", "scope,reason,since\ncontoso.com,,\n"+sub+"/resourceGroups/,,\n"+sub+"/resourceGroups/a/providers/x/y/z,,\n/subscriptions/nope,,\n"+azure.NilGUID+",,\n,lost,\n"+sub+",,soon\n/providers/Microsoft.Management/managementGroups/x,,\n"+sub+"/rg/x,,\n"), Options{})
	var bad *ProblemError
	if !errors.As(err, &bad) {
		t.Fatal(err)
	}
	var lines []int64
	for _, p := range bad.Problems {
		lines = append(lines, p.Line)
	}
	if !slices.Equal(lines, []int64{2, 3, 4, 5, 6, 7, 8, 9, 10}) {
		t.Error(err)
	}
	if _, remarks, err = Exclusions(temp(t, "e.csv", "scope\n"+sub+"\n"+strings.ToUpper(sub)+"/\n"), Options{}); err != nil || len(remarks) != 1 || remarks[0].Code != Repeated {
		t.Error(err, remarks)
	}
	if _, _, err = Exclusions(temp(t, "e.csv", ""), Options{}); err == nil {
		t.Error("an empty exclusions file may be a lost one")
	}
	if got, _, err = Exclusions(temp(t, "e.csv", "scope,reason,since\n"), Options{}); err != nil || len(got) != 0 {
		t.Error(got, err)
	}
}

func TestCustomers(t *testing.T) {
	got, remarks, err := Customers(filepath.Join(fixtures, "customers.csv"), Options{})
	if err != nil || len(remarks) > 0 {
		t.Fatal(err, remarks)
	}
	want := []Customer{
		{SubscriptionID: "7c1de0f5-3b58-4f8e-9d21-0aa7b6c5d4e3", CustomerTenantID: "e2f0a8c1-9d87-4b65-a432-10fedcba9876", CustomerName: "Northwind", Record: 1, Line: 2},
		{SubscriptionID: "7c1de0f5-3b58-4f8e-9d21-0aa7b6c5d4e4", CustomerName: "Fabrikam", Record: 2, Line: 3},
	}
	if d := cmp.Diff(want, got, cmpopts.IgnoreFields(Customer{}, "File")); d != "" {
		t.Error(d)
	}
	const s = "7c1de0f5-3b58-4f8e-9d21-0aa7b6c5d4e3"
	_, remarks, err = Customers(temp(t, "c.csv", "subscription_id,customer_tenant_id,customer_name\n"+s+",,A\n"+s+",,B\nx,,A\n"+hub+",y,A\n,,A\n"+s+",,A\n"), Options{})
	var bad *ProblemError
	if !errors.As(err, &bad) || len(bad.Problems) != 4 || bad.Problems[0].Code != Conflict || len(remarks) != 1 {
		t.Error(err, remarks)
	}
}

// TestWorlds reads the registries of the worlds at hand.
func TestWorlds(t *testing.T) {
	for _, world := range []string{"tiny", "small"} {
		dir := filepath.Join("../../../shared/worlds", world)
		if _, err := os.Stat(dir); err != nil {
			t.Skipf("%s is not here: %v", dir, err)
		}
		regs, remarks, err := Registrations(filepath.Join(dir, "registry.csv"), Options{})
		if err != nil || len(regs) < 20 {
			t.Fatal(err)
		}
		for _, f := range remarks {
			if f.Severity != Info {
				t.Error(f)
			}
		}
		if excluded, _, err := Exclusions(filepath.Join(dir, "exclusions.csv"), Options{}); err != nil || len(excluded) != 3 {
			t.Error(err)
		}
	}
}

func TestTables(t *testing.T) {
	for _, row := range facts.Rows("findings.csv", findingsCSV) {
		if s := Severity(row[1]); s != Error && s != Warning && s != Info || row[2] == "" {
			t.Errorf("findings.csv: %v", row)
		}
	}
	for _, kind := range []string{"registrations", "exclusions", "customers"} {
		for _, c := range tables().columns[kind] {
			if tables().aliases[kind][plain(c.column)] != c.column {
				t.Errorf("aliases.csv: %s %s does not name itself", kind, c.column)
			}
		}
	}
	for _, channel := range tables().usual {
		if tables().channels[channel] != channel {
			t.Errorf("channels.csv: %s", channel)
		}
	}
}

func FuzzRead(f *testing.F) {
	files, err := filepath.Glob(fixtures + "/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("- &a [*a]\n- <<: [*a, {x: y}]\n- ? b\n  : c\n"))
	f.Add([]byte("- !!str 1\n- ~\n"))
	path := filepath.Join(f.TempDir(), "input.yaml")
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		regs, _, err := Registrations(path, Options{})
		seen := map[string]bool{}
		for _, r := range regs {
			if r.TrackingID == "" || seen[r.TrackingID] || r.TrackingID != strings.ToLower(r.TrackingID) || err != nil {
				t.Fatalf("%+v, %v", r, err)
			}
			seen[r.TrackingID] = true
		}
		_, _, _ = Exclusions(path, Options{})
		_, _, _ = Customers(path, Options{})
	})
}

// A header alone says that nobody opted out, and is as init writes it.
func TestNobodyOptedOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "exclusions.csv")
	if err := os.WriteFile(path, []byte("scope,reason,since\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, remarks, err := Exclusions(path, Options{}); err != nil || len(got)+len(remarks) > 0 {
		t.Errorf("%v, %v, %v", got, remarks, err)
	}
}
