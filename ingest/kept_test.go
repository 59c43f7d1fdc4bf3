package ingest

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/queries/engine"

	"github.com/pidledger/pidledger/testdata/faults"
)

// flipAll flips a bit in the middle of every file that a pattern below the ledger names.
func (w *workbench) flipAll(pattern string) {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(w.opts.Folder, pattern))
	if err != nil || len(files) == 0 {
		w.t.Fatalf("no file %s (%v)", pattern, err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		must(w.t, err)
		data[len(data)/2] ^= 4
		must(w.t, os.WriteFile(name, data, 0o600))
	}
}

// damagedSlice opens the ledger as a report does and returns why its usage cannot be read.
func (w *workbench) damagedSlice() *DamagedFileError {
	w.t.Helper()
	l, err := Open(w.t.Context(), w.opts)
	must(w.t, err)
	defer l.Close()
	var damaged *DamagedFileError
	if err := l.Usage.All(w.t.Context()); !errors.As(err, &damaged) {
		w.t.Fatalf("read without a word: %v", err)
	}
	return damaged
}

// A damaged slice is read again from its source, of an export run, of a plain file and of a pack, and the ledger is as before.
func TestDamagedSliceIsReadAgain(t *testing.T) {
	packsFrom(t, 16)
	for name, damage := range map[string]func(w *workbench){
		"a flipped bit": func(w *workbench) { w.flipAll("usage/*/*.parquet") },
		"a cut file": func(w *workbench) {
			files, err := filepath.Glob(filepath.Join(w.opts.Folder, "usage/*/*.parquet"))
			must(w.t, err)
			for _, f := range files {
				must(w.t, os.Truncate(f, 100))
			}
		},
		"lost folders": func(w *workbench) {
			for _, f := range w.folders() {
				must(w.t, os.RemoveAll(filepath.Join(w.opts.Folder, usageFolder, f)))
			}
		},
		"a file more": func(w *workbench) {
			for _, f := range w.folders() {
				part := filepath.Join(w.opts.Folder, usageFolder, f, "part-0001.parquet")
				must(w.t, os.Link(part, filepath.Join(filepath.Dir(part), "part-0009.parquet")))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorkbench(t)
			w.putRun(run1, "2026-03-20T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "2", mospHeader+mospRow(1, "1", "USD")+mospRow(4, "2", "USD"))
			w.put("large.csv", mospHeader+strings.Repeat(ofOther(mospRow(1, "1", "USD")), 600))
			w.putSmall(packFrom)
			_, err := w.ingest()
			must(t, err)
			want, money := w.content(), w.money()
			damage(w)
			if e := w.damagedSlice(); !strings.Contains(e.Error(), "usage") || !strings.Contains(e.Try(), "pidledger run") {
				t.Errorf("%v, %s", e, e.Try())
			}
			r, err := w.ingest()
			must(t, err)
			if !strings.Contains(strings.Join(r.Notes, "\n"), "its usage was read again") {
				t.Errorf("nothing was said: %v", r.Notes)
			}
			if got := w.money(); got != money {
				t.Errorf("%s, not %s", got, money)
			}
			compareContent(t, "healed", w.content(), want)
			if r, err = w.ingest(); err != nil || len(r.Notes) > 0 || r.Rows > 0 {
				t.Errorf("the night after: %v, %d rows, %v", r.Notes, r.Rows, err)
			}
		})
	}
}

// A damaged slice whose source is gone stops what needs it, says what is lost and how it can be had again; delivered again it is as before.
func TestDamagedSliceWithoutSource(t *testing.T) {
	w := newWorkbench(t)
	put := func() {
		w.putRun(run1, "2026-03-20T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "2", mospHeader+mospRow(1, "1", "USD")+mospRow(4, "2", "USD"))
	}
	put()
	w.put("plain.csv", mospHeader+ofOther(mospRow(7, "4", "USD")))
	l := w.night(1)
	must(t, l.Usage.CountDays(t.Context()))
	must(t, l.Close())
	want := w.money()
	must(t, os.RemoveAll(filepath.Join(w.dir, "exports")))
	must(t, os.Mkdir(filepath.Join(w.dir, "exports"), 0o700))
	w.flipAll("usage/*/*.parquet")
	r, err := w.ingest()
	must(t, err)
	notes := strings.Join(r.Notes, "\n")
	for _, part := range []string{"export daily, run " + run1 + ", days 2026-03-01 to 2026-03-04", "the file exports/plain.csv, days 2026-03-07 to 2026-03-07",
		"pidledger forget --run " + run1, "pidledger forget --file exports/plain.csv", "restore it from a copy of the ledger"} {
		if !strings.Contains(notes, part) {
			t.Errorf("%s\ndo not say %q", notes, part)
		}
	}
	e := w.damagedSlice()
	if !strings.Contains(e.File, filepath.Join(w.opts.Folder, usageFolder)) || e.Hold == "" {
		t.Errorf("%+v", e)
	}
	put()
	w.put("plain.csv", mospHeader+ofOther(mospRow(7, "4", "USD")))
	_, err = w.ingest()
	must(t, err)
	if got := w.money(); got != want {
		t.Errorf("delivered again: %s, not %s", got, want)
	}
}

// What is damaged and cannot be had again can be taken back; a customer is not forgotten while nobody can tell what the file holds of theirs.
func TestForgetDamagedSlice(t *testing.T) {
	w := newWorkbench(t)
	w.put("plain.csv", mospHeader+mospRow(7, "4", "USD"))
	w.put("other.csv", mospHeader+ofOther(mospRow(7, "8", "USD")))
	_, err := w.ingest()
	must(t, err)
	w.flipAll("usage/*/*.parquet")
	_, err = ForgetFrom(t.Context(), w.opts, w.run.Sources, Forget{Subscriptions: []string{packedOne}}, true)
	var damaged *DamagedFileError
	if !errors.As(err, &damaged) {
		t.Errorf("forgot a customer of a damaged file: %v", err)
	}
	f, err := ForgetFrom(t.Context(), w.opts, w.run.Sources, Forget{Files: []string{"exports/plain.csv"}}, true)
	must(t, err)
	if !f.Done || f.Slices != 1 {
		t.Errorf("%+v", f)
	}
}

// Files are read again only when they were touched: a bit that changes without a trace is for Check to find.
func TestVerifiedOnce(t *testing.T) {
	w := newPlainLedger(t)
	files, err := filepath.Glob(filepath.Join(w.opts.Folder, "usage/*/*.parquet"))
	must(t, err)
	info, err := os.Stat(files[0])
	must(t, err)
	w.flipAll("usage/*/*.parquet")
	must(t, os.Chtimes(files[0], info.ModTime(), info.ModTime()))
	l, err := Open(t.Context(), w.opts)
	must(t, err)
	if damaged, err := l.Store.verifyUsage(t.Context()); err != nil || len(damaged) > 0 {
		t.Errorf("read without need: %v, %v", damaged, err)
	}
	must(t, l.Close())
	c, err := Check(t.Context(), w.opts)
	must(t, err)
	if len(c.Damaged) != 1 || c.Damaged[0].Path != files[0] || !strings.Contains(c.Damaged[0].Holds, "exports/plain.csv") {
		t.Errorf("%+v", c)
	}

	must(t, os.Chtimes(files[0], info.ModTime(), info.ModTime().Add(1)))
	w.flipAll("usage/*/*.parquet") // back
	if c, err = Check(t.Context(), w.opts); err != nil || len(c.Damaged) > 0 || c.Files != 3 {
		t.Errorf("%+v, %v", c, err)
	}
	l, err = Open(t.Context(), w.opts)
	must(t, err)
	defer l.Close()
	must(t, l.Usage.All(t.Context()))
	info, err = os.Stat(files[0])
	must(t, err)
	for _, s := range l.Store.kept["usage/"+w.folders()[0]] {
		if s.modified != info.ModTime().UnixNano() {
			t.Error("what was found to be right is not remembered")
		}
	}
}

// The ledger of an older pidledger, which knew no hashes, is taken as it is, once.
func TestLedgerWithoutHashes(t *testing.T) {
	w := newPlainLedger(t)
	l, err := Open(t.Context(), w.opts)
	must(t, err)
	must(t, l.DB.Exec(t.Context(), "delete from ledger_files"))
	must(t, l.Close())
	if got := w.money(); got != "4.00" {
		t.Error(got)
	}
	w.flipAll("usage/*/*.parquet")
	w.damagedSlice()
}

// listed lists every file of a ledger but those that say who is at work.
func (w *workbench) listed() (names []string) {
	w.t.Helper()
	must(w.t, filepath.WalkDir(filepath.Join(w.opts.Folder, usageFolder), func(path string, d fs.DirEntry, err error) error {
		names = append(names, path)
		return err
	}))
	return names
}

func copyOf(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		must(t, os.RemoveAll(to))
		return
	}
	must(t, err)
	defer in.Close()
	out, err := os.Create(to)
	must(t, err)
	_, err = io.Copy(out, in)
	must(t, errors.Join(err, out.Close()))
}

// A database that does not belong to the slices beside it is refused by everything, and nothing is swept: that of another ledger, an older copy of this
// one, and one that somebody put beside slices that it never knew.
func TestForeignDatabase(t *testing.T) {
	tally := faults.Count(t, "lost files")
	other := newWorkbench(t)
	other.put("other.csv", mospHeader+mospRow(1, "1", "USD"))
	_, err := other.ingest()
	must(t, err)
	for name, swap := range map[string]func(w *workbench){
		"another ledger's": func(w *workbench) {
			for _, end := range []string{"", ".wal"} {
				copyOf(t, filepath.Join(other.opts.Folder, databaseFile+end), filepath.Join(w.opts.Folder, databaseFile+end))
			}
		},
		"another ledger's, without ledger.id": func(w *workbench) {
			for _, end := range []string{"", ".wal"} {
				copyOf(t, filepath.Join(other.opts.Folder, databaseFile+end), filepath.Join(w.opts.Folder, databaseFile+end))
			}
			must(t, os.Remove(filepath.Join(w.opts.Folder, identityFile)))
		},
		"an older copy": func(w *workbench) {
			aside := t.TempDir()
			for _, end := range []string{"", ".wal"} {
				copyOf(t, filepath.Join(w.opts.Folder, databaseFile+end), filepath.Join(aside, databaseFile+end))
			}
			w.put("later.csv", mospHeader+mospRow(9, "9", "USD"))
			_, err := w.ingest()
			must(t, err)
			for _, end := range []string{"", ".wal"} {
				copyOf(t, filepath.Join(aside, databaseFile+end), filepath.Join(w.opts.Folder, databaseFile+end))
			}
		},
		"slices of somebody else": func(w *workbench) {
			must(t, os.CopyFS(filepath.Join(w.opts.Folder, usageFolder), os.DirFS(filepath.Join(other.opts.Folder, usageFolder))))
		},
	} {
		t.Run(name, func(t *testing.T) {
			tally.Watch(t, "the database beside the slices is "+name)
			w := newPlainLedger(t)
			swap(w)
			before := w.listed()
			for range 2 {
				_, err := Open(t.Context(), w.opts)
				var foreign *ForeignDatabaseError
				var unknown *UnknownFolderError
				if !errors.As(err, &foreign) && !errors.As(err, &unknown) {
					t.Fatalf("opened: %v", err)
				}
				var way interface{ Try() string }
				if !errors.As(err, &way) || !strings.Contains(way.Try(), "restore") || !strings.Contains(err.Error(), databaseFile) {
					t.Errorf("%v", err)
				}
			}
			c, err := Check(t.Context(), w.opts)
			if err != nil || len(c.Damaged) == 0 {
				t.Errorf("the check finds nothing: %+v, %v", c, err)
			}
			if after := w.listed(); !slices.Equal(before, after) {
				t.Errorf("%v became %v", before, after)
			}
		})
	}
}

// What a run that was killed left is known and swept: the catalog knew it before it was there. What is no data of anybody stays.
func TestSweptIsKnown(t *testing.T) {
	w := newPlainLedger(t)
	l, err := Open(t.Context(), w.opts)
	must(t, err)
	staged := l.path(stagingFolder, "killed")
	must(t, os.CopyFS(staged, os.DirFS(l.path(usageFolder, w.folders()[0]))))
	must(t, l.Store.moveIn(t.Context(), map[string]string{"killed": staged}))
	must(t, os.Mkdir(l.path(usageFolder, "lost+found"), 0o700))
	must(t, l.Close())
	if got := w.money(); got != "4.00" {
		t.Error(got)
	}
	if got := w.folders(); len(got) != 2 || slices.Contains(got, "killed") {
		t.Errorf("%v", got)
	}
	l, err = Look(t.Context(), w.opts)
	must(t, err)
	defer l.Close()
	if n, err := l.DB.Count(t.Context(), "select count(*) from ledger_files"); err != nil || n != 1 {
		t.Errorf("%d files are known, %v", n, err)
	}
}

// A copy of a ledger is one when nobody was at work on it, or was killed on the same disk; else it is refused.
func TestCopiedLedger(t *testing.T) {
	w := newPlainLedger(t)
	copied := func(name string) *workbench {
		c := *w
		c.opts.Folder = filepath.Join(t.TempDir(), name)
		must(t, os.CopyFS(c.opts.Folder, os.DirFS(w.opts.Folder)))
		return &c
	}
	refused := func(c *workbench, why string) {
		t.Helper()
		for _, open := range []func() (*Ledger, error){
			func() (*Ledger, error) { return Open(t.Context(), c.opts) }, func() (*Ledger, error) { return Look(t.Context(), c.opts) },
		} {
			var foreign *ForeignDatabaseError
			if _, err := open(); !errors.As(err, &foreign) || !strings.Contains(foreign.Why, why) {
				t.Errorf("%v, not %s", err, why)
			}
		}
	}
	if got := copied("still").money(); got != "4.00" {
		t.Error(got)
	}
	before := copied("before") // of which parts are copied before the run begins
	l, err := Open(t.Context(), w.opts)
	must(t, err)
	during := copied("during")
	w.put("later.csv", mospHeader+mospRow(9, "9", "USD"))
	_, err = Ingest(t.Context(), l, w.nightOptions())
	must(t, err)
	for _, end := range []string{"", ".wal"} {
		copyOf(t, l.path(databaseFile+end), filepath.Join(before.opts.Folder, databaseFile+end))
	}
	must(t, l.DB.Close()) // and killed
	must(t, l.lock.Close())
	refused(during, "copied while a run was at work")
	refused(before, "not as the last run left it")
	if got := w.money(); got != "13.00" {
		t.Errorf("killed in its place: %s", got)
	}
	damaged := copied("damaged")
	f, err := os.OpenFile(filepath.Join(damaged.opts.Folder, databaseFile), os.O_RDWR, 0)
	must(t, err)
	_, err = f.WriteAt([]byte("x"), 300_000)
	must(t, errors.Join(err, f.Close()))
	refused(damaged, "the copy is damaged")
}

// The note of what was published is believed only as it was written.
func TestDamagedNote(t *testing.T) {
	w := newWorkbench(t)
	w.put("plain.csv", mospHeader+mospRow(7, "4", "USD"))
	l := w.night(1)
	defer l.Close()
	must(t, l.SetPublished(Published{State: "s", RunID: "r", Summary: []byte(`{"cost":"12.5","text":"a<b"}`)}))
	if p, err := l.Published(); err != nil || p == nil || p.RunID != "r" {
		t.Fatal(p, err)
	}
	data, err := os.ReadFile(l.path(publishedFile))
	must(t, err)
	must(t, os.WriteFile(l.path(publishedFile), []byte(strings.Replace(string(data), "12.5", "13.5", 1)), 0o600))
	if p, err := l.Published(); err != nil || p != nil {
		t.Error("a changed note is believed", p, err)
	}
}

// A database that the engine finds damaged is named with the way out.
func TestDamagedDatabase(t *testing.T) {
	w := newPlainLedger(t)
	f, err := os.OpenFile(filepath.Join(w.opts.Folder, databaseFile), os.O_RDWR, 0)
	must(t, err)
	_, err = f.WriteAt([]byte("no database"), 0)
	must(t, errors.Join(err, f.Close()))
	_, err = Open(t.Context(), w.opts)
	var damaged *DamagedDatabaseError
	if !errors.As(err, &damaged) || !strings.Contains(damaged.Try(), "restore") || !engine.IsDamage(err) {
		t.Errorf("%v", err)
	}
}

// newPlainLedger is a workbench whose ledger has read one usage file.
func newPlainLedger(t *testing.T) *workbench {
	t.Helper()
	w := newWorkbench(t)
	w.put("plain.csv", mospHeader+mospRow(7, "4", "USD"))
	_, err := w.ingest()
	must(t, err)
	return w
}
