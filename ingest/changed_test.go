package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// meddler is a Progress that does something to the exports at a moment of the run.
type meddler struct {
	quiet
	once  sync.Once
	stage string // when this stage begins ...
	bytes bool   // ... or when bytes were read in it
	do    func()

	mu  sync.Mutex
	now string
}

func (m *meddler) Stage(name, _ string) {
	m.mu.Lock()
	m.now = name
	m.mu.Unlock()
	if name == m.stage && !m.bytes {
		m.once.Do(m.do)
	}
}

func (m *meddler) Add(_, bytes int64) {
	m.mu.Lock()
	due := m.bytes && bytes > 0 && m.now == m.stage
	m.mu.Unlock()
	if due {
		m.once.Do(m.do)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

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
		must(t, err)
		_, err = f.WriteString(mospRow(28, "1000", "USD"))
		must(t, errors.Join(err, f.Close()))
	}, "3000.00", "7.00"},
	{"shrinks", "and has", func(t testing.TB, path string) {
		must(t, os.Truncate(path, int64(len(mospHeader+mospRow(1, "1", "USD")))))
	}, "1.00", "7.00"},
	{"is deleted", "deleted", func(t testing.TB, path string) { must(t, os.Remove(path)) }, "7.00", "7.00"},
	{"is replaced", "changed while it was read", func(t testing.TB, path string) {
		must(t, os.WriteFile(path+".tmp", []byte(mospHeader+mospRow(27, "5000", "USD")), 0o600))
		must(t, os.Rename(path+".tmp", path))
	}, "5000.00", "7.00"},
	{"is written over with as many bytes", "written to", func(t testing.TB, path string) {
		data, err := os.ReadFile(path)
		must(t, err)
		must(t, os.WriteFile(path, bytes.ReplaceAll(data, []byte("2026-03-01"), []byte("2026-03-02")), 0o600))
		later := time.Now().Add(time.Second) // on a fast machine the clock of the disk may not have moved
		must(t, os.Chtimes(path, later, later))
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
	old := mospHeader + mospRow(1, "7", "USD")
	fresh := mospHeader + strings.Repeat(mospRow(1, "1", "USD"), 2000)
	const part = "cost/daily/20260301-20260331/" + run2 + "/part_0_0001.csv"
	for _, way := range ways {
		for _, at := range moments {
			t.Run(fmt.Sprintf("plain file %s %s", way.name, at.name), func(t *testing.T) {
				w := newWorkbench(t)
				w.put("usage.csv", old)
				w.put("deployments.json", goodDeployment)
				if _, err := w.ingest(); err != nil {
					t.Fatal(err)
				}
				w.put("usage.csv", fresh)
				w.opts.Progress = &meddler{stage: "load evidence", bytes: at.bytes, do: func() { way.do(t, filepath.Join(w.dir, "exports", "usage.csv")) }}
				w.spoiled("usage.csv", way.says, "7.00", way.plain)
			})
			t.Run(fmt.Sprintf("part %s %s", way.name, at.name), func(t *testing.T) {
				w := newWorkbench(t)
				w.putRun(run1, "2026-03-02T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-01T00:00:00Z", "1", old)
				if _, err := w.ingest(); err != nil {
					t.Fatal(err)
				}
				w.putRun(run2, "2026-03-03T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-02T00:00:00Z", "null", fresh)
				w.opts.Progress = &meddler{stage: "load usage", bytes: at.bytes, do: func() { way.do(t, filepath.Join(w.dir, "exports", part)) }}
				w.spoiled(part, way.says, "7.00", way.part)
			})
		}
	}
}

// spoiled runs a night in which a file changes, and the next one.
func (w *workbench) spoiled(name, says, money, after string) {
	w.t.Helper()
	r, err := w.ingest()
	if err != nil {
		w.t.Fatal(err)
	}
	if f := status(w.t, r, name); f.Status != StatusFailed || !strings.Contains(f.Reason, says) || f.Loaded != 0 || f.Rejected != 0 {
		w.t.Errorf("%+v", f)
	}
	if !r.Partial() {
		w.t.Error("nobody is told")
	}
	if got := w.money(); got != money {
		w.t.Errorf("the ledger has %s, expected what it had before: %s", got, money)
	}
	w.opts.Progress = quiet{}
	if _, err := w.ingest(); err != nil {
		w.t.Fatal(err)
	}
	if got := w.money(); got != after {
		w.t.Errorf("after the next run %s, expected %s", got, after)
	}
}

// Where the rows of a file decide about its cost basis, it is read twice; it may change in between.
func TestFileChangesBetweenTwoReadings(t *testing.T) {
	header := "Date,SubscriptionId,ResourceGroup,ResourceId,MeterCategory,MeterId,Quantity,CostInBillingCurrency,BillingCurrency,ChargeType,ReservationId,PricingModel\n"
	row := "03/01/2026,0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0,rg,/subscriptions/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm,Virtual Machines,m1,1,1,USD,Usage,11111111-2222-3333-4444-555555555555,Reservation\n"
	w := newWorkbench(t)
	w.put("usage.csv", header+strings.Repeat(row, 10))
	readings := 0
	p := &counter{add: func() {
		if readings++; readings == 2 {
			must(t, os.WriteFile(filepath.Join(w.dir, "exports", "usage.csv"), []byte(header+row), 0o600))
		}
	}}
	w.opts.Progress = p
	r, err := w.ingest()
	if err != nil {
		t.Fatal(err)
	}
	if readings < 2 {
		t.Fatalf("the file was read %d times: the test tests nothing", readings)
	}
	if f := status(t, r, "usage.csv"); f.Status != StatusFailed || !strings.Contains(f.Reason, "changed while it was read") {
		t.Errorf("%+v", f)
	}
}

// counter is a Progress that does something whenever bytes were read.
type counter struct {
	quiet
	add func()
}

func (c *counter) Add(_, bytes int64) {
	if bytes > 0 {
		c.add()
	}
}

// Evidence of a file that changes is not merged either.
func TestEvidenceChangesWhileItIsRead(t *testing.T) {
	w := newWorkbench(t)
	w.put("deployments.json", goodDeployment)
	path := filepath.Join(w.dir, "exports", "deployments.json")
	w.opts.Progress = &meddler{stage: "load evidence", bytes: true, do: func() { must(t, os.Truncate(path, 40)) }}
	r, err := w.ingest()
	if err != nil {
		t.Fatal(err)
	}
	if f := status(t, r, "deployments.json"); f.Status != StatusFailed || !strings.Contains(f.Reason, "changed") {
		t.Errorf("%+v", f)
	}
	if n := w.count("deployments"); n != 0 {
		t.Errorf("%d deployments are in the ledger", n)
	}
	w.put("deployments.json", goodDeployment)
	w.opts.Progress = quiet{}
	if _, err := w.ingest(); err != nil || w.count("deployments") != 1 {
		t.Errorf("%v, %d deployments", err, w.count("deployments"))
	}
	must(t, os.Remove(path))
	if _, err := w.ingest(); err != nil {
		t.Fatal(err)
	}
}

// count counts the rows of a table of the ledger.
func (w *workbench) count(table string) int64 {
	w.t.Helper()
	l, err := Open(w.t.Context(), w.opts)
	must(w.t, err)
	defer l.Close()
	n, err := l.DB.Count(w.t.Context(), "select count(*) from "+table)
	must(w.t, err)
	return n
}

// A manifest without sizes cannot tell that a part was still being copied. When the part has grown, the run is read again.
func TestPartStillBeingCopied(t *testing.T) {
	w := newWorkbench(t)
	const folder = "cost/daily/20260301-20260331/" + run1 + "/"
	text := strings.Replace(manifest(run1, "2026-03-03T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-02T00:00:00Z", "null", 0), `,"byteCount":0`, "", 1)
	w.put(folder+"manifest.json", text)
	w.put(folder+"part_0_0001.csv", mospHeader+mospRow(1, "1", "USD"))
	if _, err := w.ingest(); err != nil || w.money() != "1.00" {
		t.Fatal(err, w.money())
	}
	w.put(folder+"part_0_0001.csv", mospHeader+mospRow(1, "1", "USD")+mospRow(2, "2", "USD"))
	if _, err := w.ingest(); err != nil || w.money() != "3.00" {
		t.Errorf("%v, the ledger has %s", err, w.money())
	}
}

// What failed and is not there any longer is forgotten; what was loaded stays.
func TestFailedFileIsDeleted(t *testing.T) {
	w := newWorkbench(t)
	w.put("good.csv", mospHeader+mospRow(1, "1", "USD"))
	w.put("bad.csv", mospHeader+mospRow(1, "x", "USD"))
	if _, err := w.ingest(); err != nil || w.count("files") != 2 || w.count("rejects") != 1 {
		t.Fatal(err, w.count("files"), w.count("rejects"))
	}
	must(t, os.Remove(filepath.Join(w.dir, "exports", "bad.csv")))
	if _, err := w.ingest(); err != nil || w.count("files") != 1 || w.count("rejects") != 0 || w.money() != "1.00" {
		t.Error(err, w.count("files"), w.count("rejects"))
	}
}
