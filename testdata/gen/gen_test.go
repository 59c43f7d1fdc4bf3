package main

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

const testScale = 0.002

func fill(t *testing.T, seed uint64, workers int) (string, marker) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	m, cached, err := generate(context.Background(), newPlan(seed, testScale, 0), dir, workers)
	if err != nil || cached {
		t.Fatalf("generate: cached %v, %v", cached, err)
	}
	return dir, m
}

// hashes returns the SHA-256 of every file by its path.
func hashes(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	eachFile(t, dir, func(path string, data []byte) {
		h := sha256.Sum256(data)
		out[path] = hex.EncodeToString(h[:])
	})
	return out
}

func eachFile(t *testing.T, dir string, do func(path string, data []byte)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		do(filepath.ToSlash(rel), data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSameSeedSameData(t *testing.T) {
	dir, _ := fill(t, 1, 1)
	again, _ := fill(t, 1, 2)
	a, b := hashes(t, dir), hashes(t, again)
	if len(a) != len(b) || len(a) < 10 {
		t.Fatalf("%d files, then %d", len(a), len(b))
	}
	for path, h := range a {
		if b[path] != h {
			t.Errorf("%s differs", path)
		}
	}
	other, _ := fill(t, 2, 1)
	if c := hashes(t, other); c["registry.csv"] == a["registry.csv"] {
		t.Error("another seed gives the same registry")
	}
}

func TestFolderIsUsedAgain(t *testing.T) {
	dir, _ := fill(t, 1, 1)
	if _, cached, err := generate(context.Background(), newPlan(1, testScale, 0), dir, 1); err != nil || !cached {
		t.Errorf("same data again: cached %v, %v", cached, err)
	}
	if _, cached, err := generate(context.Background(), newPlan(2, testScale, 0), dir, 1); err != nil || cached {
		t.Errorf("another seed: cached %v, %v", cached, err)
	}
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "mine.txt"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := generate(context.Background(), newPlan(1, testScale, 0), foreign, 1); err == nil {
		t.Error("a folder with files of others was filled")
	}
}

// data is what the exports hold, read by the standard library.
type data struct {
	usage       []map[string]string
	activity    []activityRecord
	deployments []deploymentRecord
	operations  []operationRecord
	requests    []requestRecord
	manifests   int
}

type activityRecord struct {
	Time          time.Time
	ResourceID    string `json:"resourceId"`
	OperationName string `json:"operationName"`
	ResultType    string `json:"resultType"`
	CorrelationID string `json:"correlationId"`
	Category      string
	bytes         int
}

type deploymentRecord struct {
	ID, Name   string
	Properties struct {
		CorrelationID string
		Timestamp     time.Time
		Duration      string
		Dependencies  []struct{ ID string }
	}
}

type operationRecord struct {
	ID, OperationID string
	Properties      struct {
		ProvisioningOperation, ProvisioningState string
		Timestamp                                time.Time
		TargetResource                           *struct{ ID string }
	}
}

type requestRecord struct{ Method, URL, UserAgent, CorrelationID string }

func readAll(t *testing.T, dir string) *data {
	t.Helper()
	var d data
	eachFile(t, filepath.Join(dir, "exports"), func(path string, raw []byte) {
		switch {
		case strings.HasSuffix(path, ".csv"):
			r := csv.NewReader(strings.NewReader(string(raw)))
			header, err := r.Read()
			if err != nil || len(header) != 65 {
				t.Fatalf("%s: header of %d columns, %v", path, len(header), err)
			}
			for {
				cells, err := r.Read()
				if errors.Is(err, io.EOF) {
					return
				}
				if err != nil {
					t.Fatalf("%s: %v", path, err)
				}
				row := map[string]string{}
				for i, h := range header {
					row[h] = cells[i]
				}
				d.usage = append(d.usage, row)
			}
		case strings.HasSuffix(path, "PT1H.json"):
			for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
				a := activityRecord{bytes: len(line)}
				decode(t, path, []byte(line), &a)
				d.activity = append(d.activity, a)
			}
		case strings.HasPrefix(path, "deployments/"):
			var l struct{ Value []deploymentRecord }
			decode(t, path, raw, &l)
			d.deployments = append(d.deployments, l.Value...)
		case strings.HasPrefix(path, "operations/"):
			var l struct{ Value []operationRecord }
			decode(t, path, raw, &l)
			d.operations = append(d.operations, l.Value...)
		case strings.HasSuffix(path, ".jsonl"):
			for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
				var q requestRecord
				decode(t, path, []byte(line), &q)
				d.requests = append(d.requests, q)
			}
		case strings.HasSuffix(path, "manifest.json"):
			d.manifests++
			checkManifest(t, dir, path, raw)
		default:
			t.Errorf("unexpected file %s", path)
		}
	})
	return &d
}

func decode(t *testing.T, path string, raw []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%s: %v in %.200s", path, err, raw)
	}
}

