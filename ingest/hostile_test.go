package ingest_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/testdata/faults"
)

// gzipped packs a text and, after it, so many megabytes of blanks.
func gzipped(t testing.TB, text string, megabytes int) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	blank := bytes.Repeat([]byte(" "), 1<<20)
	for range megabytes {
		_, more := z.Write(blank)
		err = errors.Join(err, more)
	}
	ingesttest.Must(t, errors.Join(err, z.Close()))
	return b.String()
}

func zipped(t testing.TB, name, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.Create(name)
	ingesttest.Must(t, err)
	_, err = f.Write([]byte(text))
	ingesttest.Must(t, errors.Join(err, z.Close()))
	return b.String()
}

// within puts text into the deployment of goodDeployment as a further property.
func within(value string) string {
	return strings.Replace(goodDeployment, `"outputResources":[]`, `"outputResources":[],"x":`+value, 1)
}

// line is goodDeployment as a line of JSON lines, with a further property.
func line(value string) string {
	return strings.TrimSuffix(strings.TrimPrefix(within(value), `{"value":[`), `]}`) + "\n"
}

// Whatever lies among the exports costs itself only, in bounded memory and with a reason that a person can read.
func TestHostileFiles(t *testing.T) {
	tally := faults.Count(t, "hostile files")
	row := ingesttest.MOSPRow(1, "1", "USD")
	wide := make([]string, 100_000)
	for i := range wide {
		wide[i] = fmt.Sprintf("c%d", i)
	}
	nested := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	cases := []struct {
		name, file, content string
		status              string
		loaded              int64
		says                string
	}{
		{"bomb", "bomb.csv.gz", gzipped(t, ingesttest.MOSPHeader+row, 100), ledger.StatusFailed, 0, "decompression bomb"},
		{"bomb in a JSON string", "bomb.json.gz", gzipped(t, `[{"a":"`, 100), ledger.StatusFailed, 0, "decompression bomb"},
		{"bomb in a bomb", "bomb2.csv.gz", gzipped(t, gzipped(t, ingesttest.MOSPHeader+row, 100), 0), ledger.StatusFailed, 0, "decompression bomb"},
		{"zip named .csv", "zip.csv", zipped(t, "usage.csv", ingesttest.MOSPHeader+row), ledger.StatusUnknown, 0, "unpack it"},
		{"lines of 1 MB", "long.json", strings.Repeat(line(`"`+strings.Repeat("z", 1<<20)+`"`), 3), ledger.StatusLoaded, 3, ""},
		{"a string of 20 MB", "string.json", within(`"` + strings.Repeat("y", 20<<20) + `"`), ledger.StatusLoaded, 1, ""},
		{"a cell of 1 MB", "long-cell.csv", ingesttest.MOSPHeader + strings.Repeat(row, 50) + strings.Replace(row, "Storage", "Storage"+strings.Repeat("z", 1<<20), 1), ledger.StatusLoaded, 50, ""},
		{"a correlation id of 1 MB in one line of many", "long-id.json", strings.Replace(line("1"), `"correlationId":"`, `"correlationId":"`+strings.Repeat("z", 1<<20), 1) + strings.Repeat(line("1"), 200), ledger.StatusLoaded, 200, ""},
		{"only opening brackets", "deep.json", strings.Repeat("[", 1<<20), ledger.StatusFailed, 0, "nested deeper"},
		{"only opening objects", "deeper.json", strings.Repeat(`{"a":`, 1<<20), ledger.StatusFailed, 0, "nested deeper"},
		{"a record nested deep", "record.json", within(nested), ledger.StatusFailed, 0, "too big depth"},
		{"one nested line of many", "lines.json", line(nested) + strings.Repeat(line("1"), 200), ledger.StatusLoaded, 200, ""},
		{"a list of a million numbers", "list.json", within("[" + strings.Repeat("1,", 1<<20) + "1]"), ledger.StatusFailed, 0, "record 1, line 1: the record holds more than 500,000 values"},
		{"one such line of many", "lists.json", line("["+strings.Repeat("1,", 1<<20)+"1]") + strings.Repeat(line("1"), 200), ledger.StatusLoaded, 200, ""},
		{"nothing but such lines", "many.json", strings.Repeat(line("["+strings.Repeat("1,", 1<<20)+"1]"), 25), ledger.StatusFailed, 0, "record 25, line 25: the record holds more than 500,000 values"},
		{"100,000 columns", "wide.csv", strings.TrimSpace(ingesttest.MOSPHeader) + "," + strings.Join(wide, ",") + "\n" + strings.TrimSpace(row) + strings.Repeat(",v", len(wide)) + "\n", ledger.StatusLoaded, 1, ""},
		{"100,000 columns of no meaning", "odd.csv", strings.Join(wide, ",") + "\n" + strings.Repeat("v,", len(wide)) + "\n", ledger.StatusUnknown, 0, "its columns are c0, c1"},
		{"NUL bytes", "nul.csv", strings.Repeat("\x00", 100_000), ledger.StatusUnknown, 0, "NUL bytes"},
		{"a header and NUL bytes", "half.csv", ingesttest.MOSPHeader + strings.Repeat("\x00", 100_000), ledger.StatusUnknown, 0, "NUL bytes"},
		{"a NUL byte in a cell", "cell.csv", ingesttest.MOSPHeader + strings.Repeat(row, 50) + strings.Replace(row, "Storage", "Sto\x00rage", 1), ledger.StatusLoaded, 51, ""},
		{"NUL and half a surrogate in a JSON string", "surrogate.json", within(`"a\u0000b\ud800c"`), ledger.StatusLoaded, 1, ""},
		{"bytes that are not UTF-8", "latin.csv", ingesttest.MOSPHeader + strings.Replace(row, "Storage", "Stor\xe9\x81ge", 1), ledger.StatusLoaded, 1, ""},
	}
	w := ingesttest.New(t)
	w.Run.MaxRejectRatio = 0.05
	for _, c := range cases {
		w.Put(c.file, c.content)
	}
	for name, head := range map[string]string{"sparse.csv": "", "sparse-header.csv": ingesttest.MOSPHeader + row} { // no 3 GB on the disk, and none in memory
		f, err := os.Create(filepath.Join(w.Dir, "exports", name))
		ingesttest.Must(t, err)
		_, err = f.WriteString(head)
		ingesttest.Must(t, errors.Join(err, f.Truncate(3<<30), f.Close()))
	}
	r, err := w.Ingest()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tally.Watch(t, "among the exports")
			f := ingesttest.Status(t, r, c.file)
			if f.Status != c.status || f.Loaded != c.loaded || !strings.Contains(f.Reason, c.says) {
				t.Errorf("%+v", f)
			}
			if len(f.Reason) > 400 {
				t.Errorf("a reason of %d bytes: %s", len(f.Reason), f.Reason)
			}
		})
	}
	for _, name := range []string{"sparse.csv", "sparse-header.csv"} {
		if f := ingesttest.Status(t, r, name); f.Status != ledger.StatusUnknown || !strings.Contains(f.Reason, "NUL") {
			t.Errorf("%+v", f)
		}
	}
}

