package export

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/queries/facts"
)

const scopeA = "/providers/Microsoft.Billing/billingAccounts/123"

// runManifest is a manifest of the current kind; edits replace text in it.
func runManifest(edits ...string) string {
	return strings.NewReplacer(edits...).Replace(`{
  "manifestVersion": "2024-04-01", "byteCount": 20, "blobCount": 2, "dataRowCount": 3,
  "exportConfig": {"exportName": "Daily", "resourceId": "` + scopeA + `/providers/Microsoft.CostManagement/exports/Daily",
    "dataVersion": "2021-10-01", "apiVersion": "2023-07-01-preview", "type": "ActualCost", "timeFrame": "MonthToDate", "granularity": null},
  "deliveryConfig": {"partitionData": true, "fileFormat": "Csv", "compressionMode": "none"},
  "runInfo": {"executionType": "Scheduled", "submittedTime": "2026-03-11T04:15:00.5234447Z",
    "runId": "AAAAAAAA-0000-4000-8000-000000000001", "startDate": "2026-03-01T00:00:00", "endDate": "2026-03-10T00:00:00Z"},
  "blobs": [
    {"blobName": "c/Daily/20260301-20260331/aaaaaaaa-0000-4000-8000-000000000001/part_0_0001.csv", "byteCount": 12, "dataRowCount": 2},
    {"blobName": "c/Daily/20260301-20260331/aaaaaaaa-0000-4000-8000-000000000001/part_1_0001.csv", "byteCount": 8, "dataRowCount": 1}]
}`)
}

const at = "exports/c/Daily/20260301-20260331/aaaaaaaa-0000-4000-8000-000000000001/manifest.json"

func day(text string) Day {
	d, ok := parseDay(text)
	if !ok {
		panic(text)
	}
	return d
}

func clock(text string) time.Time {
	t, ok := parseTime(text)
	if !ok {
		panic(text)
	}
	return t
}

func ptr(n int64) *int64 { return &n }

func TestParseManifest(t *testing.T) {
	m, err := ParseManifest(at, []byte(runManifest()))
	if err != nil {
		t.Fatal(err)
	}
	want := Manifest{
		Path: at, Variant: Current, Version: "2024-04-01", Scope: strings.ToLower(scopeA), ExportName: "Daily", Type: "ActualCost",
		DataVersion: "2021-10-01", TimeFrame: "MonthToDate", RunID: "aaaaaaaa-0000-4000-8000-000000000001",
		Submitted: time.Date(2026, 3, 11, 4, 15, 0, 523444700, time.UTC), Start: day("2026-03-01"), End: day("2026-03-10"),
		ByteCount: ptr(20), DataRowCount: ptr(3),
		Blobs: []Blob{
			{"c/Daily/20260301-20260331/aaaaaaaa-0000-4000-8000-000000000001/part_0_0001.csv", ptr(12), ptr(2)},
			{"c/Daily/20260301-20260331/aaaaaaaa-0000-4000-8000-000000000001/part_1_0001.csv", ptr(8), ptr(1)},
		},
	}
	if d := cmp.Diff(want, m); d != "" {
		t.Error(d)
	}
}

