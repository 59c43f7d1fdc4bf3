package cmd

import (
	"bytes"
	cmpor "cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest/blob/blobtest"
	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/report/spec"
)

// azureRun runs pidledger with a connection string.
func azureRun(t *testing.T, connection string, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	code, out, errs := runWith(t, []string{"AZURE_STORAGE_CONNECTION_STRING=" + connection}, args...)
	if code != want {
		t.Fatalf("%v: exit code %d, not %d\n%s%s", args, code, want, out, errs)
	}
	return out, errs
}

// reportsOf are the CSV reports of a folder. Names of sources are made the same.
func reportsOf(t *testing.T, dir string, source string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, s := range spec.Reports {
		if s.Partition != "" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, s.Name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		all[s.Name] = strings.ReplaceAll(string(data), source, "SOURCE")
	}
	return all
}

// longAzure tells whether the tests of Blob Storage are to take all worlds and cases; CI takes some.
func longAzure() bool { return cmpor.Or(os.Getenv("PIDLEDGER_AZURE_BLOBS"), "300") != "300" }

// With all sources in Blob Storage the reports are those of the local folder, and a second run reads nothing.
func TestAzureWorlds(t *testing.T) {
	blobtest.Connection(t)
	shared := func(pattern string) (folders []string) {
		all, err := filepath.Glob(filepath.Join("..", "..", "shared", pattern, "pidledger.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, config := range all {
			folders = append(folders, filepath.Dir(config))
		}
		return folders
	}
	// The demo is one of the worlds.
	worlds := slices.DeleteFunc(shared("worlds/*"), func(world string) bool { return sameWorld(t, world, filepath.Join("..", "testdata", "demo")) })
	cases := shared("cases/counting/*")
	if !longAzure() {
		cases = every(cases, 8)
	}
	for _, folder := range slices.Concat([]string{filepath.Join("..", "testdata", "demo")}, worlds, cases) {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			sameFromAzure(t, folder)
		})
	}
}

// every gives one of so many.
func every(all []string, n int) (some []string) {
	for i := 0; i < len(all); i += n {
		some = append(some, all[i])
	}
	return some
}

func sameFromAzure(t *testing.T, folder string) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "pidledger.yaml")
	var local bytes.Buffer
	args := func(name string, more ...string) []string {
		return append([]string{"run", "--config", config, "--ledger", filepath.Join(dir, name+"-ledger"), "--report-dir", filepath.Join(dir, name), "--format", "csv"}, more...)
	}
	code := Main(args("local"), strings.NewReader(""), io.Discard, &local)
	c := blobtest.New(t)
	requests := atomic.Int64{}
	p := blobtest.NewProxy(t, nil)
	p.Meddle(func(w http.ResponseWriter, r *http.Request) bool {
		switch requests.Add(1) % 40 {
		case 7:
			return blobtest.Fail(w, http.StatusServiceUnavailable, "ServerBusy")
		case 13, 27:
			p.Cut(w, r)
		}
		return false
	})
	c.PutFolder(filepath.Join(dir, "exports"), "exports/")
	_, errs := azureRun(t, p.Connection, code, args("azure", "--source", c.Location("exports"))...)
	if diff := cmp.Diff(reportsOf(t, filepath.Join(dir, "local"), "exports/"), reportsOf(t, filepath.Join(dir, "azure"), c.Location("exports")+"/")); diff != "" {
		t.Errorf("reports of the folder and of Blob Storage differ (-folder +blobs):\n%s\n%s", diff, errs)
	}
	if code != exit.Done {
		return // what failed is read again every night
	}
	p.Requests()
	azureRun(t, p.Connection, code, args("azure", "--source", c.Location("exports"))...)
	if reads := blobtest.Reads(p.Requests()); len(reads) > 0 {
		t.Errorf("the second run read %v", reads)
	}
}

// azureBench is a ledger of its own that reads from a container, through a proxy.
type azureBench struct {
	t     *testing.T
	dir   string
	c     *blobtest.Container
	proxy *blobtest.Proxy
}

func newAzureBench(t *testing.T) *azureBench {
	b := &azureBench{t: t, dir: t.TempDir(), c: blobtest.New(t), proxy: blobtest.NewProxy(t, nil)}
	b.configure("sources:\n  - path: " + b.c.Location("in") + "\nreport: {formats: [csv]}\n")
	return b
}

