package evidence

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/source"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const fixtureDir = "../../testdata/formats/evidence"

// fixtureOptions are the options of fixtures that need some. A fixture is named <shape>[.<variant>].<extension>; mixed.* holds several
// shapes.
func fixtureOptions(name string) Options {
	o := Options{File: name}
	switch {
	case strings.HasPrefix(name, "ua.mapped.csv"):
		o.Columns = map[string]string{"time": "when", "method": "verb", "url": "target", "status": "code", "user_agent": "agent", "correlation_id": "corr"}
	case strings.HasPrefix(name, "ua.mapped."):
		o.Columns = map[string]string{"time": "when", "method": "http>verb", "resource_id": "target", "status": "http>code", "user_agent": "http>agent", "correlation_id": "corr"}
	case name == "deployment.ps.json":
		o.Subscription = "0d6f1e52-7a3c-4b1e-9a55-3c1f2b7d9e01"
	}
	return o
}

func fixtures(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(fixtureDir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".golden") {
			names = append(names, e.Name())
		}
	}
	return names
}

// TestFixtures compares what every fixture becomes with its golden file.
func TestFixtures(t *testing.T) {
	for _, name := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			res := readFile(t, filepath.Join(fixtureDir, name), fixtureOptions(name))
			var out strings.Builder
			fmt.Fprintf(&out, "format %s\n", res.format)
			if res.err != nil {
				fmt.Fprintf(&out, "error %v\n", res.err)
			}
			for _, k := range slices.Sorted(maps.Keys(res.tally.Kinds)) {
				fmt.Fprintf(&out, "kind %s %d\n", k, res.tally.Kinds[k])
			}
			for _, r := range res.tally.Rejects {
				fmt.Fprintf(&out, "reject record %d, line %d, column %q, value %q: %s\n", r.Record, r.Line, r.Column, r.Value, r.Reason)
			}
			out.WriteString(dump(t, res.sink))
			golden := filepath.Join(fixtureDir, name+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want := strings.ReplaceAll(string(mustRead(t, golden)), "\r\n", "\n")
			if diff := cmp.Diff(want, out.String()); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEveryShapeHasAFixture walks the registry: a shape without a fixture, or a record that two shapes claim, fails.
func TestEveryShapeHasAFixture(t *testing.T) {
	names := fixtures(t)
	seen := map[string]bool{}
	for _, s := range Shapes() {
		if seen[s.Name] || s.Name == "" || s.Title == "" || s.Forms == 0 {
			t.Errorf("shape %+v: the name is used twice, or something is missing", s)
		}
		seen[s.Name] = true
		for _, form := range []Form{JSONForm, CSVForm, TextForm} {
			if s.Forms&form != 0 && !slices.ContainsFunc(names, func(n string) bool { return shapeOfName(n) == s.Name && formOf(t, n) == form }) {
				t.Errorf("shape %s has no fixture of form %d in %s", s.Name, form, fixtureDir)
			}
		}
		if s.Forms == MappedForm && !slices.Contains(names, s.Name+".csv") {
			t.Errorf("shape %s has no fixture", s.Name)
		}
	}
	for _, name := range names {
		want := shapeOfName(name)
		if want == "mixed" || want == "ua.mapped" {
			continue
		}
		if !seen[want] {
			t.Errorf("fixture %s belongs to no shape", name)
			continue
		}
		if filepath.Ext(name) == ".avro" {
			continue // a container; its events have a shape that has fixtures of its own
		}
		text := decoded(t, name)
		switch formOf(t, name) {
		case JSONForm:
			claims(t, name, text, want)
		case CSVForm:
			c, err := source.NewCSV(bytes.NewReader(text), source.CSVOptions{})
			if err != nil {
				t.Fatal(err)
			}
			got, _, ok := DetectHeader(c.Header())
			if !ok && IsGraphHeader(c.Header()) {
				got, _, _ = DetectGraph(c.Header(), csvRows(t, c))
			}
			if got != want {
				t.Errorf("fixture %s: the header says %q", name, got)
			}
		case TextForm:
			if got, reason, _ := DetectText(text); got != want || reason == "" {
				t.Errorf("fixture %s: DetectText says %q (%s)", name, got, reason)
			}
		}
	}
}

func csvRows(t *testing.T, c *source.CSV) (rows [][]string) {
	t.Helper()
	b, err := c.Next()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Each(func(_, _ int64, fields [][]byte) error {
		var row []string
		for _, f := range fields {
			row = append(row, string(f))
		}
		rows = append(rows, row)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return rows
}

// claims checks that each JSON record of a fixture is claimed by the one shape.
func claims(t *testing.T, name string, text []byte, want string) {
	t.Helper()
	count := 0
	var visit func(v *fastjson.Value)
	visit = func(v *fastjson.Value) {
		switch v.Type() {
		case fastjson.TypeArray:
			for _, e := range v.GetArray() {
				visit(e)
			}
			return
		case fastjson.TypeString:
			if inner, err := fastjson.Parse(string(v.GetStringBytes())); err == nil {
				visit(inner)
			}
			return
		}
		if v.Exists("records") {
			visit(v.Get("records"))
			return
		}
		if string(v.GetStringBytes("type")) == "Buffer" {
			return
		}
		got := claimants(t, v)
		if shape, reason, ok := DetectJSON(v); !ok || shape != want || reason == "" || len(got) != 1 {
			t.Errorf("fixture %s: a record is claimed by %v, want %s only: %.200s", name, got, want, v)
		}
		count++
	}
	j := source.NewJSON(bytes.NewReader(text), source.JSONOptions{})
	for {
		v, err := j.Next()
		if err != nil {
			break
		}
		if parsed, err := fastjson.ParseBytes(v.Bytes); err == nil {
			visit(parsed)
		}
	}
	if count == 0 {
		t.Errorf("fixture %s holds no record", name)
	}
}

func shapeOfName(file string) string {
	a, rest, _ := strings.Cut(file, ".")
	b, _, found := strings.Cut(rest, ".")
	if a == "change" || a == "mixed" || !found {
		return a
	}
	return a + "." + b
}

func decoded(t *testing.T, name string) []byte {
	t.Helper()
	f, err := source.Open(filepath.Join(fixtureDir, name), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return bytes.Clone(f.Head())
}

func formOf(t *testing.T, name string) Form {
	t.Helper()
	switch filepath.Ext(name) {
	case ".json", ".jsonl":
		return JSONForm
	case ".csv":
		return CSVForm
	case ".avro":
		return 0
	}
	return TextForm
}

// TestPublicSamples reads the samples that are kept beside the repository, when they are there.
func TestPublicSamples(t *testing.T) {
	dir := filepath.Join(sharedDir, "samples/activity")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the public samples are not there: %v", err)
	}
	type want struct {
		shapes  string // shape and number of records, as the samples' README says
		rejects int
	}
	wants := map[string]want{
		"Azure__armstrong__routeMap-trace-report.md":                                                         {"ua.trace 2", 0},
		"Azure__azure-libraries-for-java__deployment-failed-57688-3.json":                                    {"deployment.rest 1", 0},
		"Azure__azure-libraries-for-java__events-select-subset-1.json":                                       {"activity.rest 113", 0},
		"Azure__azure-libraries-for-java__operations-failed-deployment-57688-3.json":                         {"operation.rest 6", 0},
		"Azure__azure-libraries-for-java__testDeployUsingARMTemplateWithDeploymentOperations.recording.json": {"ua.recording 54", 0},
		"Azure__azure-rest-api-specs__PutDeploymentResourceGroup-200body.json":                               {"deployment.rest 1", 0},
		"Azure__azure-sdk-for-ruby__operations-page1.json":                                                   {"operation.rest 1", 0},
		"Azure__azure-sdk-for-ruby__operations-page2.json":                                                   {"operation.rest 1", 0},
		"Azure__azure-xplat-cli__deployment-Deploy17889-final.json":                                          {"deployment.rest 1", 0},
		"Azure__azure-xplat-cli__deployment-nested-fail-parent.json":                                         {"deployment.rest 1", 0},
		"Azure__azure-xplat-cli__events-2014-04-01-group-log-all.json":                                       {"activity.rest 7", 0},
		"Azure__azure-xplat-cli__events-2015-04-01-page1.json":                                               {"activity.rest 200", 0},
		"Azure__azure-xplat-cli__operations-Deploy17889-final.json":                                          {"operation.rest 10", 0},
		"Azure__azure-xplat-cli__operations-nested-fail-child.json":                                          {"operation.rest 1", 0},
		"ManageIQ__manageiq-providers-azure__deployments-list-miq-misc-eastus.json":                          {"deployment.rest 2", 0},
		"ManageIQ__manageiq-providers-azure__deployments-list-miq-misc-westus.json":                          {"deployment.rest 1", 0},
		"ManageIQ__manageiq-providers-azure__deployments-list-miq-storage-eastus.json":                       {"", 0},
		"ManageIQ__manageiq-providers-azure__deployments-list-miq-vms-eastus.json":                           {"deployment.rest 10", 0},
		"ManageIQ__manageiq-providers-azure__event-deployments_write_EndRequest.json":                        {"activity.rest 1", 0},
		"ManageIQ__manageiq-providers-azure__event-publicIpAddresses_delete_EndRequest_downcase.json":        {"activity.rest 1", 0},
		"ManageIQ__manageiq-providers-azure__event-subscriptions_resourcegroups_EndRequest_downcase.json":    {"activity.rest 1", 0},
		"ManageIQ__manageiq-providers-azure__event-virtualMachines_delete_EndRequest.json":                   {"activity.rest 1", 0},
		"ManageIQ__manageiq-providers-azure__operations-miq-nested-template.json":                            {"operation.rest 2", 0},
		"ManageIQ__manageiq-providers-azure__operations-miq-template-eastus.json":                            {"operation.rest 5", 0},
		"MicrosoftDocs__azure-docs__deployment-history-operations.json":                                      {"operation.rest 1", 0},
		"MicrosoftDocs__azure-docs__resourcechanges-properties.json":                                         {"change 1", 0},
		"MicrosoftDocs__azure-monitor-docs__activity-log-schema-administrative.json":                         {"activity.rest 1", 0},
		"SumoLogic__sumologic-azure-function__activity_log_fixtures.json":                                    {"activity.resourcelog 1", 0},
		"log2timeline__plaso__azure_activity_log.jsonl":                                                      {"activity.pysdk 4", 0},
		"log2timeline__plaso__azure_application_gateway_access.json":                                         {"resourcelog.other 2", 0},
		"open-telemetry__opentelemetry-collector-contrib__administrative-valid_1.json":                       {"activity.resourcelog 1", 0},
		"panther-labs__panther-analysis__azure_activity_rule_tests.json":                                     {"activity.resourcelog 196, resourcelog.other 11, unknown 7", 0},
		"wls-eng__arm-oraclelinux-wls__admin-aadNestedTemplate-1.az-deployment.json":                         {"deployment.az 1", 0},
		"wls-eng__arm-oraclelinux-wls__admin-dbTemplate-1.az-deployment.json":                                {"", 1},
		"wls-eng__arm-oraclelinux-wls__cluster-addnode-coherence-1.az-deployment.json":                       {"deployment.az 1", 0},
		"wls-eng__arm-oraclelinux-wls__cluster-coherenceTemplate-1.az-deployment.json":                       {"deployment.az 1", 0},
		"wls-eng__arm-oraclelinux-wls__cluster-elkNestedTemplate-1.az-deployment.json":                       {"deployment.az 1", 0},
	}
	for name, w := range wants {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			res := readFile(t, path, Options{File: name})
			if got := sampleShapes(t, path, res); got != w.shapes {
				t.Errorf("shapes %q, want %q", got, w.shapes)
			}
			if len(res.tally.Rejects) != w.rejects || res.err != nil {
				t.Errorf("rejects %v, error %v; want %d rejects", res.tally.Rejects, res.err, w.rejects)
			}
		})
	}
}

// sampleShapes counts the records of a sample by shape.
func sampleShapes(t *testing.T, path string, res result) string {
	t.Helper()
	if shape, ok := strings.CutPrefix(res.format, "text: "); ok {
		return fmt.Sprintf("%s %d", shape, res.tally.Records())
	}
	counts := map[string]int{}
	j := source.NewJSON(bytes.NewReader(mustRead(t, path)), source.JSONOptions{})
	for {
		v, err := j.Next()
		if err != nil {
			break
		}
		parsed, err := fastjson.ParseBytes(v.Bytes)
		if err != nil || !json.Valid(v.Bytes) {
			continue
		}
		if shape, _, ok := DetectJSON(parsed); ok {
			counts[shape]++
		} else {
			counts["unknown"]++
		}
	}
	var parts []string
	for _, s := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", s, counts[s]))
	}
	return strings.Join(parts, ", ")
}

// claimants are the names of all shapes that take a record for theirs.
func claimants(t *testing.T, v *fastjson.Value) (names []string) {
	t.Helper()
	p, err := NewParser(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if v.Type() != fastjson.TypeObject {
		return nil
	}
	p.rec.load(v)
	for i := range p.s.rules {
		if r := &p.s.rules[i]; r.Forms&JSONForm != 0 && r.matches(p) {
			names = append(names, r.Name)
		}
	}
	return names
}
