package usage

import (
	"strings"
	"testing"
	"time"

	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/queries/columnar"
)

// one normalises a CSV text of a few rows.
func one(t *testing.T, text string) result {
	t.Helper()
	return normaliseCSV(t, strings.NewReader(text), Meta{})
}

func TestUnitsAndFillers(t *testing.T) {
	r := one(t, `Date,ResourceId,Cost,UnitOfMeasure,MeterCategory,MeterId,ResourceGroup,ServiceFamily,InvoiceSectionId
2026-05-01,,1,10 Hours,Unassigned,00000000-0000-0000-0000-000000000000,$system,Others,Unassigned
2026-05-01,None,1,100 GB/Month,NULL,AbC,rg,Compute,7
2026-05-01,Unassigned,,0 Unassigned,x,,Not applicable,,-2
2026-05-01, /a ,NULL, 1K ,x,,,,
`)
	want := []row{
		{"unit": "10 Hours", "resource_id_kind": "empty"},
		{"unit": "100 GB/Month", "meter_id": "abc", "resource_group": "rg", "service_family": "Compute", "invoice_section_id": "7", "resource_id_kind": "empty", "resource_id_raw": "None"},
		{"meter_category": "x", "resource_id_raw": "Unassigned"},
		{"unit": "1K", "meter_category": "x", "resource_id": "/a", "resource_id_raw": " /a "},
	}
	if len(r.rows) != len(want) || len(r.rejects) > 0 {
		t.Fatalf("%v", r)
	}
	for i, w := range want {
		for _, c := range []string{"unit", "meter_category", "meter_id", "resource_group", "service_family", "invoice_section_id", "resource_id", "resource_id_raw"} {
			if r.rows[i][c] != w[c] {
				t.Errorf("row %d: %s = %q, want %q", i+1, c, r.rows[i][c], w[c])
			}
		}
	}
	if _, ok := r.rows[2]["billed_cost"]; ok {
		t.Error("an empty cost must be NULL")
	}
}

// The decision about dates is one per file: by what most of the first rows are.
func TestDateDecision(t *testing.T) {
	for _, tc := range []struct {
		dates, want string
		rejects     int
	}{
		{"2026-05-01 2026-05-02 5/3/2026", "ISO (YYYY-MM-DD)", 1},
		{"5/3/2026 2026-05-01 2026-05-02", "ISO (YYYY-MM-DD)", 1},
		{"5/3/2026 2026-05-01", "MM/DD/YYYY", 1},
		{"31/12/2026 05/03/2026 01/02/2026", "MM/DD/YYYY", 1},
		{"13/01/2026 14/01/2026", "undecided", 2},
	} {
		var b strings.Builder
		b.WriteString("Date,ResourceId,Cost\n")
		for _, d := range strings.Fields(tc.dates) {
			b.WriteString(d + ",x,1\n")
		}
		r := one(t, b.String())
		if r.dates != tc.want || len(r.rejects) != tc.rejects {
			t.Errorf("%s: %s, %d rejects; want %s, %d", tc.dates, r.dates, len(r.rejects), tc.want, tc.rejects)
		}
	}
}

func TestSubscriptions(t *testing.T) {
	const a, b = "aaaaaaaa-1111-4222-8333-444455556666", "bbbbbbbb-1111-4222-8333-444455556666"
	for _, tc := range []struct{ column, id, want string }{
		{strings.ToUpper(a), "/subscriptions/" + b, a},
		{"/subscriptions/" + strings.ToUpper(a) + "/", "", a},
		{"/Subscriptions/" + a + "/resourceGroups/x", "", a},
		{"00000000-0000-0000-0000-000000000000", "/subscriptions/" + b, b},
		{"", "/subscriptions/" + b + "/resourceGroups/x", b},
		{"sub-123", "/subscriptions/" + b, b},
		{"Sub-123", "", "sub-123"},
		{"", "/subscriptions/rsid1", "rsid1"},
		{"", "", ""},
	} {
		r := one(t, "Date,ResourceId,Cost,SubscriptionId\n2026-05-01,"+tc.id+",1,"+tc.column+"\n")
		if got := r.rows[0]["subscription_id"]; got != tc.want {
			t.Errorf("%q, %q: got %q, want %q", tc.column, tc.id, got, tc.want)
		}
	}
}