func (b *azureBench) configure(text string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, "pidledger.yaml"), []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func (b *azureBench) pidledger(want int, args ...string) (stdout, stderr string) {
	b.t.Helper()
	return azureRun(b.t, b.proxy.Connection, want, append(args, "--config", filepath.Join(b.dir, "pidledger.yaml"))...)
}

// money is what counts, by the report coverage.
func (b *azureBench) money() string {
	b.t.Helper()
	return total(readReport(b.t, filepath.Join(b.dir, "reports", "coverage.csv")), "billed_cost", "", "").FloatString(2)
}

// status is what the ledger says of a blob.
func (b *azureBench) status(name string) ledger.FileRecord {
	b.t.Helper()
	out, _ := b.pidledger(exit.Done, "files", "--json")
	var files []ledger.FileRecord
	if err := json.Unmarshal([]byte(out), &files); err != nil {
		b.t.Fatal(err)
	}
	for _, f := range files {
		if f.Path == b.c.Location("in/"+name) {
			return f
		}
	}
	b.t.Fatalf("%s is not among %+v", name, files)
	return ledger.FileRecord{}
}

const azureRunFolder = "cost/daily/20260301-20260331/" + ingesttest.Run1 + "/"

// export writes a run of an export over what is there.
func (b *azureBench) export(submitted, amount string) {
	text := ingesttest.MOSPHeader + ingesttest.MOSPRow(1, amount, "USD")
	manifest := ingesttest.Manifest(ingesttest.Run1, submitted, "MonthToDate", "2026-03-01T00:00:00", "2026-03-02T00:00:00Z", "1", len(text))
	b.c.Put("in/"+azureRunFolder+"part_0_0001.csv", text)
	b.c.Put("in/"+azureRunFolder+"manifest.json", manifest)
}

// Of the runs of an export only manifests are read, and what the one that counts lists.
func TestAzureOnlyWhatCounts(t *testing.T) {
	b := newAzureBench(t)
	text := ingesttest.MOSPHeader + ingesttest.MOSPRow(1, "1", "USD")
	newer := strings.ReplaceAll(azureRunFolder, ingesttest.Run1, ingesttest.Run2)
	for folder, manifest := range map[string]string{
		azureRunFolder: ingesttest.Manifest(ingesttest.Run1, "2026-03-02T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-02T00:00:00Z", "1", len(text)),
		newer:          ingesttest.Manifest(ingesttest.Run2, "2026-03-03T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-03T00:00:00Z", "1", len(text)),
	} {
		b.c.Put("in/"+folder+"part_0_0001.csv", text)
		b.c.Put("in/"+folder+"part_0_0002.csv", text) // in no manifest
		// Of an export of a subscription the first part of each run is read, once, for it can have got another account.
		manifest = strings.Replace(manifest, "/subscriptions/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/", "/providers/Microsoft.Billing/billingAccounts/8611537/", 1)
		b.c.Put("in/"+folder+"manifest.json", manifest)
	}
	b.pidledger(exit.Done, "run")
	var reads []string
	for _, r := range blobtest.Reads(b.proxy.Requests()) {
		_, name, _ := strings.Cut(r, b.c.Name+"/in%2F")
		reads = append(reads, strings.ReplaceAll(name, "%2F", "/"))
	}
	slices.Sort(reads)
	want := []string{azureRunFolder + "manifest.json", newer + "manifest.json", newer + "part_0_0001.csv"}
	slices.Sort(want)
	if diff := cmp.Diff(want, reads); diff != "" || b.money() != "1.00" {
		t.Errorf("%s counts; reads (-want +got):\n%s", b.money(), diff)
	}
}