// A name may hold whatever a file system allows; it is kept as text, and no two files become one.
func TestNamesOfFiles(t *testing.T) {
	tally := faults.Count(t, "hostile paths")
	w := ingesttest.New(t)
	w.Run.MaxRejectRatio = 0.5
	names := []string{"new\nline.csv", "esc\x1b[31mred.csv", `quote"'$(x);--.csv`, "pattern[1]*?.csv", "not\xffutf8.csv", "not\xfeutf8.csv", `not\xffutf8.csv`, "folder\xff/a.csv"}
	for i, name := range names {
		path := filepath.Join(w.Dir, "exports", name)
		ingesttest.Must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		if err := os.WriteFile(path, []byte(ingesttest.MOSPHeader+ingesttest.MOSPRow(i+1, "1", "USD")+ingesttest.MOSPRow(i+1, "x", "USD")), 0o600); err != nil {
			t.Skipf("SKIPPED: the file system does not take the name %q: %v", name, err)
		}
	}
	w.Put("cut\xff.csv.gz", "\x1f\x8b\x08\x00\x00") // its reason names the path
	for range 2 {
		r, err := w.Ingest()
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Files) != len(names)+1 {
			t.Errorf("%d files", len(r.Files))
		}
	}
	if n := w.Count("(select distinct path from files where status = 'loaded' and rows_loaded = 1)"); n != int64(len(names)) {
		t.Errorf("%d names in the ledger", n)
	}
	for range names {
		tally.Check("names", !t.Failed(), "")
	}
	l, err := ledger.Look(t.Context(), w.Opts)
	ingesttest.Must(t, err)
	defer l.Close()
	files, err := l.Files(t.Context())
	ingesttest.Must(t, err)
	data, err := json.Marshal(files)
	ingesttest.Must(t, err)
	var back []ledger.FileRecord
	if err := json.Unmarshal(data, &back); err != nil || bytes.Contains(data, []byte{0x1b}) {
		t.Errorf("%v: %s", err, data)
	}
	for i, f := range files {
		if back[i].Path != f.Path {
			t.Errorf("%q came back as %q", f.Path, back[i].Path)
		}
	}
}

