package ingest_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
)

// ways are what can happen to a file while it is read, and what the reason says then.
var ways = []struct {
	name string
	says string
	do   func(t testing.TB, path string)
	// what the ledger has after the next run: when the file is read by itself, and when a manifest says its size
	plain, part string
}{
	{"grows", "and has", func(t testing.TB, path string) {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		ingesttest.Must(t, err)
		_, err = f.WriteString(ingesttest.MOSPRow(28, "1000", "USD"))
		ingesttest.Must(t, errors.Join(err, f.Close()))
	}, "3000.00", "7.00"},
	{"shrinks", "and has", func(t testing.TB, path string) {
		ingesttest.Must(t, os.Truncate(path, int64(len(ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD")))))
	}, "1.00", "7.00"},
	{"is deleted", "deleted", func(t testing.TB, path string) { ingesttest.Must(t, os.Remove(path)) }, "7.00", "7.00"},
	{"is replaced", "changed while it was read", func(t testing.TB, path string) {
		ingesttest.Must(t, os.WriteFile(path+".tmp", []byte(ingesttest.MOSPHeader+ingesttest.MOSPRow(27, "5000", "USD")), 0o600))
		ingesttest.Must(t, os.Rename(path+".tmp", path))
	}, "5000.00", "7.00"},
	{"is written over with as many bytes", "written to", func(t testing.TB, path string) {
		data, err := os.ReadFile(path)
		ingesttest.Must(t, err)
		ingesttest.Must(t, os.WriteFile(path, bytes.ReplaceAll(data, []byte("2026-03-01"), []byte("2026-03-02")), 0o600))
		later := time.Now().Add(time.Second) // on a fast machine the clock of the disk may not have moved
		ingesttest.Must(t, os.Chtimes(path, later, later))
	}, "2000.00", "2000.00"},
}

// moments are when it happens.
var moments = []struct {
	name  string
	bytes bool
}{{"between listing and opening", false}, {"between opening and end", true}}

// A file that changes while it is read never counts as half of it: not as a plain file, not as a part of an export run. What it held
// before stays, and the next run reads what is there then.
func TestFileChangesWhileItIsRead(t *testing.T) {
	old := ingesttest.MOSPHeader + ingesttest.MOSPRow(1, "7", "USD")
	fresh := ingesttest.MOSPHeader + strings.Repeat(ingesttest.MOSPRow(1, "1", "USD"), 2000)
	const part = "cost/daily/20260301-20260331/" + ingesttest.Run2 + "/part_0_0001.csv"
	for _, way := range ways {
		for _, at := range moments {
			t.Run(fmt.Sprintf("plain file %s %s", way.name, at.name), func(t *testing.T) {
				w := ingesttest.New(t)
				w.Put("usage.csv", old)
				w.Put("deployments.json", goodDeployment)
				if _, err := w.Ingest(); err != nil {
					t.Fatal(err)
				}
				w.Put("usage.csv", fresh)
				w.Opts.Progress = &ingesttest.Meddler{At: "load evidence", Bytes: at.bytes, Do: func() { way.do(t, filepath.Join(w.Dir, "exports", "usage.csv")) }}
				w.Spoiled("usage.csv", way.says, "7.00", way.plain)
			})
			t.Run(fmt.Sprintf("part %s %s", way.name, at.name), func(t *testing.T) {
				w := ingesttest.New(t)
				w.PutRun(ingesttest.Run1, "2026-03-02T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-01T00:00:00Z", "1", old)
				if _, err := w.Ingest(); err != nil {
					t.Fatal(err)
				}
				w.PutRun(ingesttest.Run2, "2026-03-03T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-02T00:00:00Z", "null", fresh)
				w.Opts.Progress = &ingesttest.Meddler{At: "load usage", Bytes: at.bytes, Do: func() { way.do(t, filepath.Join(w.Dir, "exports", part)) }}
				w.Spoiled(part, way.says, "7.00", way.part)
			})
		}
	}
}

// Where the rows of a file decide about its cost basis, it is read twice; it may change in between.
func TestFileChangesBetweenTwoReadings(t *testing.T) {
	header := "Date,SubscriptionId,ResourceGroup,ResourceId,MeterCategory,MeterId,Quantity,CostInBillingCurrency,BillingCurrency,ChargeType,ReservationId,PricingModel\n"
	row := "03/01/2026,0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0,rg,/subscriptions/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm,Virtual Machines,m1,1,1,USD,Usage,11111111-2222-3333-4444-555555555555,Reservation\n"
	w := ingesttest.New(t)
	w.Put("usage.csv", header+strings.Repeat(row, 10))
	readings := 0
	p := &counter{add: func() {
		if readings++; readings == 2 {
			ingesttest.Must(t, os.WriteFile(filepath.Join(w.Dir, "exports", "usage.csv"), []byte(header+row), 0o600))
		}
	}}
	w.Opts.Progress = p
	r, err := w.Ingest()
	if err != nil {
		t.Fatal(err)
	}
	if readings < 2 {
		t.Fatalf("the file was read %d times: the test tests nothing", readings)
	}
	if f := ingesttest.Status(t, r, "usage.csv"); f.Status != ledger.StatusFailed || !strings.Contains(f.Reason, "changed while it was read") {
		t.Errorf("%+v", f)
	}
}

// counter is a Progress that does something whenever bytes were read.
type counter struct {
	ingesttest.Quiet
	add func()
}

func (c *counter) Add(_, bytes int64) {
	if bytes > 0 {
		c.add()
	}
}

// Evidence of a file that changes is not merged either.
func TestEvidenceChangesWhileItIsRead(t *testing.T) {
	w := ingesttest.New(t)
	w.Put("deployments.json", goodDeployment)
	path := filepath.Join(w.Dir, "exports", "deployments.json")
	w.Opts.Progress = &ingesttest.Meddler{At: "load evidence", Bytes: true, Do: func() { ingesttest.Must(t, os.Truncate(path, 40)) }}
	r, err := w.Ingest()
	if err != nil {
		t.Fatal(err)
	}
	if f := ingesttest.Status(t, r, "deployments.json"); f.Status != ledger.StatusFailed || !strings.Contains(f.Reason, "changed") {
		t.Errorf("%+v", f)
	}
	if n := w.Count("deployments"); n != 0 {
		t.Errorf("%d deployments are in the ledger", n)
	}
	w.Put("deployments.json", goodDeployment)
	w.Opts.Progress = ingesttest.Quiet{}
	if _, err := w.Ingest(); err != nil || w.Count("deployments") != 1 {
		t.Errorf("%v, %d deployments", err, w.Count("deployments"))
	}
	ingesttest.Must(t, os.Remove(path))
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
}

// A manifest without sizes cannot tell that a part was still being copied. When the part has grown, the run is read again.
func TestPartStillBeingCopied(t *testing.T) {
	w := ingesttest.New(t)
	const folder = "cost/daily/20260301-20260331/" + ingesttest.Run1 + "/"
	text := strings.Replace(ingesttest.Manifest(ingesttest.Run1, "2026-03-03T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-02T00:00:00Z", "null", 0), `,"byteCount":0`, "", 1)
	w.Put(folder+"manifest.json", text)
	w.Put(folder+"part_0_0001.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
	if _, err := w.Ingest(); err != nil || w.Money() != "1.00" {
		t.Fatal(err, w.Money())
	}
	w.Put(folder+"part_0_0001.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD")+ingesttest.MOSPRow(2, "2", "USD"))
	if _, err := w.Ingest(); err != nil || w.Money() != "3.00" {
		t.Errorf("%v, the ledger has %s", err, w.Money())
	}
}

// What failed and is not there any longer is forgotten; what was loaded stays.
func TestFailedFileIsDeleted(t *testing.T) {
	w := ingesttest.New(t)
	w.Put("good.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
	w.Put("bad.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "x", "USD"))
	if _, err := w.Ingest(); err != nil || w.Count("files") != 2 || w.Count("rejects") != 1 {
		t.Fatal(err, w.Count("files"), w.Count("rejects"))
	}
	ingesttest.Must(t, os.Remove(filepath.Join(w.Dir, "exports", "bad.csv")))
	if _, err := w.Ingest(); err != nil || w.Count("files") != 1 || w.Count("rejects") != 0 || w.Money() != "1.00" {
		t.Error(err, w.Count("files"), w.Count("rejects"))
	}
}