// A run folder that is written over while it is read is read again in the same run; when that never ends, what counted before stays.
func TestAzureRunFolderOverwritten(t *testing.T) {
	b := newAzureBench(t)
	b.export("2026-03-02T01:00:00Z", "1")
	b.pidledger(exit.Done, "run")
	if b.money() != "1.00" {
		t.Fatal(b.money())
	}
	isPart := func(r *http.Request) bool { return r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, ".csv") }

	b.export("2026-03-03T01:00:00Z", "20")
	b.proxy.Meddle(func(_ http.ResponseWriter, r *http.Request) bool {
		if isPart(r) {
			b.proxy.Meddle(nil)
			b.export("2026-03-03T02:00:00Z", "300")
		}
		return false
	})
	b.pidledger(exit.Done, "run")
	if b.money() != "300.00" {
		t.Errorf("%s counts", b.money())
	}

	b.export("2026-03-04T01:00:00Z", "4000")
	writes := 0
	b.proxy.Meddle(func(_ http.ResponseWriter, r *http.Request) bool {
		if isPart(r) {
			writes++
			b.export(fmt.Sprintf("2026-03-04T01:00:%02dZ", writes), "50000")
		}
		return false
	})
	b.pidledger(exit.Partial, "run")
	if b.money() != "300.00" || writes < 4 {
		t.Errorf("%s counts, written over %d times", b.money(), writes)
	}
	if f := b.status(azureRunFolder + "part_0_0001.csv"); f.Status != ledger.StatusFailed || !strings.Contains(f.Reason, "changed while it was read (it was overwritten)") {
		t.Errorf("%+v", f)
	}
	b.proxy.Meddle(nil)
	b.pidledger(exit.Done, "run")
	if b.money() != "50000.00" {
		t.Errorf("%s counts", b.money())
	}
}

// A part that is exchanged after it was read, and before the run is done, does not count beside the others.
func TestAzureRunFolderChangedAfterwards(t *testing.T) {
	b := newAzureBench(t)
	b.export("2026-03-02T01:00:00Z", "1")
	lists := 0
	b.proxy.Meddle(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.RawQuery, "comp=list") {
			if lists++; lists == 2 { // what was read is checked
				b.export("2026-03-02T02:00:00Z", "20")
			}
		}
		return false
	})
	b.pidledger(exit.Done, "run")
	if b.money() != "20.00" || lists < 4 {
		t.Errorf("%s counts, listed %d times", b.money(), lists)
	}
}

// An activity log that grows is read again with what it has now, and each record counts once.
func TestAzureAppendGrowth(t *testing.T) {
	b := newAzureBench(t)
	const name = "insights-activity-logs/y=2026/m=03/d=01/h=10/m=00/PT1H.json"
	record := func(n int) string {
		return fmt.Sprintf(`{"time":"2026-03-01T10:%02d:00Z","resourceId":"/SUBSCRIPTIONS/AAAAAAAA-0000-4000-8000-000000000001/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.STORAGE/STORAGEACCOUNTS/ST%d","operationName":"MICROSOFT.STORAGE/STORAGEACCOUNTS/WRITE","category":"Administrative","resultType":"Success","correlationId":"bbbbbbbb-0000-4000-8000-%012d"}`+"\n", n, n, n)
	}
	b.c.Append("in/"+name, record(1)+record(2))
	b.pidledger(exit.Done, "run")
	if f := b.status(name); f.Rows != 2 || f.Loaded != 2 {
		t.Fatalf("%+v", f)
	}
	b.c.Append("in/"+name, record(3))
	b.proxy.Requests()
	b.proxy.Meddle(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, ".json") {
			b.proxy.Meddle(nil)
			b.c.Append("in/"+name, record(4))
		}
		return false
	})
	b.pidledger(exit.Done, "run")
	if f := b.status(name); f.Rows != 3 {
		t.Errorf("%+v", f)
	}
	b.pidledger(exit.Done, "run")
	if f := b.status(name); f.Rows != 4 {
		t.Errorf("%+v", f)
	}
	b.proxy.Requests()
	b.pidledger(exit.Done, "run")
	if reads := blobtest.Reads(b.proxy.Requests()); len(reads) > 0 {
		t.Errorf("nothing is new, and %v were read", reads)
	}
}