// A file whose name is a pattern to the engine is read itself, not the files that the pattern fits.
func TestParquetNamedLikeAPattern(t *testing.T) {
	faults.Count(t, "hostile paths").Watch(t, "a pattern to the engine")
	w := ingesttest.New(t)
	from := filepath.Join(t.TempDir(), "x.parquet")
	l, err := ledger.Open(t.Context(), w.Opts)
	ingesttest.Must(t, err)
	for name, quantity := range map[string]string{"u1.parquet": "1", "u[1].parquet": "20", "uu.parquet": "300", "u*.parquet": "4000", "u?.parquet": "50000"} {
		_, err = l.DB.Write(t.Context(), "select '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0' as SubscriptionGuid, 'rg' as ResourceGroup, date '2026-03-01' as UsageDateTime, 'Storage' as MeterCategory, 'm' as MeterId, 1 as UsageQuantity, "+quantity+" as PreTaxCost, '' as InstanceId, 'USD' as Currency", from, "")
		ingesttest.Must(t, err)
		data, err := os.ReadFile(from)
		ingesttest.Must(t, err)
		w.Put(name, string(data))
	}
	ingesttest.Must(t, l.Close())
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
	if got := w.Money(); got != "54321.00" {
		t.Errorf("the ledger has %s", got)
	}
}

