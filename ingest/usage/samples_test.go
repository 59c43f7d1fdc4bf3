package usage

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/source"
)

// shared returns a folder of real files that are not part of the repository.
func shared(t *testing.T, folder string) string {
	t.Helper()
	dir := filepath.Join("../../../shared", folder)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("%s is not here; this test needs it", dir)
	}
	return dir
}

func TestSamples(t *testing.T) {
	dir := shared(t, "samples/cost")
	for _, tc := range []struct {
		file          string
		kind, version string // kind "": not recognised
		rows, rejects int
	}{
		{"Azure__azure-rest-api-specs__UsageDetailsList_legacy_2024-08-01.json", "rest_legacy", "", 1, 0},
		{"Costroid__costroid__azure-focus_fixture_20260601-20260630_1a2b3c4d-5e6f-7089-9abc-def012345678_part_0_0001.csv.gz", "focus", "1.2-preview", 5, 0},
		{"Costroid__costroid__azure-focus_fixture_mtd-snapshot_current_part_0_0001.csv.gz", "focus", "1.2-preview", 3, 0},
		{"Costroid__costroid__azure-focus_fixture_mtd-snapshot_current_part_1_0001.csv.gz", "focus", "1.2-preview", 2, 0},
		{"Costroid__costroid__azure-focus_restated_mtd-snapshot_regen-42_part_0_0001.csv.gz", "focus", "1.2-preview", 3, 0},
		{"Costroid__costroid__azure-focus_restated_mtd-snapshot_regen-42_part_1_0001.csv.gz", "focus", "1.2-preview", 2, 0},
		{"DigitalPebble__spruce__native-us-dates.csv", "", "", 0, 0},
		{"FinOps-Open-Cost-and-Usage-Spec__FOCUS-Sample-Data__focus_sample_microsoft_rows.csv", "focus", "1.0", 51, 0},
		{"MicrosoftDocs__partner-center-sdk__daily-rated-usage-lineitems.json", "pc_daily", "", 3, 0},
		{"derived__softwareone-platform-optscale__usageDetails_modern_anonymised.json", "rest_modern", "", 1, 0},
		{"microsoft__finops-toolkit__EA_ActualCost_Small.csv", "ea", "c360", 11, 0},
		{"microsoft__finops-toolkit__EA_AmortizedCost_Small.csv", "ea", "c360", 28, 0},
		{"opencost__opencost__headersets_Enterprise.csv", "ea", "2021-01-01", 1, 0},
		{"opencost__opencost__headersets_EnterpriseCamel.csv", "csp_sub", "2021-01-01", 1, 0},
		{"opencost__opencost__headersets_PayAsYouGo.csv", "mosp", "2019-11-01", 1, 0},
		{"opencost__opencost__headersets_YA.csv", "generic", "", 1, 0},
		{"opencost__opencost__values_Template.csv", "generic", "", 0, 87},
		{"opencost__opencost__values_VirtualMachine.csv", "generic", "", 1, 0},
		{"project-koku__koku__azure_azure_version_2.csv", "ea", "2020-01-01", 5, 0},
		{"project-koku__koku__azure_camel_azure_version_2.csv", "mca", "2019-11-01", 4, 0},
		{"project-koku__koku__azure_empty_frame.csv", "mosp", "2019-11-01", 0, 0},
	} {
		t.Run(tc.file, func(t *testing.T) {
			path := filepath.Join(dir, tc.file)
			if tc.kind == "" {
				header := headerOf(t, path)
				if s, ok := DetectHeader(header); ok || s.Reason == "" {
					t.Fatalf("got %+v, want no schema and a reason", s)
				}
				return
			}
			r := normaliseFile(t, path, Meta{})
			if r.schema.Kind != tc.kind || r.schema.Version != tc.version {
				t.Errorf("got %s %q, want %s %q", r.schema.Kind, r.schema.Version, tc.kind, tc.version)
			}
			if len(r.rows) != tc.rows || len(r.rejects) != tc.rejects {
				t.Errorf("got %d rows and %d rejects, want %d and %d: %+v", len(r.rows), len(r.rejects), tc.rows, tc.rejects, r.rejects)
			}
			for _, row := range r.rows {
				if row["tags_raw"] != "" {
					t.Errorf("row %s: tags not read: %s", row["row_no"], row["tags_raw"])
				}
				if row["extra"] != "" && !strings.Contains(row["extra"], `"Id"`) {
					t.Errorf("row %s: unknown columns: %s", row["row_no"], row["extra"])
				}
			}
		})
	}
}

func TestSampleHints(t *testing.T) {
	dir := shared(t, "samples/cost")
	for file, want := range map[string]string{
		"microsoft__finops-toolkit__EA_ActualCost_Small.csv":    "actual",
		"microsoft__finops-toolkit__EA_AmortizedCost_Small.csv": "amortized",
	} {
		if got := normaliseFile(t, filepath.Join(dir, file), Meta{}).hints.Basis(); got != want {
			t.Errorf("%s: hints say %q, want %q", file, got, want)
		}
		if got := BasisFromName(file); got != want {
			t.Errorf("%s: name says %q, want %q", file, got, want)
		}
	}
}

