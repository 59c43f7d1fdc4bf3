package ingest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"

	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/evidence"
	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries/engine"
)

// Every usage fixture is claimed by the schema that its name begins with, and loaded or rejected row by row.
func TestEveryUsageFormat(t *testing.T) {
	w := ingesttest.New(t)
	w.Run.MaxRejectRatio = 1
	names := w.Fixtures("usage")
	r, err := w.Ingest()
	if err != nil {
		t.Fatal(err)
	}
	other := map[string]string{ // fixtures that are named after what is odd in them
		"case_collision.csv": "usage.generic", "german_headers.csv": "usage.generic", "header_only.csv": "usage.mosp", "rejects.csv": "usage.",
		"preamble_usage_data_extract.csv": "usage.generic", "semicolon.csv": "usage.mosp", "utf16.csv": "usage.mosp",
	}
	for _, n := range names {
		f := ingesttest.Status(t, r, n)
		want := other[n]
		if want == "" {
			kind := strings.TrimSuffix(n, filepath.Ext(n))
			for _, version := range []string{"_20", "_c360", "_1.", "_camel"} {
				kind, _, _ = strings.Cut(kind, version)
			}
			want = "usage." + kind
		}
		if !strings.HasPrefix(f.Format, want) || (f.Status != ledger.StatusLoaded && f.Status != ledger.StatusEmpty) {
			t.Errorf("%s is taken for %q (%s, %s), expected %s", n, f.Format, f.Status, f.Reason, want)
		}
		if f.Reason == "" {
			t.Errorf("%s: no reason why it is %s", n, f.Format)
		}
		if f.Loaded+f.Rejected != f.Rows {
			t.Errorf("%s: %d rows, %d loaded, %d rejected", n, f.Rows, f.Loaded, f.Rejected)
		}
	}
}

// Every evidence fixture is claimed by the shape that its name begins with; every shape has one; every record is accounted for.
func TestEveryEvidenceFormat(t *testing.T) {
	w := ingesttest.New(t)
	w.Run.MaxRejectRatio = 1
	names := w.Fixtures("evidence")
	r, err := w.Ingest()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, n := range names {
		if strings.HasPrefix(n, "ua.mapped") || n == "mixed.jsonl" {
			continue // only with a mapping in the config; each record by its own shape
		}
		f := ingesttest.Status(t, r, n)
		if !strings.HasPrefix(n, f.Format) || f.Format == "" || f.Status != ledger.StatusLoaded {
			t.Errorf("%s is taken for %q (%s, %s)", n, f.Format, f.Status, f.Reason)
		}
		seen[f.Format] = true
		total := f.Rejected
		for _, k := range f.Kinds {
			total += k
		}
		if total != f.Rows || f.Reason == "" {
			t.Errorf("%s: %d rows, %d by kind, reason %q", n, f.Rows, total, f.Reason)
		}
	}
	for _, s := range evidence.Shapes() {
		if !seen[s.Name] && s.Forms != evidence.MappedForm {
			t.Errorf("no fixture is taken for %s", s.Name)
		}
	}
}

// A request log of the user's own, described in the config.
func TestMappedRequests(t *testing.T) {
	w := ingesttest.New(t)
	w.Put("log.csv", "when,verb,target,agent,corr,code\n2026-03-02T10:00:00Z,put,https://management.azure.com/subscriptions/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv?api-version=1,tool pid-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0,aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee,201\n")
	w.Run.Sources.List[0].Format = "requests"
	w.Run.Sources.List[0].Columns = map[string]string{"time": "when", "method": "verb", "url": "target", "user_agent": "agent", "correlation_id": "corr", "status": "code"}
	r, err := w.Ingest()
	if err != nil {
		t.Fatal(err)
	}
	if f := ingesttest.Status(t, r, "log.csv"); f.Status != ledger.StatusLoaded || f.Loaded != 1 {
		t.Errorf("%+v", f)
	}
	// another mapping is another reading of the same file
	w.Run.Sources.List[0].Columns["status"] = "nothing"
	if r, err = w.Ingest(); err != nil {
		t.Fatal(err)
	}
	if f := ingesttest.Status(t, r, "log.csv"); f.Status != ledger.StatusFailed || !strings.Contains(f.Reason, "nothing") {
		t.Errorf("%+v", f)
	}
}