// A blob that cannot be fetched costs only itself, and is fetched by the next run.
func TestAzureOneBlobRefused(t *testing.T) {
	b := newAzureBench(t)
	b.c.Put("in/a.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
	b.c.Put("in/b.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(2, "20", "USD"))
	b.proxy.Meddle(func(w http.ResponseWriter, r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "/a.csv") && blobtest.Fail(w, http.StatusForbidden, "AuthorizationFailure")
	})
	b.pidledger(exit.Partial, "run")
	if f := b.status("a.csv"); f.Status != ledger.StatusFailed || !strings.Contains(f.Reason, "it cannot be fetched: the credential of AZURE_STORAGE_CONNECTION_STRING does not allow it") || b.money() != "20.00" {
		t.Errorf("%+v, %s counts", f, b.money())
	}
	b.proxy.Meddle(nil)
	b.pidledger(exit.Done, "run")
	if b.money() != "21.00" {
		t.Errorf("%s counts", b.money())
	}
}

// What cannot be listed ends the run, with the reason and the way out; no message and no log has a signature or key.
func TestAzureSourceErrors(t *testing.T) {
	b := newAzureBench(t)
	b.c.Put("in/a.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
	secrets, log := filepath.Join(b.dir, "secrets"), filepath.Join(b.dir, "log.jsonl")
	sas := b.c.SAS(time.Now().Add(-time.Hour))
	if err := os.WriteFile(secrets, []byte(sas+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{"PIDLEDGER_AZURE_CREDENTIALS=" + secrets, "PIDLEDGER_LOG_FILE=" + log, "PIDLEDGER_LOG_LEVEL=debug", "AZURE_STORAGE_CONNECTION_STRING=" + b.proxy.Connection}
	code, out, errs := runWith(t, environ, "run", "--config", filepath.Join(b.dir, "pidledger.yaml"))
	if code != exit.Usage || !strings.Contains(errs, "cannot be listed: the SAS of "+secrets+", line 1 expired on") || !strings.Contains(errs, "Try: let its owner make a new one") {
		t.Errorf("exit code %d\n%s", code, errs)
	}
	logged, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	_, signature, _ := strings.Cut(sas, "sig=")
	for _, secret := range []string{signature[:16], "Eby8vdM02xNOcq"} {
		if strings.Contains(out+errs+string(logged), secret) {
			t.Errorf("a secret was shown:\n%s%s%s", out, errs, logged)
		}
	}
	_, errs = azureRun(t, b.proxy.Connection, exit.Usage, "run", "--config", filepath.Join(b.dir, "pidledger.yaml"), "--source", "az://devstoreaccount1/nothing-here")
	if !strings.Contains(errs, "source az://devstoreaccount1/nothing-here cannot be listed: there is no such container") {
		t.Error(errs)
	}
	_, errs = azureRun(t, b.proxy.Connection, exit.Usage, "run", "--config", filepath.Join(b.dir, "pidledger.yaml"), "--source", b.c.Location("nothing"))
	if !strings.Contains(errs, "source "+b.c.Location("nothing")+" holds no files") {
		t.Error(errs)
	}
	b.pidledger(exit.Done, "run", "--source", b.c.Location("in/a.csv"))
}

// Many blobs are listed in pages; a night lists them, and fetches only what is new. They lie in several accounts, three tenths of them in one.
func TestAzureManyBlobs(t *testing.T) {
	b := newAzureBench(t)
	blobs, err := strconv.Atoi(cmpor.Or(os.Getenv("PIDLEDGER_AZURE_BLOBS"), "300"))
	if err != nil {
		t.Fatal(err)
	}
	secrets, sources, pages, left := b.proxy.Connection+"\n", "  - path: "+b.c.Location("in")+"\n", 1, blobs
	fill := func(c *blobtest.Container, n int) {
		folder := t.TempDir()
		for range n {
			text := ingesttest.MOSPHeader + strings.Replace(ingesttest.MOSPRow(1+left%28, "1", "USD"), "storageAccounts/st", fmt.Sprintf("storageAccounts/st%d", left), 1)
			if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%06d.csv", left)), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			left--
		}
		c.PutFolder(folder, "in/")
		pages += n / 5000
	}
	fill(b.c, blobs*3/10)
	for i, letter := range blobtest.OtherAccounts {
		c := blobtest.NewIn(t, blobtest.Account+string(letter))
		fill(c, left/(len(blobtest.OtherAccounts)-i))
		secrets += blobtest.In(blobtest.Account+string(letter), b.proxy.Connection) + "\n"
		sources += "  - path: " + c.Location("in") + "\n"
		pages++
	}
	b.configure("sources:\n" + sources + "azure: {credentials: secrets}\nreport: {formats: [csv]}\n")
	if err := os.WriteFile(filepath.Join(b.dir, "secrets"), []byte(secrets), 0o600); err != nil {
		t.Fatal(err)
	}
	b.proxy.Requests()
	began := time.Now()
	b.pidledger(exit.Done, "run")
	requests := b.proxy.Requests()
	t.Logf("%d blobs in %s: %d requests, %d of them lists", blobs, time.Since(began).Round(time.Second), len(requests), len(requests)-len(blobtest.Reads(requests)))
	if rows := total(readReport(t, filepath.Join(b.dir, "reports", "coverage.csv")), "usage_rows", "", "").FloatString(0); rows != strconv.Itoa(blobs) {
		t.Errorf("%s rows of %d", rows, blobs)
	}
	if reads := blobtest.Reads(requests); len(reads) != blobs || len(requests)-len(reads) != pages {
		t.Errorf("%d requests for %d blobs, and %d lists, not %d", len(reads), blobs, len(requests)-len(reads), pages)
	}
	b.c.Put("in/new.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "5", "USD"))
	b.pidledger(exit.Done, "run")
	requests = b.proxy.Requests()
	if reads := blobtest.Reads(requests); len(reads) != 1 || len(requests)-len(reads) != pages {
		t.Errorf("a night with one new blob of %d: %d requests, %d read", blobs, len(requests), len(reads))
	}
	b.pidledger(exit.Done, "run")
	requests = b.proxy.Requests()
	if reads := blobtest.Reads(requests); len(reads) != 0 || len(requests) != pages {
		t.Errorf("a night with nothing new: %d requests, %d read", len(requests), len(reads))
	}
}

// The doctor says which source cannot be reached and why, and reads none.
func TestAzureDoctor(t *testing.T) {
	c := blobtest.New(t)
	c.Put("in/a.csv", "x\n")
	dir := t.TempDir()
	publish := ""
	call := func(credential string, want int, sources string) string {
		t.Helper()
		code, out, errs := runWith(t, []string{"AZURE_STORAGE_CONNECTION_STRING=" + credential, "PIDLEDGER_SOURCES=" + sources, "PIDLEDGER_REPORT_PUBLISH=" + publish, "PIDLEDGER_REGISTRY=" + filepath.Join("..", "testdata", "demo", "registry.csv")},
			"doctor", "--ledger", filepath.Join(dir, "ledger"))
		if code != want {
			t.Fatalf("exit code %d, not %d\n%s%s", code, want, out, errs)
		}
		return strings.Join(strings.Fields(out), " ")
	}
	for _, k := range []struct {
		credential, source string
		code               int
		want               string
	}{
		{blobtest.Connection(t), c.Location("in"), exit.Done, "ok source " + c.Location("in") + " can be listed"},
		{blobtest.Connection(t), c.Location("none"), exit.Check, "holds no blobs Try: correct `sources:`"},
		{blobtest.Connection(t), c.Location("") + "-gone", exit.Check, "there is no such container Try: correct the name"},
		{c.SAS(time.Now().Add(-time.Hour)), c.Location("in"), exit.Check, "expired on"},
	} {
		if out := call(k.credential, k.code, k.source); !strings.Contains(out, k.want) {
			t.Errorf("%s: no %q in %s", k.source, k.want, out)
		}
	}
	publish = c.Location("out")
	if out := call(blobtest.Connection(t), exit.Done, c.Location("in")); !strings.Contains(out, "ok report.publish "+c.Location("out")+" can be listed and written") {
		t.Error(out)
	}
	if out := call(c.SAS(time.Now().Add(time.Hour)), exit.Check, c.Location("in")); !strings.Contains(out, "fix report.publish write "+c.Location("out/.pidledger-doctor")+": the credential of") {
		t.Error(out)
	}
	publish = ""
	t.Chdir(dir)
	if err := os.WriteFile("pidledger.yaml", []byte("collect: {dir: "+c.Location("collected")+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := call(blobtest.Connection(t), exit.Check, c.Location("in")); !strings.Contains(out, "ok collect.dir "+c.Location("collected")+" can be listed and written") {
		t.Error(out)
	}
	if names := append(c.Names("out"), c.Names("collected")...); len(names) > 0 {
		t.Errorf("it left %v", names)
	}
	if _, err := os.Stat(filepath.Join(dir, "ledger")); err == nil {
		t.Error("it wrote a ledger")
	}
}