func headerOf(t *testing.T, path string) []string {
	t.Helper()
	f, err := source.Open(path, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := source.NewCSV(f.Reader(), source.CSVOptions{SkipPreamble: SkipPreamble()})
	if err != nil {
		t.Fatal(err)
	}
	return c.Header()
}

// The worlds are large enough to hold every quirk many times: each CSV must be read without a reject, with the rows of its manifest,
// and every row that the world's answers know must be there.
func TestWorlds(t *testing.T) {
	for _, world := range []string{"tiny", "small"} {
		t.Run(world, func(t *testing.T) {
			dir := shared(t, "worlds/"+world)
			have, parquetScopes := map[string]int{}, map[string]bool{}
			err := filepath.WalkDir(filepath.Join(dir, "exports/cost"), func(path string, d os.DirEntry, err error) error {
				if err == nil && strings.HasSuffix(path, ".parquet") {
					parquetScopes[manifestScope(t, path)] = true
				}
				if err != nil || d.IsDir() || !strings.Contains(path, ".csv") {
					return err
				}
				r := normaliseFile(t, path, Meta{})
				if len(r.rejects) > 0 {
					t.Errorf("%s: %d rejects, the first: %+v", path, len(r.rejects), r.rejects[0])
				}
				if len(r.unknown) > 0 {
					t.Errorf("%s: unknown columns %q", path, r.unknown)
				}
				if want, ok := manifestRows(t, path); ok && want != len(r.rows) {
					t.Errorf("%s: %d rows, the manifest says %d", path, len(r.rows), want)
				}
				for _, row := range r.rows {
					if row["tags_raw"] != "" {
						t.Errorf("%s row %s: tags not read: %s", path, row["row_no"], row["tags_raw"])
					}
					have[rowKey(row["usage_date"], row["resource_id"], row["meter_id"], row["billed_cost"], row["effective_cost"], row["billing_currency"])]++
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			missing, parquet := 0, 0
			for _, r := range expectedRows(t, filepath.Join(dir, "expected/rows.csv.gz")) {
				meter := r["meter_id"]
				if meter == "00000000-0000-0000-0000-000000000000" {
					meter = ""
				}
				if have[rowKey(r["usage_date"], r["resource_id"], meter, r["billed_cost"], r["effective_cost"], r["currency"])] > 0 {
					continue
				}
				if parquetScopes[r["scope"]] && r["usage_date"] >= "2026-04" { // these exports are Parquet from the second month on
					parquet++
					continue
				}
				if missing++; missing <= 5 {
					t.Errorf("no such row: %v", r)
				}
			}
			if missing > 0 {
				t.Errorf("%d rows are missing", missing)
			}
			t.Logf("%d distinct rows, %d in Parquet files that are not read here", len(have), parquet)
		})
	}
}

func rowKey(s ...string) string { return strings.Join(s, "|") }

// manifestRows returns dataRowCount of the manifest beside a part, for runs of one part.
func manifestRows(t *testing.T, part string) (int, bool) {
	for _, name := range []string{"manifest.json", "_manifest.json"} {
		data, err := os.ReadFile(filepath.Join(filepath.Dir(part), name))
		if err != nil {
			continue
		}
		var m struct {
			DataRowCount *int
			Blobs        []json.RawMessage
		}
		if err := json.Unmarshal(data, &m); err != nil {
			t.Fatal(err)
		}
		if m.DataRowCount != nil && len(m.Blobs) == 1 {
			return *m.DataRowCount, true
		}
	}
	return 0, false
}

func manifestScope(t *testing.T, part string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(filepath.Dir(part), "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m struct{ ExportConfig struct{ ResourceID string } }
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	scope, _, _ := strings.Cut(strings.ToLower(m.ExportConfig.ResourceID), "/providers/microsoft.costmanagement/")
	return scope
}

func expectedRows(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(z)
	header, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]string{}
		for i, h := range header {
			m[h] = rec[i]
		}
		rows = append(rows, m)
	}
}

// Records of other kinds must not be taken for usage.
func TestActivitySamplesAreNoUsage(t *testing.T) {
	dir := shared(t, "samples/activity")
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		f, err := source.Open(path, source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if f.Kind != source.KindJSON {
			f.Close()
			if s, ok := DetectHeader(headerOf(t, path)); ok {
				t.Errorf("%s: taken for %+v", path, s)
			}
			continue
		}
		j := source.NewJSON(f.Reader(), source.JSONOptions{})
		var p fastjson.Parser
		for range 50 {
			el, err := j.Next()
			if err != nil {
				break
			}
			v, err := p.ParseBytes(el.Bytes)
			if err != nil {
				continue
			}
			if s, ok := DetectJSON(v); ok {
				t.Errorf("%s record %d: taken for %+v", path, el.Record, s)
			}
		}
		f.Close()
	}
}