func TestParseManifestVariants(t *testing.T) {
	for _, c := range []struct {
		name, path, text string
		check            func(Manifest) bool
	}{
		{"BOM", at, "\ufeff" + runManifest(), func(m Manifest) bool { return m.Variant == Current }},
		{"null counts", at, runManifest(`"dataRowCount": 3`, `"dataRowCount": null`, `"byteCount": 20`, `"byteCount": null`), func(m Manifest) bool { return m.DataRowCount == nil && m.ByteCount == nil }},
		{"counts as text", at, runManifest(`"dataRowCount": 3`, `"dataRowCount": "3"`, `"byteCount": 20`, `"byteCount": 20.0`), func(m Manifest) bool { return *m.DataRowCount == 3 && *m.ByteCount == 20 }},
		{"offset dates", at, runManifest(`"2026-03-01T00:00:00"`, `"2026-03-01T00:00:00+00:00"`, `"2026-03-10T00:00:00Z"`, `"2026-03-10"`), func(m Manifest) bool {
			return m.Start == day("2026-03-01") && m.End == day("2026-03-10")
		}},
		{"date with another offset is the day written", at, runManifest(`"2026-03-01T00:00:00"`, `"2026-03-01T00:00:00+02:00"`), func(m Manifest) bool { return m.Start == day("2026-03-01") }},
		{"time without zone is UTC", at, runManifest(`00.5234447Z`, `00`), func(m Manifest) bool { return m.Submitted.Equal(clock("2026-03-11T04:15:00Z")) }},
		{"blanks in blob name", at, runManifest(`"c/Daily/20260301-20260331/`, `" c/ Daily /20260301-20260331/`), func(m Manifest) bool {
			return strings.HasPrefix(m.Blobs[0].Name, "c/Daily/20260301-20260331/")
		}},
		{"preview", at, runManifest(`"manifestVersion": "2024-04-01", "byteCount": 20, "blobCount": 2, "dataRowCount": 3,`, ``), func(m Manifest) bool {
			return m.Variant == Preview && m.DataRowCount == nil
		}},
		{"no submitted time: the folder's", strings.Replace(at, "20260331/", "20260331/202603110415/", 1), runManifest(`"2026-03-11T04:15:00.5234447Z"`, `null`), func(m Manifest) bool {
			return m.Submitted.Equal(clock("2026-03-11T04:15:00Z"))
		}},
		{".NET's no date", at, runManifest(`"2026-03-11T04:15:00.5234447Z"`, `"0001-01-01T00:00:00"`), func(m Manifest) bool { return m.Submitted.IsZero() }},
		{"whole month without end", at, runManifest(`"endDate": "2026-03-10T00:00:00Z"`, `"endDate": null`), func(m Manifest) bool { return m.End == day("2026-03-31") }},
		{"unknown type is kept", at, runManifest("ActualCost", "FancyCost"), func(m Manifest) bool { return m.Type == "FancyCost" && m.Refused == "" }},
		{"type in any case", at, runManifest("ActualCost", "amortizedcost"), func(m Manifest) bool { return m.Type == "AmortizedCost" }},
		{"price sheet", at, runManifest("ActualCost", "PriceSheet", `"2026-03-01T00:00:00"`, "null"), func(m Manifest) bool {
			return m.NoUsage() && len(m.Blobs) == 2 && strings.Contains(m.Refused, "PriceSheet holds prices")
		}},
		{"reservations", at, runManifest("ActualCost", "reservationdetails"), Manifest.NoUsage},
		{"no blobs at all", at, `{"manifestVersion":"2024-04-01","blobCount":0,"dataRowCount":0,"exportConfig":{"resourceId":"/subscriptions/s/providers/microsoft.costmanagement/exports/X"},"runInfo":{"startDate":"2026-03-01","endDate":"2026-03-02"},"blobs":[]}`, func(m Manifest) bool {
			return m.ExportName == "X" && m.Scope == "/subscriptions/s" && len(m.Blobs) == 0
		}},
		{"partitioned", "x/cost/part/20230101-20230131/202301041442/73746dc5-5dcc-4b83-b340-bb1bd2b1ca30/_manifest.json",
			`{"manifestVersion":"2021-01-01","dataFormat":"csv","blobCount":1,"byteCount":9,"dataRowCount":490,"blobs":[{"blobName":"cost/part/20230101-20230131/202301041442/73746dc5-5dcc-4b83-b340-bb1bd2b1ca30/000001.csv","byteCount":9,"dataRowCount":490,"headerRowCount":1}]}`,
			func(m Manifest) bool {
				return m.Variant == Partitioned && m.Scope == "folder:x/cost" && m.ExportName == "part" && m.Submitted.Equal(clock("2023-01-04T14:42:00Z")) &&
					m.Start == day("2023-01-01") && m.End == day("2023-01-31") && m.RunID == "73746dc5-5dcc-4b83-b340-bb1bd2b1ca30" && m.Type == ""
			}},
		{"partitioned, listed from within the month", "run/_manifest.json",
			`{"manifestVersion":"2021-01-01","blobs":[{"blobName":"cost/part/20230101-20230131/202301041442/73746dc5-5dcc-4b83-b340-bb1bd2b1ca30/000001.csv"}]}`,
			func(m Manifest) bool {
				return m.Scope == "folder:run" && m.ExportName == "part" && m.Start == day("2023-01-01") && m.RunID == "73746dc5-5dcc-4b83-b340-bb1bd2b1ca30"
			}},
		{"cost details", at, `{"manifestVersion":"2022-05-01","dataFormat":"Csv","blobCount":1,"byteCount":1,"compressData":false,"requestContext":{"requestScope":"subscriptions/1"},"blobs":[{"blobLink":"https://x/y.csv","byteCount":1}]}`,
			func(m Manifest) bool { return m.Variant == CostDetails && m.Foreign() && m.Refused != "" }},
		{"cost details result", at, `{"id":"x","name":"y","status":"Completed","manifest":{"manifestVersion":"2022-05-01","dataFormat":"Csv","blobs":[{"blobLink":"https://x/y.csv","byteCount":1}]},"validTill":"2026-01-01T00:00:00Z"}`,
			func(m Manifest) bool { return m.Variant == CostDetails }},
		{"partner center", at, `{"version":"1","dataFormat":"compressedJSONLines","eTag":"e","partnerTenantId":"p","rootFolder":"https://x","rootFolderSAS":"s","blobCount":1,"blobs":[{"name":"a.json.gz"}]}`,
			func(m Manifest) bool { return m.Variant == PartnerCenter && m.Foreign() }},
		{"graph", at, `{"schemaVersion":"2","dataFormat":"compressedJSONLines","createdDateTime":"2026-01-01","eTag":"e","partnerTenantId":"p","rootDirectory":"https://x","sasToken":"s","partitionType":"default","blobCount":1,"blobs":[{"name":"a.json.gz","partitionValue":"default"}]}`,
			func(m Manifest) bool { return m.Variant == PartnerCenter }},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := ParseManifest(c.path, []byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if !c.check(m) {
				t.Errorf("%+v", m)
			}
		})
	}
}

func TestParseManifestErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"cut off", runManifest()[:300], "is damaged at byte"},
		{"trailing text", runManifest() + "}", "is damaged at byte"},
		{"no blobs", runManifest(`"blobs"`, `"files"`), "blobs is missing"},
		{"blobs gone", `{"exportConfig":{},"runInfo":{"startDate":"2026-03-01"},"blobCount":2,"blobs":[]}`, "blobs is empty, but the manifest counts data"},
		{"blobs no list", runManifest(`"blobs": [`, `"blobs": {"a": [`, "}]\n}", "}]}}"), "is a JSON object"},
		{"dots", runManifest("c/Daily", "../Daily"), `blobs[0].blobName "../Daily/20260301`},
		{"dots inside", runManifest("c/Daily", "c/../../Daily"), "names no file below the container"},
		{"drive", runManifest("c/Daily", "C:/Daily"), "names no file below the container"},
		{"backslash", runManifest("c/Daily", `..\\Daily`), "names no file below the container"},
		{"URL", runManifest("c/Daily", "https://x/Daily"), "names no file below the container"},
		{"no name", runManifest("c/Daily/20260301-20260331/aaaaaaaa-0000-4000-8000-000000000001/part_0_0001.csv", " "), "names no file"},
		{"twice", runManifest("part_1", "part_0"), "is listed twice"},
		{"start", runManifest("2026-03-01T00", "2026-13-01T00"), `runInfo.startDate "2026-13-01T00:00:00" is not a date`},
		{"end", runManifest("2026-03-10T00:00:00Z", "soon"), `runInfo.endDate "soon" is not a date`},
		{"order", runManifest("2026-03-10T00", "2026-02-10T00"), "is before startDate 2026-03-01"},
		{"submitted", runManifest("2026-03-11T04:15:00.5234447Z", "yesterday"), `runInfo.submittedTime "yesterday" is not a time`},
		{"custom without end", runManifest("MonthToDate", "Custom", `"2026-03-10T00:00:00Z"`, "null"), "runInfo.endDate is missing"},
		{"count", runManifest(`"dataRowCount": 3`, `"dataRowCount": -3`), "is not a count"},
		{"binary exponent", runManifest(`"dataRowCount": 3`, `"dataRowCount": "1p99999999"`), "is not a count"},
		{"huge count", runManifest(`"dataRowCount": 3`, `"dataRowCount": 1e999999`), "is not a count"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseManifest(at, []byte(c.text))
			var bad *ManifestError
			if !errors.As(err, &bad) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), at) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	for _, text := range []string{"", "  ", "\xef\xbb\xbf"} {
		if _, err := ParseManifest("a/manifest.json", []byte(text)); !errors.Is(err, ErrEmptyManifest) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"[]", `"x"`, "null", "{}", `{"manifest_version":3,"name":"browser add-on"}`, `{"blobs":[]}`, `{"manifest":{"manifest":{}}}`} {
		if _, err := ParseManifest("a/manifest.json", []byte(text)); !errors.Is(err, ErrNotManifest) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := ParseManifest("a/manifest.json", []byte(`{"manifestVersion":"2021-01-01","blobs":[{"blobName":"a/b.csv"}]}`)); err == nil || !strings.Contains(err.Error(), "the month is unknown") {
		t.Error(err)
	}
}

func TestIsManifest(t *testing.T) {
	for path, want := range map[string]bool{"a/manifest.json": true, "_manifest.json": true, "a/Manifest.JSON": true, "manifest.json/a.csv": false, "a/manifest.json.gz": false} {
		if IsManifest(path) != want {
			t.Error(path)
		}
	}
}

