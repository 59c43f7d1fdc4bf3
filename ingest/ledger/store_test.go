package ledger_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/forget"
	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/testdata/faults"
)

// A damaged slice is read again from its source, of an export run, of a plain file and of a pack, and the ledger is as before.
func TestDamagedSliceIsReadAgain(t *testing.T) {
	ingesttest.PacksFrom(t, 16)
	for name, damage := range map[string]func(w *ingesttest.Workbench){
		"a flipped bit": func(w *ingesttest.Workbench) { w.FlipAll("usage/*/*.parquet") },
		"a cut file": func(w *ingesttest.Workbench) {
			files, err := filepath.Glob(filepath.Join(w.Opts.Folder, "usage/*/*.parquet"))
			ingesttest.Must(w.T, err)
			for _, f := range files {
				ingesttest.Must(w.T, os.Truncate(f, 100))
			}
		},
		"lost folders": func(w *ingesttest.Workbench) {
			for _, f := range w.Folders() {
				ingesttest.Must(w.T, os.RemoveAll(filepath.Join(w.Opts.Folder, ledger.UsageFolder, f)))
			}
		},
		"a file more": func(w *ingesttest.Workbench) {
			for _, f := range w.Folders() {
				part := filepath.Join(w.Opts.Folder, ledger.UsageFolder, f, "part-0001.parquet")
				ingesttest.Must(w.T, os.Link(part, filepath.Join(filepath.Dir(part), "part-0009.parquet")))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := ingesttest.New(t)
			w.PutRun(ingesttest.Run1, "2026-03-20T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "2", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD")+ingesttest.MOSPRow(4, "2", "USD"))
			w.Put("large.csv", ingesttest.MOSPHeader+strings.Repeat(ingesttest.OfOther(ingesttest.MOSPRow(1, "1", "USD")), 600))
			w.PutSmall(ingest.PackFrom)
			_, err := w.Ingest()
			ingesttest.Must(t, err)
			want, money := w.Content(), w.Money()
			damage(w)
			if e := w.DamagedSlice(); !strings.Contains(e.Error(), "usage") || !strings.Contains(e.Try(), "pidledger run") {
				t.Errorf("%v, %s", e, e.Try())
			}
			r, err := w.Ingest()
			ingesttest.Must(t, err)
			if !strings.Contains(strings.Join(r.Notes, "\n"), "its usage was read again") {
				t.Errorf("nothing was said: %v", r.Notes)
			}
			if got := w.Money(); got != money {
				t.Errorf("%s, not %s", got, money)
			}
			ingesttest.CompareContent(t, "healed", w.Content(), want)
			if r, err = w.Ingest(); err != nil || len(r.Notes) > 0 || r.Rows > 0 {
				t.Errorf("the night after: %v, %d rows, %v", r.Notes, r.Rows, err)
			}
		})
	}
}

// A damaged slice whose source is gone stops what needs it, says what is lost and how it can be had again; delivered again it is as before.
func TestDamagedSliceWithoutSource(t *testing.T) {
	w := ingesttest.New(t)
	put := func() {
		w.PutRun(ingesttest.Run1, "2026-03-20T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "2", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD")+ingesttest.MOSPRow(4, "2", "USD"))
	}
	put()
	w.Put("plain.csv", ingesttest.MOSPHeader+ingesttest.OfOther(ingesttest.MOSPRow(7, "4", "USD")))
	l := w.Night(1)
	ingesttest.Must(t, l.Usage.CountDays(t.Context()))
	ingesttest.Must(t, l.Close())
	want := w.Money()
	ingesttest.Must(t, os.RemoveAll(filepath.Join(w.Dir, "exports")))
	ingesttest.Must(t, os.Mkdir(filepath.Join(w.Dir, "exports"), 0o700))
	w.FlipAll("usage/*/*.parquet")
	r, err := w.Ingest()
	ingesttest.Must(t, err)
	notes := strings.Join(r.Notes, "\n")
	for _, part := range []string{"export daily, run " + ingesttest.Run1 + ", days 2026-03-01 to 2026-03-04", "the file exports/plain.csv, days 2026-03-07 to 2026-03-07",
		"pidledger forget --run " + ingesttest.Run1, "pidledger forget --file exports/plain.csv", "restore it from a copy of the ledger"} {
		if !strings.Contains(notes, part) {
			t.Errorf("%s\ndo not say %q", notes, part)
		}
	}
	e := w.DamagedSlice()
	if !strings.Contains(e.File, filepath.Join(w.Opts.Folder, ledger.UsageFolder)) || e.Hold == "" {
		t.Errorf("%+v", e)
	}
	put()
	w.Put("plain.csv", ingesttest.MOSPHeader+ingesttest.OfOther(ingesttest.MOSPRow(7, "4", "USD")))
	_, err = w.Ingest()
	ingesttest.Must(t, err)
	if got := w.Money(); got != want {
		t.Errorf("delivered again: %s, not %s", got, want)
	}
}

