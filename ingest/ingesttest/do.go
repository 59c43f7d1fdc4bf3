package ingesttest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/forget"
	"github.com/pidledger/pidledger/ingest/ledger"
)

func Manifest(run, submitted, frame, start, end string, rows string, size int) string {
	return fmt.Sprintf(`{"manifestVersion":"2024-04-01","dataRowCount":%s,"exportConfig":{"exportName":"daily","resourceId":"/subscriptions/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/providers/Microsoft.CostManagement/exports/daily","type":"Usage","timeFrame":%q},"runInfo":{"runId":%q,"submittedTime":%q,"startDate":%q,"endDate":%q},"blobs":[{"blobName":"daily/20260301-20260331/%s/part_0_0001.csv","byteCount":%d}]}`,
		rows, frame, run, submitted, start, end, run, size)
}

func (w *Workbench) PutRun(run, submitted, frame, start, end, rows, content string) {
	folder := "cost/daily/20260301-20260331/" + run + "/"
	w.Put(folder+"part_0_0001.csv", content)
	w.Put(folder+"manifest.json", Manifest(run, submitted, frame, start, end, rows, len(content)))
}

// Meddler is a Progress that does something to the exports at a moment of the run.
type Meddler struct {
	Quiet
	once  sync.Once
	At    string // when this stage begins ...
	Bytes bool   // ... or when bytes were read in it
	Do    func()

	mu  sync.Mutex
	now string
}

func (m *Meddler) Stage(name, _ string) {
	m.mu.Lock()
	m.now = name
	m.mu.Unlock()
	if name == m.At && !m.Bytes {
		m.once.Do(m.Do)
	}
}

func (m *Meddler) Add(_, bytes int64) {
	m.mu.Lock()
	due := m.Bytes && bytes > 0 && m.now == m.At
	m.mu.Unlock()
	if due {
		m.once.Do(m.Do)
	}
}

// Spoiled runs a night in which a file changes, and the next one.
func (w *Workbench) Spoiled(name, says, money, after string) {
	w.T.Helper()
	r, err := w.Ingest()
	if err != nil {
		w.T.Fatal(err)
	}
	if f := Status(w.T, r, name); f.Status != ledger.StatusFailed || !strings.Contains(f.Reason, says) || f.Loaded != 0 || f.Rejected != 0 {
		w.T.Errorf("%+v", f)
	}
	if !r.Partial() {
		w.T.Error("nobody is told")
	}
	if got := w.Money(); got != money {
		w.T.Errorf("the ledger has %s, expected what it had before: %s", got, money)
	}
	w.Opts.Progress = Quiet{}
	if _, err := w.Ingest(); err != nil {
		w.T.Fatal(err)
	}
	if got := w.Money(); got != after {
		w.T.Errorf("after the next run %s, expected %s", got, after)
	}
}

// IngestUntil is a run that is ended when it comes to a stage.
func (w *Workbench) IngestUntil(stage string) {
	w.T.Helper()
	ctx, cancel := context.WithCancel(w.T.Context())
	w.Opts.Progress = &Meddler{At: stage, Do: cancel}
	l, err := ledger.Open(w.T.Context(), w.Opts)
	Must(w.T, err)
	_, err = Run(ctx, l, w.NightOptions())
	Must(w.T, l.Close())
	if !errors.Is(err, context.Canceled) {
		w.T.Fatal(err)
	}
}

// Forget takes something back for good.
func (w *Workbench) Forget(what forget.What) *forget.Forgotten {
	w.T.Helper()
	f, err := forget.From(w.T.Context(), w.Opts, w.Run.Sources, what, true)
	if err != nil {
		w.T.Fatal(err)
	}
	return f
}

// FlipAll flips a bit in the middle of every file that a pattern below the ledger names.
func (w *Workbench) FlipAll(pattern string) {
	w.T.Helper()
	files, err := filepath.Glob(filepath.Join(w.Opts.Folder, pattern))
	if err != nil || len(files) == 0 {
		w.T.Fatalf("no file %s (%v)", pattern, err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		Must(w.T, err)
		data[len(data)/2] ^= 4
		Must(w.T, os.WriteFile(name, data, 0o600))
	}
}

// DamagedSlice opens the ledger as a report does and returns why its usage cannot be read.
func (w *Workbench) DamagedSlice() *ledger.DamagedFileError {
	w.T.Helper()
	l, err := ledger.Open(w.T.Context(), w.Opts)
	Must(w.T, err)
	defer l.Close()
	var damaged *ledger.DamagedFileError
	if err := l.Usage.All(w.T.Context()); !errors.As(err, &damaged) {
		w.T.Fatalf("read without a word: %v", err)
	}
	return damaged
}

// PutSmall puts n files of one row each, every third of another subscription.
func (w *Workbench) PutSmall(n int) {
	for i := range n {
		row := MOSPRow(1+i%28, fmt.Sprint(i+1), "USD")
		if i%3 == 0 {
			row = OfOther(row)
		}
		w.Put(fmt.Sprintf("small-%03d.csv", i), MOSPHeader+row)
	}
}

// Night opens the ledger at an hour, reads what is new, and closes it without a word about the end of the run.
func (w *Workbench) Night(hour int) *ledger.Ledger {
	w.T.Helper()
	w.Opts.Now = func() time.Time { return time.Date(2026, 5, 3, hour, 0, 0, 0, time.UTC) }
	w.Opts.Command = "run"
	l, err := ledger.Open(w.T.Context(), w.Opts)
	if err != nil {
		w.T.Fatal(err)
	}
	if _, err := Run(w.T.Context(), l, w.NightOptions()); err != nil {
		w.T.Fatal(err)
	}
	return l
}

// Run reads what is new in the sources into a ledger: the reading part of a night, without what stands around it.
func Run(ctx context.Context, l *ledger.Ledger, o ingest.Options) (*ingest.Result, error) {
	run, err := l.Begin(ctx)
	if err != nil {
		return nil, err
	}
	w := ingest.Prepare(l, run, o)
	for _, stage := range []ingest.Stage{ingest.List, ingest.Settle, ingest.Choose, ingest.LoadUsage, ingest.LoadEvidence, ingest.Commit} {
		o.Progress.Stage(stage.Name, "files")
		if err := w.Do(ctx, stage); err != nil {
			return nil, err
		}
	}
	return w.Result(ctx)
}