func checkManifest(t *testing.T, dir, path string, raw []byte) {
	t.Helper()
	var m struct {
		ByteCount, DataRowCount int64
		Blobs                   []struct {
			BlobName                string
			ByteCount, DataRowCount int64
		}
	}
	decode(t, path, raw, &m)
	var bytes, rows int64
	for _, b := range m.Blobs {
		content, err := os.ReadFile(filepath.Join(dir, "exports", b.BlobName))
		if err != nil {
			t.Fatal(err)
		}
		if n := int64(len(content)); n != b.ByteCount {
			t.Errorf("%s has %d bytes, the manifest says %d", b.BlobName, n, b.ByteCount)
		}
		if n := int64(strings.Count(string(content), "\n")) - 1; n != b.DataRowCount {
			t.Errorf("%s has %d rows, the manifest says %d", b.BlobName, n, b.DataRowCount)
		}
		bytes, rows = bytes+b.ByteCount, rows+b.DataRowCount
	}
	if bytes != m.ByteCount || rows != m.DataRowCount || len(m.Blobs) == 0 {
		t.Errorf("%s: totals do not add up", path)
	}
}

func TestData(t *testing.T) {
	dir, m := fill(t, 1, 2)
	d := readAll(t, dir)

	want := func(what string, got int, marked int64, share int) {
		t.Helper()
		if got != share || int64(got) != marked {
			t.Errorf("%d %s, the marker says %d, want %d", got, what, marked, share)
		}
	}
	shareOf := func(amount int) int { return share(amount, 0) + share(amount, 1) }
	want("usage rows", len(d.usage), m.UsageRows, shareOf(usageRows))
	want("activity records", len(d.activity), m.Activities, shareOf(activities))
	want("deployments", len(d.deployments), m.Deployments, shareOf(deployments))
	want("operations", len(d.operations), m.Operations, shareOf(operations))
	if m.Resources != int64(shareOf(resources)) {
		t.Errorf("%d resources, want %d", m.Resources, shareOf(resources))
	}
	if d.manifests != 2 || len(d.requests) == 0 || int64(len(d.requests)) != m.Requests {
		t.Errorf("%d manifests, %d requests, the marker says %d", d.manifests, len(d.requests), m.Requests)
	}

	// Everything joins: operations to deployments, nested deployments to records, writes to usage.
	correlations := map[string]bool{}
	records := map[string]bool{}
	for _, r := range d.deployments {
		records[strings.ToLower(r.ID)] = true
		correlations[r.Properties.CorrelationID] = true
	}
	tag := regexp.MustCompile(`(?i)^pid-([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z-]+-partnercenter)`)
	registry, err := os.ReadFile(filepath.Join(dir, "registry.csv"))
	if err != nil {
		t.Fatal(err)
	}
	tagged, registered := 0, 0
	for _, r := range d.deployments {
		if token := strings.ToLower(tag.FindString(r.Name)); token != "" {
			tagged++
			if strings.Contains(string(registry), strings.TrimSuffix(strings.TrimPrefix(token, "pid-"), "-partnercenter")) {
				registered++
			}
		}
		for _, dep := range r.Properties.Dependencies {
			if !records[strings.ToLower(dep.ID)] {
				t.Errorf("%s depends on %s, which has no record", r.Name, dep.ID)
			}
		}
	}
	if tagged == 0 || registered == 0 || registered > tagged {
		t.Errorf("%d tagged deployments, %d with a registered id", tagged, registered)
	}
	written := map[string]bool{}
	for _, o := range d.operations {
		deployment, _, _ := strings.Cut(o.ID, "/operations/")
		if !records[strings.ToLower(deployment)] {
			t.Errorf("operation %s of a deployment without record", o.ID)
		}
		p := o.Properties
		if p.ProvisioningOperation == "Create" && p.ProvisioningState == "Succeeded" {
			written[strings.ToLower(p.TargetResource.ID)] = true
		}
	}
	size, seen, kinds := 0, 0, map[string]int{}
	for _, a := range d.activity {
		size += a.bytes
		kinds[a.Category+" "+a.ResultType]++
		if correlations[a.CorrelationID] {
			seen++
		}
		if strings.HasSuffix(a.OperationName, "/WRITE") && a.ResultType == "Success" {
			written[strings.ToLower(a.ResourceID)] = true
		}
	}
	if mean := size / len(d.activity); mean < 1000 || mean > 1500 {
		t.Errorf("an activity record has %d bytes", mean)
	}
	if seen == 0 || kinds["Administrative Start"] == 0 || kinds["Administrative Accept"] == 0 || kinds["Policy Success"] == 0 {
		t.Errorf("%d events of deployments; by kind: %v", seen, kinds)
	}
	used := 0
	for _, row := range d.usage {
		if written[strings.ToLower(row["ResourceId"])] {
			used++
		}
		if _, err := time.Parse("01/02/2006", row["date"]); err != nil {
			t.Error(err)
		}
	}
	if used < len(d.usage)*9/10 {
		t.Errorf("%d of %d usage rows are of a written resource", used, len(d.usage))
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{string(appendTime(nil, ticks(time.Date(2024, 2, 29, 23, 59, 58, 1234500, time.UTC).UnixNano()/100))), "2024-02-29T23:59:58.0012345Z"},
		{string(appendTime(nil, 0)), "1970-01-01T00:00:00.0000000Z"},
		{string(appendUSDate(nil, newPlan(1, 1, 0).firstDay)), "03/01/2026"},
		{string(appendDuration(nil, 63*second+8233128)), "PT1M3.8233128S"},
		{string(appendDuration(nil, 2*second)), "PT2S"},
		{string(appendDecimal(nil, -1050, 3)), "-1.05"},
		{string(appendDecimal(nil, 7, 15)), "0.000000000000007"},
		{string(appendDecimal(nil, 24_000_000, 6)), "24"},
		{string(appendHex(nil, 0xab)), "00000000000000AB"},
		{string(upperFrom([]byte("aZé9"), 0)), "AZé9"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}