func TestConstants(t *testing.T) {
	m := Meta{
		CostBasis: "actual", Scope: "/scope", ExportName: "daily", RunID: "run", BlobName: "a/b.csv", SliceID: "slice",
		SubmittedAt: time.Date(2026, 5, 3, 4, 5, 6, 7000, time.UTC), SchemaVersion: "2021-10-01",
	}
	r := normaliseCSV(t, strings.NewReader("Date,ResourceId,Cost\n2026-05-01,x,1\n2026-05-02,x,1\n"), m)
	for i, row := range r.rows {
		for c, want := range map[string]string{
			"source_kind": "generic", "schema_version": "2021-10-01", "cost_basis": "actual", "scope": "/scope", "export_name": "daily", "run_id": "run",
			"blob_name": "a/b.csv", "slice_id": "slice", "submitted_at": "2026-05-03T04:05:06.000007Z", "tags": "{}",
		} {
			if row[c] != want {
				t.Errorf("row %d: %s = %q, want %q", i+1, c, row[c], want)
			}
		}
	}
}

// A batch goes from file to file; the constants of one must not stay for the next.
func TestBatchForTwoFiles(t *testing.T) {
	header := []string{"Date", "ResourceId", "Cost"}
	schema, _ := DetectHeader(header)
	b := columnar.NewBatch(Columns)
	for i, scope := range []string{"/one", ""} {
		r, err := NewReader(schema, header, Meta{Scope: scope})
		if err != nil {
			t.Fatal(err)
		}
		b.Reset()
		if rej := r.NewNormaliser().Row(b, 1, 1, [][]byte{[]byte("2026-05-01"), nil, []byte("1")}); rej != nil {
			t.Fatal(rej)
		}
		if got := readBack(t, b)[0]["scope"]; got != scope {
			t.Errorf("file %d: scope %q", i, got)
		}
	}
}

func TestJSONMembersMayGrow(t *testing.T) {
	r, err := NewReader(Schema{Kind: "azcli"}, nil, Meta{})
	if err != nil {
		t.Fatal(err)
	}
	n := r.NewNormaliser()
	b := columnar.NewBatch(Columns)
	for i, text := range []string{
		`{"usageStart": "2026-05-01", "pretaxCost": "1.0"}`,
		`{"new": [1, {"a": 1.50}], "pretaxCost": 22222222222222222.1, "usageStart": "2026-05-01"}`,
		`{"pretaxCost": 22222222222222222.000000000000000001, "usageStart": "2026-05-01", "new": [1, {"a": 1.50}]}`,
		`[1]`,
	} {
		v, err := fastjson.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		rej := n.JSON(b, int64(i+1), 0, v)
		if (rej != nil) != (i == 3) {
			t.Errorf("%s: %+v", text, rej)
		}
	}
	rows := readBack(t, b)
	if rows[1]["billed_cost"] != "22222222222222222.1" || rows[2]["billed_cost"] != "22222222222222222.000000000000000001" || rows[2]["extra"] != `{"new":"[1,{\"a\":1.50}]"}` {
		t.Errorf("%v", rows)
	}
}

func TestJSONMembersAreBounded(t *testing.T) {
	r, err := NewReader(Schema{Kind: "azcli"}, nil, Meta{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(`{"usageStart": "2026-05-01"`)
	for range maxMembers {
		b.WriteString(`, "x` + strings.Repeat("y", b.Len()%7) + time.Duration(b.Len()).String() + `": 1`)
	}
	b.WriteString("}")
	v, err := fastjson.Parse(b.String())
	if err != nil {
		t.Fatal(err)
	}
	if rej := r.NewNormaliser().JSON(columnar.NewBatch(Columns), 1, 1, v); rej == nil || !strings.Contains(rej.Reason, "different members") {
		t.Errorf("got %+v", rej)
	}
}

func TestCurrencies(t *testing.T) {
	header := []string{"Date", "ResourceId", "Cost", "Currency"}
	schema, _ := DetectHeader(header)
	r, err := NewReader(schema, header, Meta{})
	if err != nil {
		t.Fatal(err)
	}
	n, b := r.NewNormaliser(), columnar.NewBatch(Columns)
	for _, c := range []string{"USD", "eur", "", "USD", "EUR"} {
		if rej := n.Row(b, 1, 1, [][]byte{[]byte("2026-05-01"), nil, []byte("1"), []byte(c)}); rej != nil {
			t.Fatal(rej)
		}
	}
	if got := strings.Join(n.Currencies(), " "); got != "EUR USD" {
		t.Errorf("got %q", got)
	}
}