// What is damaged and cannot be had again can be taken back; a customer is not forgotten while nobody can tell what the file holds of theirs.
func TestForgetDamagedSlice(t *testing.T) {
	w := ingesttest.New(t)
	w.Put("plain.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(7, "4", "USD"))
	w.Put("other.csv", ingesttest.MOSPHeader+ingesttest.OfOther(ingesttest.MOSPRow(7, "8", "USD")))
	_, err := w.Ingest()
	ingesttest.Must(t, err)
	w.FlipAll("usage/*/*.parquet")
	_, err = forget.From(t.Context(), w.Opts, w.Run.Sources, forget.What{Subscriptions: []string{ingesttest.PackedOne}}, true)
	var damaged *ledger.DamagedFileError
	if !errors.As(err, &damaged) {
		t.Errorf("forgot a customer of a damaged file: %v", err)
	}
	f, err := forget.From(t.Context(), w.Opts, w.Run.Sources, forget.What{Files: []string{"exports/plain.csv"}}, true)
	ingesttest.Must(t, err)
	if !f.Done || f.Slices != 1 {
		t.Errorf("%+v", f)
	}
}

// Files are read again only when they were touched: a bit that changes without a trace is for Check to find.
func TestVerifiedOnce(t *testing.T) {
	w := newPlainLedger(t)
	files, err := filepath.Glob(filepath.Join(w.Opts.Folder, "usage/*/*.parquet"))
	ingesttest.Must(t, err)
	info, err := os.Stat(files[0])
	ingesttest.Must(t, err)
	w.FlipAll("usage/*/*.parquet")
	ingesttest.Must(t, os.Chtimes(files[0], info.ModTime(), info.ModTime()))
	l, err := ledger.Open(t.Context(), w.Opts)
	ingesttest.Must(t, err)
	if damaged, err := l.Store.VerifyUsage(t.Context()); err != nil || len(damaged) > 0 {
		t.Errorf("read without need: %v, %v", damaged, err)
	}
	ingesttest.Must(t, l.Close())
	c, err := ledger.Check(t.Context(), w.Opts)
	ingesttest.Must(t, err)
	if len(c.Damaged) != 1 || c.Damaged[0].Path != files[0] || !strings.Contains(c.Damaged[0].Holds, "exports/plain.csv") {
		t.Errorf("%+v", c)
	}

	ingesttest.Must(t, os.Chtimes(files[0], info.ModTime(), info.ModTime().Add(1)))
	w.FlipAll("usage/*/*.parquet") // back
	if c, err = ledger.Check(t.Context(), w.Opts); err != nil || len(c.Damaged) > 0 || c.Files != 3 {
		t.Errorf("%+v, %v", c, err)
	}
	l, err = ledger.Open(t.Context(), w.Opts)
	ingesttest.Must(t, err)
	defer l.Close()
	ingesttest.Must(t, l.Usage.All(t.Context()))
	info, err = os.Stat(files[0])
	ingesttest.Must(t, err)
	for _, at := range l.Store.Touched("usage/" + w.Folders()[0]) {
		if at != info.ModTime().UnixNano() {
			t.Error("what was found to be right is not remembered")
		}
	}
}

// The ledger of an older pidledger, which knew no hashes, is taken as it is, once.
func TestLedgerWithoutHashes(t *testing.T) {
	w := newPlainLedger(t)
	l, err := ledger.Open(t.Context(), w.Opts)
	ingesttest.Must(t, err)
	ingesttest.Must(t, l.DB.Exec(t.Context(), "delete from ledger_files"))
	ingesttest.Must(t, l.Close())
	if got := w.Money(); got != "4.00" {
		t.Error(got)
	}
	w.FlipAll("usage/*/*.parquet")
	w.DamagedSlice()
}

func copyOf(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		ingesttest.Must(t, os.RemoveAll(to))
		return
	}
	ingesttest.Must(t, err)
	defer in.Close()
	out, err := os.Create(to)
	ingesttest.Must(t, err)
	_, err = io.Copy(out, in)
	ingesttest.Must(t, errors.Join(err, out.Close()))
}