// So may the folder of the ledger be named.
func TestLedgerInAFolderNamedLikeAPattern(t *testing.T) {
	w := ingesttest.New(t)
	w.Opts.Folder = filepath.Join(w.Dir, "[prod]*", "ledger")
	w.Put("usage.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
	w.Put("deployments.json", goodDeployment)
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
	if got := w.Money(); got != "1.00" || w.Count("deployments") != 1 {
		t.Errorf("the ledger has %s and %d deployments", got, w.Count("deployments"))
	}
}

// Usage that the ledger counts and that is not there any longer must not be missing in the reports without a word.
func TestLedgerLostUsage(t *testing.T) {
	faults.Count(t, "lost files").Watch(t, "a usage slice")
	w := ingesttest.New(t)
	w.Put("usage.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
	parts, err := filepath.Glob(filepath.Join(w.Opts.Folder, ledger.UsageFolder, "*", "*.parquet"))
	if err != nil || len(parts) != 1 {
		t.Fatal(err, parts)
	}
	ingesttest.Must(t, os.Remove(parts[0]))
	l, err := ledger.Open(t.Context(), w.Opts)
	ingesttest.Must(t, err)
	defer l.Close()
	if err := l.Usage.All(t.Context()); err == nil || !strings.Contains(err.Error(), "restore") {
		t.Errorf("%v", err)
	}
}

// A manifest names files of its source only, whatever it says.
func TestManifestsThatLeaveTheirFolder(t *testing.T) {
	tally := faults.Count(t, "hostile paths")
	content := ingesttest.MOSPHeader + ingesttest.MOSPRow(1, "1", "USD")
	outside := filepath.Join(t.TempDir(), "outside.csv")
	ingesttest.Must(t, os.WriteFile(outside, []byte(content), 0o600))
	for _, name := range []string{
		"../../../../outside.csv", "daily/../../outside.csv", outside, filepath.ToSlash(outside), `..\\outside.csv`, `C:\\outside.csv`,
		"C:/outside.csv", "file://" + outside, "/etc/passwd", "manifest.json", "", ".", "..", "link.csv",
	} {
		t.Run(name, func(t *testing.T) {
			tally.Watch(t, "in manifests")
			w := ingesttest.New(t)
			const folder = "cost/daily/20260301-20260331/" + ingesttest.Run1 + "/"
			m := ingesttest.Manifest(ingesttest.Run1, "2026-03-03T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-02T00:00:00Z", "null", len(content))
			w.Put(folder+"manifest.json", strings.Replace(m, "daily/20260301-20260331/"+ingesttest.Run1+"/part_0_0001.csv", name, 1))
			w.Put("outside.csv.md", "no export")
			ingesttest.Must(t, os.WriteFile(filepath.Join(w.Dir, "outside.csv"), []byte(content), 0o600))
			ingesttest.Must(t, os.Symlink(outside, filepath.Join(w.Dir, "exports", folder, "link.csv")))
			r, err := w.Ingest()
			if err != nil {
				t.Fatal(err)
			}
			if f := ingesttest.Status(t, r, folder+"manifest.json"); f.Status != ledger.StatusFailed && f.Status != ledger.StatusWaiting {
				t.Errorf("%+v", f)
			}
			if n := w.Count("slices"); n != 0 {
				t.Errorf("%d slices", n)
			}
		})
	}
}

// Links lead to files of the source only; a link that leads out of it, nowhere or back to itself is named, and the rest is read.
func TestLinksInSources(t *testing.T) {
	tally := faults.Count(t, "hostile paths")
	w := ingesttest.New(t)
	elsewhere := t.TempDir()
	ingesttest.Must(t, os.WriteFile(filepath.Join(elsewhere, "secret.csv"), []byte(ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "100", "USD")), 0o600))
	w.Put("a/usage.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
	w.Put(".hidden/usage.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(2, "2", "USD"))
	in := func(name string) string { return filepath.Join(w.Dir, "exports", name) }
	for link, target := range map[string]string{
		"self.csv": "self.csv", "ping": "pong", "pong": "ping", "dangling.csv": "nothing.csv", "up": "..", "a/again": "../a",
		"secret.csv": filepath.Join(elsewhere, "secret.csv"), "elsewhere": elsewhere, "zero.csv": os.DevNull, "linked.csv": ".hidden/usage.csv",
	} {
		ingesttest.Must(t, os.Symlink(target, in(link)))
	}
	r, err := w.Ingest()
	if err != nil {
		t.Fatal(err)
	}
	for name, says := range map[string]string{
		"self.csv": "cannot be listed", "ping": "cannot be listed", "pong": "cannot be listed", "dangling.csv": "cannot be listed", "up": "out of the source",
		"secret.csv": "out of the source", "elsewhere": "out of the source", "zero.csv": "out of the source",
	} {
		if f := ingesttest.Status(t, r, name); f.Status != ledger.StatusFailed || !strings.Contains(f.Reason, says) {
			t.Errorf("%+v", f)
		}
	}
	for range 10 {
		tally.Check("links", !t.Failed(), "")
	}
	if len(r.Files) != 10 || w.Money() != "3.00" {
		t.Errorf("%d files, the ledger has %s", len(r.Files), w.Money())
	}
	plan, err := w.TryDryRun()
	if err != nil || len(plan.Items) != 8 || plan.Items[0].Action != ingest.ActionFail {
		t.Errorf("%v, %+v", err, plan)
	}
	ingesttest.Must(t, os.Remove(in("secret.csv")))
	if _, err := w.Ingest(); err != nil || w.Count("(select 1 from files where path = 'exports/secret.csv')") != 0 {
		t.Errorf("%v: what is fixed is still listed", err)
	}
}

// A source may itself be a link, and so may what a pattern names.
func TestSourceThatIsALink(t *testing.T) {
	elsewhere := t.TempDir()
	ingesttest.Must(t, os.WriteFile(filepath.Join(elsewhere, "usage.csv"), []byte(ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD")), 0o600))
	for _, path := range []string{"link", "li*"} {
		w := ingesttest.New(t)
		ingesttest.Must(t, os.Symlink(elsewhere, filepath.Join(w.Dir, "link")))
		w.Run.Sources.List = []discover.Source{{Path: filepath.Join(w.Dir, path)}}
		if _, err := w.Ingest(); err != nil || w.Money() != "1.00" {
			t.Errorf("%s: %v", path, err)
		}
	}
}