// Parquet with the physical types that exports have had: INT96 times, wide decimals, doubles, integers, booleans.
func TestParquetUsage(t *testing.T) {
	w := ingesttest.New(t)
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "Date", Type: &arrow.TimestampType{Unit: arrow.Nanosecond}, Nullable: true},
		{Name: "SubscriptionId", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "ResourceId", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "AccountOwnerId", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "Quantity", Type: &arrow.Decimal128Type{Precision: 38, Scale: 18}, Nullable: true},
		{Name: "CostInBillingCurrency", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "BillingCurrencyCode", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "InvoiceSectionId", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
		{Name: "IsAzureCreditEligible", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
		{Name: "ChargeType", Type: arrow.BinaryTypes.String, Nullable: true},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	day := arrow.Timestamp(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).UnixNano())
	for range 3 {
		b.Field(0).(*array.TimestampBuilder).Append(day)
		b.Field(1).(*array.StringBuilder).Append("0F1E2D3C-4b5a-6978-8796-a5b4c3d2e1f0")
		b.Field(2).(*array.StringBuilder).Append("/subscriptions/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/resourceGroups/RG/providers/Microsoft.Compute/disks/d")
		b.Field(3).(*array.StringBuilder).Append("owner")
		b.Field(4).(*array.Decimal128Builder).Append(decimal128.FromI64(1_500_000_000_000_000_001))
		b.Field(5).(*array.Float64Builder).Append(0.1)
		b.Field(6).(*array.StringBuilder).Append("EUR")
		b.Field(7).(*array.Int32Builder).Append(8611537)
		b.Field(8).(*array.BooleanBuilder).Append(true)
		b.Field(9).(*array.StringBuilder).Append("Usage")
	}
	rec := b.NewRecord()
	defer rec.Release()
	path := filepath.Join(w.Dir, "exports", "part.data")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	pw, err := pqarrow.NewFileWriter(schema, out, parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Snappy)), pqarrow.NewArrowWriterProperties(pqarrow.WithDeprecatedInt96Timestamps(true)))
	if err != nil {
		t.Fatal(err)
	}
	if err := pw.Write(rec); err != nil {
		t.Fatal(err)
	}
	if err := pw.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := w.Ingest()
	if err != nil {
		t.Fatal(err)
	}
	if f := ingesttest.Status(t, r, "part.data"); f.Status != ledger.StatusLoaded || f.Loaded != 3 || f.Format != "usage.ea" {
		t.Fatalf("%+v", f)
	}
	l := w.OpenWithUsage()
	defer l.Close()
	got, err := engine.AskText(t.Context(), l.DB, "select string_agg(concat_ws(' ', usage_date, resource_id, quantity, effective_cost, invoice_section_id, row_no), '|' order by row_no) from temp.usage")
	if err != nil {
		t.Fatal(err)
	}
	const row = "2026-03-02 /subscriptions/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/resourcegroups/rg/providers/microsoft.compute/disks/d 1.500000000000000001 0.100000000000000000 8611537 "
	if want := row + "1|" + row + "2|" + row + "3"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The public samples are recognised as what they are; what is known to be damaged says so.
func TestSharedSamples(t *testing.T) {
	root := filepath.Join("..", "..", "shared", "samples")
	if _, err := os.Stat(root); err != nil {
		t.Skip("the shared samples are not here; the fixtures in testdata/formats cover every format")
	}
	w := ingesttest.New(t)
	w.Run.Sources.List = []discover.Source{{Path: filepath.Join(root, "cost")}, {Path: filepath.Join(root, "activity")}}
	r, err := w.Ingest()
	if err != nil {
		t.Fatal(err)
	}
	notLoaded := map[string]string{ // part of the name -> status
		"manifest.json": ledger.StatusWaiting, "part_1_0001.csv.gz": "", "native-us-dates": ledger.StatusUnknown, "values_Template": ledger.StatusFailed, "empty_frame": ledger.StatusEmpty,
		"miq-storage-eastus": ledger.StatusEmpty, "admin-dbTemplate": ledger.StatusFailed,
	}
	for _, f := range r.Files {
		want := ledger.StatusLoaded
		for part, s := range notLoaded {
			if strings.Contains(f.Path, part) {
				want = s
			}
		}
		if want != "" && f.Status != want {
			t.Errorf("%s: %s (%s), expected %s", filepath.Base(f.Path), f.Status, f.Reason, want)
		}
		total := f.Rejected
		for _, k := range f.Kinds {
			total += k
		}
		if len(f.Kinds) == 0 && f.Status == ledger.StatusLoaded {
			total += f.Loaded
		}
		if total != f.Rows {
			t.Errorf("%s: %d rows, %d accounted for", filepath.Base(f.Path), f.Rows, total)
		}
	}
}