func TestPathFacts(t *testing.T) {
	const id = "aaaaaaaa-0000-4000-8000-00000000000F"
	low := strings.ToLower(id)
	march := Span{day("2026-03-01"), day("2026-03-31")}
	stamp := clock("2026-03-11T04:15:00Z")
	for path, want := range map[string]Facts{
		"x/cost/daily/20260301-20260331/" + id + "/part_0_0001.csv":              {Dir: "x/cost", Export: "daily", Range: march, RangeFolder: "x/cost/daily/20260301-20260331", RunID: low, RunFolder: "x/cost/daily/20260301-20260331/" + id},
		"x/cost/daily/20260301-20260331/202603110415/" + id + "/part_0_0001.csv": {Dir: "x/cost", Export: "daily", Range: march, RangeFolder: "x/cost/daily/20260301-20260331", Taken: stamp, RunID: low, RunFolder: "x/cost/daily/20260301-20260331/202603110415/" + id},
		"hub/20260301-20260331/daily/202603110415/" + id + "/a.csv":              {Dir: "hub", Export: "daily", Range: march, RangeFolder: "hub/20260301-20260331", Taken: stamp, RunID: low, RunFolder: "hub/20260301-20260331/daily/202603110415/" + id},
		"x/daily/20260301-20260331/daily_" + id + ".csv":                         {Dir: "x", Export: "daily", Range: march, RangeFolder: "x/daily/20260301-20260331"},
		"20260301-20260331/a.csv":                                                {Range: march, RangeFolder: "20260301-20260331"},
		"x/202603110415/" + id + "/a.csv":                                        {Dir: "x", Taken: stamp, RunID: low, RunFolder: "x/202603110415/" + id},
		id + "/a.csv":                                                            {RunID: low, RunFolder: id},
		id + "/sub/a.csv":                                                        {Dir: id + "/sub"},
		"a.csv":                                                                  {},
		"x/20261301-20261331/a.csv":                                              {Dir: "x/20261301-20261331"},
		"x/20260331-20260301/a.csv":                                              {Dir: "x/20260331-20260301"},
		"/abs/daily/20260301-20260331/a.csv":                                     {Dir: "/abs", Export: "daily", Range: march, RangeFolder: "/abs/daily/20260301-20260331"},
	} {
		if d := cmp.Diff(want, PathFacts(path)); d != "" {
			t.Errorf("%s: %s", path, d)
		}
	}
}

func TestTables(t *testing.T) {
	for _, row := range facts.Rows("types.csv", typesCSV) {
		if row[1] == "-" && row[2] == "" || row[1] != "-" && !strings.Contains("actual amortized focus usage", row[1]) {
			t.Errorf("types.csv: %v", row)
		}
	}
	for _, row := range facts.Rows("timeframes.csv", timeFramesCSV) {
		if r := reach(row[1]); r != reachMonth && r != reachPeriod && r != reachDays {
			t.Errorf("timeframes.csv: %v", row)
		}
	}
	for kind, want := range map[string]string{"ActualCost": "actual", "amortizedcost": "amortized", "FocusCost": "focus", "Usage": "usage", "PriceSheet": "", "": "", "New": ""} {
		if got := Basis(kind); got != want {
			t.Errorf("basis of %q: %q", kind, got)
		}
	}
}

func FuzzParseManifest(f *testing.F) {
	f.Add(at, []byte(runManifest()))
	f.Add("x/20230101-20230131/_manifest.json", []byte(`{"manifestVersion":"2021-01-01","blobs":[{"blobName":"a/20230101-20230131/b.csv","byteCount":"9"}]}`))
	f.Add("m.json", []byte(`{"manifest":{"blobs":[{"blobLink":"x"}]}}`))
	f.Add("", []byte(`{"rootFolder":"x"}`))
	f.Fuzz(func(t *testing.T, path string, data []byte) {
		m, err := ParseManifest(path, data)
		if err != nil {
			var bad *ManifestError
			if !errors.Is(err, ErrNotManifest) && !errors.Is(err, ErrEmptyManifest) && !errors.As(err, &bad) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		if m.Refused == "" && (m.End < m.Start || m.Start < MinDay || m.End > MaxDay) {
			t.Fatalf("range %v..%v", m.Start, m.End)
		}
		files := []FileInfo{{Path: path}}
		for _, b := range m.Blobs {
			for part := range strings.SplitSeq(b.Name, "/") {
				if part == ".." || part == "." || part == "" {
					t.Fatalf("blob %q", b.Name)
				}
			}
			files = append(files, FileInfo{Path: "root/" + b.Name})
		}
		layout := Classify(files, map[string]Parsed{path: {m, nil}})
		for _, r := range layout.Runs {
			for _, b := range r.Blobs {
				if !strings.HasPrefix(b.Path, "root/") && b.Path != path {
					t.Fatalf("blob %q found at %q", b.Name, b.Path)
				}
			}
		}
		Resolve(layout.Runs)
	})
}
