package cmd

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/upload"
	"github.com/pidledger/pidledger/ingest/blob/blobtest"
	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/report"
)

// publishBench publishes what it reads.
type publishBench struct {
	*azureBench
	out *blobtest.Container
}

func newPublishBench(t *testing.T) *publishBench {
	b := &publishBench{azureBench: newAzureBench(t), out: blobtest.New(t)}
	config := "sources:\n  - path: exports\nregistry: registry.csv\nreport: {formats: [csv, parquet], snapshots: 2, publish: " + b.out.Location("published") + "}\n"
	if err := os.WriteFile(filepath.Join(b.dir, "pidledger.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	b.put("registry.csv", "tracking_id,mpn_id,offer,sku,channel\n")
	return b
}

func (b *publishBench) put(name, text string) {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// day delivers usage of a day.
func (b *publishBench) day(n string) {
	b.put("exports/"+n+".csv", ingesttest.MOSPHeader+strings.Replace(ingesttest.MOSPRow(1, n, "USD"), "storageAccounts/st", "storageAccounts/st"+n, 1))
}

func (b *publishBench) latest() (p upload.Pointer) {
	b.t.Helper()
	if err := json.Unmarshal([]byte(b.out.Get("published/"+upload.Latest)), &p); err != nil {
		b.t.Fatal(err)
	}
	return p
}

// isWhole compares what is published with the reports and the snapshot of this machine.
func (b *publishBench) isWhole() {
	b.t.Helper()
	p := b.latest()
	dir := filepath.Join(b.dir, "reports")
	m, err := report.ReadManifest(dir)
	if err != nil {
		b.t.Fatal(err)
	}
	s, err := report.FindSnapshot(dir)
	if err != nil {
		b.t.Fatal(err)
	}
	if p.RunID != m.RunID {
		b.t.Errorf("the latest is %s, not %s", p.RunID, m.RunID)
	}
	n := 0
	for folder, local := range map[string]string{p.Reports: dir, p.Snapshot: s.Dir} {
		for _, name := range b.out.Names("published/" + folder + "/") {
			n++
			want, err := os.ReadFile(filepath.Join(local, strings.TrimPrefix(name, "published/"+folder+"/")))
			if err != nil || string(want) != b.out.Get(name) {
				b.t.Errorf("%s is another file than here (%v)", name, err)
			}
		}
		for _, name := range []string{"manifest.json", "coverage.parquet"} {
			if len(b.out.Names("published/"+folder+"/"+name)) != 1 {
				b.t.Errorf("%s/%s is not published", folder, name)
			}
		}
	}
	if n < 20 {
		b.t.Errorf("%d files are published", n)
	}
}

// sent counts the blobs that were sent, and those that the service copied.
func sent(requests []string) (sent int) {
	for _, r := range requests {
		if strings.HasPrefix(r, "PUT ") {
			sent++
		}
	}
	return sent
}

func TestAzurePublish(t *testing.T) {
	b := newPublishBench(t)
	b.out.Put("published/notes.txt", "not ours")
	b.day("1")
	out, _ := b.pidledger(exit.Done, "run")
	b.isWhole()
	if !strings.Contains(strings.Join(strings.Fields(out), " "), "published to "+b.out.Location("published")+"/") { // lines are broken at 80 columns
		t.Error(out)
	}
	first := b.latest().RunID

	// Nothing new: one question, and nothing is sent.
	b.proxy.Requests()
	b.pidledger(exit.Done, "run")
	if requests := b.proxy.Requests(); len(requests) != 1 || b.latest().RunID != first {
		t.Errorf("%v", requests)
	}

	// A run that cannot publish leaves what is there, and the next one does it.
	b.day("2")
	puts := 0
	b.proxy.Meddle(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut {
			return false
		}
		puts++
		return puts > 5 && blobtest.Fail(w, http.StatusForbidden, "AuthorizationPermissionMismatch")
	})
	_, errs := b.pidledger(exit.Failed, "run")
	if !strings.Contains(errs, "publish to "+b.out.Location("published")+": write ") || b.latest().RunID != first {
		t.Errorf("%s\n%s", b.latest().RunID, errs)
	}
	b.proxy.Meddle(nil)
	b.pidledger(exit.Done, "run")
	b.isWhole()
	second := b.latest().RunID
	if second == first {
		t.Error("the second run was not published")
	}

	// report.snapshots says how many stay; what is not ours does in any case.
	b.day("3")
	b.pidledger(exit.Done, "run")
	b.isWhole()
	third := b.latest()
	if !slices.Equal(third.Kept, []string{second, third.RunID}) || len(b.out.Names("published/"+first)) > 0 || len(b.out.Names("published/"+second)) == 0 || len(b.out.Names("published/notes.txt")) != 1 {
		t.Errorf("%+v", third)
	}

	// A pointer that somebody else wrote is not overwritten.
	b.out.Put("published/"+upload.Latest, "{}")
	b.day("4")
	_, errs = b.pidledger(exit.Failed, "run")
	if !strings.Contains(errs, "was not written by pidledger") {
		t.Error(errs)
	}
}

// Files that are as they were, such as those of months without a change, are not sent again.
func TestAzurePublishUnchanged(t *testing.T) {
	b := newPublishBench(t)
	b.day("1")
	b.proxy.Requests()
	b.pidledger(exit.Done, "run")
	all := len(b.out.Names("published/")) - 1
	b.proxy.Requests()
	b.day("2")
	copies := 0
	b.proxy.Meddle(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("x-ms-copy-source") != "" {
			copies++
		}
		return false
	})
	b.pidledger(exit.Done, "run")
	b.isWhole()
	requests := b.proxy.Requests()
	last := slices.IndexFunc(requests, func(r string) bool { return strings.HasPrefix(r, "PUT ") && strings.HasSuffix(r, upload.Latest) })
	if last < 0 || sent(requests[last+1:]) > 0 {
		t.Errorf("the pointer is not written last: %v", requests)
	}
	if puts := sent(requests) - copies - 1; copies < all/2 || puts >= all/2 {
		t.Errorf("of %d files %d were sent and %d copied", all, puts, copies)
	}
}