// A database that does not belong to the slices beside it is refused by everything, and nothing is swept: that of another ledger, an older copy of this
// one, and one that somebody put beside slices that it never knew.
func TestForeignDatabase(t *testing.T) {
	tally := faults.Count(t, "lost files")
	other := ingesttest.New(t)
	other.Put("other.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
	_, err := other.Ingest()
	ingesttest.Must(t, err)
	for name, swap := range map[string]func(w *ingesttest.Workbench){
		"another ledger's": func(w *ingesttest.Workbench) {
			for _, end := range []string{"", ".wal"} {
				copyOf(t, filepath.Join(other.Opts.Folder, ledger.DatabaseFile+end), filepath.Join(w.Opts.Folder, ledger.DatabaseFile+end))
			}
		},
		"another ledger's, without ledger.id": func(w *ingesttest.Workbench) {
			for _, end := range []string{"", ".wal"} {
				copyOf(t, filepath.Join(other.Opts.Folder, ledger.DatabaseFile+end), filepath.Join(w.Opts.Folder, ledger.DatabaseFile+end))
			}
			ingesttest.Must(t, os.Remove(filepath.Join(w.Opts.Folder, ledger.IdentityFile)))
		},
		"an older copy": func(w *ingesttest.Workbench) {
			aside := t.TempDir()
			for _, end := range []string{"", ".wal"} {
				copyOf(t, filepath.Join(w.Opts.Folder, ledger.DatabaseFile+end), filepath.Join(aside, ledger.DatabaseFile+end))
			}
			w.Put("later.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(9, "9", "USD"))
			_, err := w.Ingest()
			ingesttest.Must(t, err)
			for _, end := range []string{"", ".wal"} {
				copyOf(t, filepath.Join(aside, ledger.DatabaseFile+end), filepath.Join(w.Opts.Folder, ledger.DatabaseFile+end))
			}
		},
		"slices of somebody else": func(w *ingesttest.Workbench) {
			ingesttest.Must(t, os.CopyFS(filepath.Join(w.Opts.Folder, ledger.UsageFolder), os.DirFS(filepath.Join(other.Opts.Folder, ledger.UsageFolder))))
		},
	} {
		t.Run(name, func(t *testing.T) {
			tally.Watch(t, "the database beside the slices is "+name)
			w := newPlainLedger(t)
			swap(w)
			before := w.Listed()
			for range 2 {
				_, err := ledger.Open(t.Context(), w.Opts)
				var foreign *ledger.ForeignDatabaseError
				var unknown *ledger.UnknownFolderError
				if !errors.As(err, &foreign) && !errors.As(err, &unknown) {
					t.Fatalf("opened: %v", err)
				}
				var way interface{ Try() string }
				if !errors.As(err, &way) || !strings.Contains(way.Try(), "restore") || !strings.Contains(err.Error(), ledger.DatabaseFile) {
					t.Errorf("%v", err)
				}
			}
			c, err := ledger.Check(t.Context(), w.Opts)
			if err != nil || len(c.Damaged) == 0 {
				t.Errorf("the check finds nothing: %+v, %v", c, err)
			}
			if after := w.Listed(); !slices.Equal(before, after) {
				t.Errorf("%v became %v", before, after)
			}
		})
	}
}

// What a run that was killed left is known and swept: the catalog knew it before it was there. What is not ours stays.
func TestSweptIsKnown(t *testing.T) {
	w := newPlainLedger(t)
	l, err := ledger.Open(t.Context(), w.Opts)
	ingesttest.Must(t, err)
	staged := l.Path(ledger.StagingFolder, "killed")
	ingesttest.Must(t, os.CopyFS(staged, os.DirFS(l.Path(ledger.UsageFolder, w.Folders()[0]))))
	ingesttest.Must(t, l.Store.MoveIn(t.Context(), map[string]string{"killed": staged}))
	ingesttest.Must(t, os.Mkdir(l.Path(ledger.UsageFolder, "lost+found"), 0o700))
	ingesttest.Must(t, l.Close())
	if got := w.Money(); got != "4.00" {
		t.Error(got)
	}
	if got := w.Folders(); len(got) != 2 || slices.Contains(got, "killed") {
		t.Errorf("%v", got)
	}
	l, err = ledger.Look(t.Context(), w.Opts)
	ingesttest.Must(t, err)
	defer l.Close()
	if n, err := l.DB.Count(t.Context(), "select count(*) from ledger_files"); err != nil || n != 1 {
		t.Errorf("%d files are known, %v", n, err)
	}
}

// A copy of a ledger is one when nobody was at work on it, or was killed on the same disk; else it is refused.
func TestCopiedLedger(t *testing.T) {
	w := newPlainLedger(t)
	copied := func(name string) *ingesttest.Workbench {
		c := *w
		c.Opts.Folder = filepath.Join(t.TempDir(), name)
		ingesttest.Must(t, os.CopyFS(c.Opts.Folder, os.DirFS(w.Opts.Folder)))
		return &c
	}
	refused := func(c *ingesttest.Workbench, why string) {
		t.Helper()
		for _, open := range []func() (*ledger.Ledger, error){
			func() (*ledger.Ledger, error) { return ledger.Open(t.Context(), c.Opts) }, func() (*ledger.Ledger, error) { return ledger.Look(t.Context(), c.Opts) },
		} {
			var foreign *ledger.ForeignDatabaseError
			if _, err := open(); !errors.As(err, &foreign) || !strings.Contains(foreign.Why, why) {
				t.Errorf("%v, not %s", err, why)
			}
		}
	}
	if got := copied("still").Money(); got != "4.00" {
		t.Error(got)
	}
	before := copied("before") // of which parts are copied before the run begins
	l, err := ledger.Open(t.Context(), w.Opts)
	ingesttest.Must(t, err)
	during := copied("during")
	w.Put("later.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(9, "9", "USD"))
	_, err = ingesttest.Run(t.Context(), l, w.NightOptions())
	ingesttest.Must(t, err)
	for _, end := range []string{"", ".wal"} {
		copyOf(t, l.Path(ledger.DatabaseFile+end), filepath.Join(before.Opts.Folder, ledger.DatabaseFile+end))
	}
	ingesttest.Must(t, l.DB.Close()) // and killed
	ingesttest.Must(t, l.Unlock())
	refused(during, "copied while a run was at work")
	refused(before, "not what the last run left")
	if got := w.Money(); got != "13.00" {
		t.Errorf("killed in its place: %s", got)
	}
	damaged := copied("damaged")
	f, err := os.OpenFile(filepath.Join(damaged.Opts.Folder, ledger.DatabaseFile), os.O_RDWR, 0)
	ingesttest.Must(t, err)
	_, err = f.WriteAt([]byte("x"), 300_000)
	ingesttest.Must(t, errors.Join(err, f.Close()))
	refused(damaged, "the copy is damaged")
}

// A kill while the database file is rewritten leaves one that ledger.id accepts: the old file until the new one takes its place, and that one before
// ledger.id is written again.
func TestKilledWhileCompacting(t *testing.T) {
	for _, moment := range []string{"before the new file took its place", "after it"} {
		t.Run(moment, func(t *testing.T) {
			w := newPlainLedger(t)
			l, err := ledger.Open(t.Context(), w.Opts)
			ingesttest.Must(t, err)
			file, old := l.Path(ledger.DatabaseFile), filepath.Join(t.TempDir(), "old")
			ingesttest.Must(t, os.Link(file, old)) // the same inode
			if why, err := l.Compact(t.Context()); why != "" || err != nil {
				t.Fatalf("%s %v", why, err)
			}
			if moment != "after it" {
				ingesttest.Must(t, os.Rename(old, file))
			}
			ingesttest.Must(t, l.DB.Close()) // and killed
			ingesttest.Must(t, l.Unlock())
			if got := w.Money(); got != "4.00" {
				t.Error(got)
			}
			w.MustIngest()
		})
	}
}

// The note of what was published is believed only as it was written.
func TestDamagedNote(t *testing.T) {
	w := ingesttest.New(t)
	w.Put("plain.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(7, "4", "USD"))
	l := w.Night(1)
	defer l.Close()
	ingesttest.Must(t, l.SetPublished(ledger.Published{State: "s", RunID: "r", Summary: []byte(`{"cost":"12.5","text":"a<b"}`)}))
	if p, err := l.Published(); err != nil || p == nil || p.RunID != "r" {
		t.Fatal(p, err)
	}
	data, err := os.ReadFile(l.Path(ledger.PublishedFile))
	ingesttest.Must(t, err)
	ingesttest.Must(t, os.WriteFile(l.Path(ledger.PublishedFile), []byte(strings.Replace(string(data), "12.5", "13.5", 1)), 0o600))
	if p, err := l.Published(); err != nil || p != nil {
		t.Error("a changed note is believed", p, err)
	}
}

// A database that the engine finds damaged is named with the way out.
func TestDamagedDatabase(t *testing.T) {
	w := newPlainLedger(t)
	f, err := os.OpenFile(filepath.Join(w.Opts.Folder, ledger.DatabaseFile), os.O_RDWR, 0)
	ingesttest.Must(t, err)
	_, err = f.WriteAt([]byte("no database"), 0)
	ingesttest.Must(t, errors.Join(err, f.Close()))
	_, err = ledger.Open(t.Context(), w.Opts)
	var damaged *ledger.DamagedDatabaseError
	if !errors.As(err, &damaged) || !strings.Contains(damaged.Try(), "restore") || !engine.IsDamage(err) {
		t.Errorf("%v", err)
	}
}

// newPlainLedger is a workbench whose ledger has read one usage file.
func newPlainLedger(t *testing.T) *ingesttest.Workbench {
	t.Helper()
	w := ingesttest.New(t)
	w.Put("plain.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(7, "4", "USD"))
	_, err := w.Ingest()
	ingesttest.Must(t, err)
	return w
}
