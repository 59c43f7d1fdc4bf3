package report

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"
	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/report/reporttest"
	"github.com/pidledger/pidledger/report/spec"
)

func TestPublish(t *testing.T) {
	o := options(t)
	pub, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.World()}, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"summary.csv", "channels.json", "tracking_ids.csv", "coverage.csv", "services.csv", "services.json"} {
		reporttest.Golden(t, name, reporttest.Read(t, filepath.Join(o.Dir, name)))
	}

	m, err := ReadManifest(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(pub.Manifest, *m); diff != "" {
		t.Errorf("manifest read back differs (-published +read):\n%s", diff)
	}
	if m.RunID != "run-1" || m.DataThrough == nil || *m.DataThrough != "2026-04-30" || len(m.Reports) != len(spec.Reports) {
		t.Errorf("manifest %+v", m)
	}
	inManifest := []string{ManifestName, snapshotName}
	for _, r := range m.Reports {
		for _, f := range r.Files {
			inManifest = append(inManifest, f.Path)
			data := reporttest.Read(t, filepath.Join(o.Dir, f.Path))
			if sum := sha256.Sum256(data); f.SHA256 != hex.EncodeToString(sum[:]) || f.Bytes != int64(len(data)) {
				t.Errorf("%s: size or hash differ from the file", f.Path)
			}
			if f.Rows != nil && *f.Rows != r.Rows {
				t.Errorf("%s: %d rows, want %d", f.Path, *f.Rows, r.Rows)
			}
		}
	}
	slices.Sort(inManifest)
	if diff := cmp.Diff(inManifest, tree(t, o.Dir)); diff != "" {
		t.Errorf("files and manifest differ (-manifest +folder):\n%s", diff)
	}
	for _, want := range []string{"attributed_usage/month=2026-03/data_0.parquet", "attributed_usage/month=2026-04/data_0.parquet", "attributed_usage.csv"} {
		if !slices.Contains(inManifest, want) {
			t.Errorf("no %s", want)
		}
	}
	if slices.Contains(inManifest, "attributed_usage.json") {
		t.Error("attributed_usage.json was written")
	}
	if left := tree(t, filepath.Dir(o.Dir)); slices.ContainsFunc(left, func(p string) bool { return strings.Contains(p, "reports.") }) {
		t.Errorf("left beside the report folder: %q", left)
	}
	modes(t, o.Dir)
	f := pub.Summary.Reports
	if f == nil || f.Reports != len(spec.Reports) || f.Files != len(inManifest)-2 || f.Dir != pub.Dir {
		t.Errorf("folder %+v", f)
	}
}

// Every report in every format, without rows.
func TestPublishNothing(t *testing.T) {
	o := options(t)
	o.Detail = nil
	o.Run.DataThrough = ""
	if _, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir()}, o); err != nil {
		t.Fatal(err)
	}
	if got := string(reporttest.Read(t, filepath.Join(o.Dir, "malformed.csv"))); got != "token,reason,suggestion,source,first_seen,last_seen,sightings\n" {
		t.Errorf("empty CSV is %q", got)
	}
	var rows []any
	if err := json.Unmarshal(reporttest.Read(t, filepath.Join(o.Dir, "malformed.json")), &rows); err != nil || len(rows) != 0 {
		t.Errorf("empty JSON: %v, %v", rows, err)
	}
	want, _ := spec.Find("attributed_usage")
	if cols, n := readParquet(t, filepath.Join(o.Dir, "attributed_usage", "empty.parquet")); len(cols) != len(want.Columns) || n != 0 {
		t.Errorf("the empty part has %d columns and %d rows", len(cols), n)
	}
	if m, err := ReadManifest(o.Dir); err != nil || m.DataThrough != nil {
		t.Errorf("manifest %+v, %v", m, err)
	}
}

// What CSV, JSON and Parquet hold is the same.
func TestFormatsAgree(t *testing.T) {
	o := options(t)
	if _, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.World()}, o); err != nil {
		t.Fatal(err)
	}
	for _, s := range spec.Reports {
		if s.Partition != "" {
			continue
		}
		cols, n := readParquet(t, filepath.Join(o.Dir, s.Name+".parquet"))
		var objects []map[string]any
		if err := json.Unmarshal(reporttest.Read(t, filepath.Join(o.Dir, s.Name+".json")), &objects); err != nil {
			t.Fatal(err)
		}
		if n != len(objects) {
			t.Errorf("%s: %d rows in Parquet, %d in JSON", s.Name, n, len(objects))
			continue
		}
		for i, object := range objects {
			for _, c := range s.Columns {
				inParquet, inJSON := cols[c.Name][i], object[c.Name]
				if inJSON == nil {
					inJSON = "(null)"
				}
				if f, ok := inJSON.(float64); ok {
					data, _ := json.Marshal(f)
					inJSON = string(data)
				}
				if inParquet != inJSON {
					t.Errorf("%s row %d %s: %q in Parquet, %q in JSON", s.Name, i, c.Name, inParquet, inJSON)
				}
			}
		}
	}
}

// A failing engine leaves the old folder as it was and nothing beside it.
func TestFailureLeavesOldReports(t *testing.T) {
	cancelled, cancel := context.WithCancel(context.Background())
	short, _ := spec.Find("malformed")
	for name, c := range map[string]struct {
		ctx    context.Context
		engine *reporttest.Engine
		want   error
	}{
		"fetch":     {t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.World(), Fail: "coverage"}, reporttest.ErrEngine},
		"copy":      {t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.World(), Fail: "attributed_usage/parts"}, reporttest.ErrEngine},
		"columns":   {t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.World(), Schema: map[string]columnar.Schema{"malformed": short.Schema()[:3]}}, nil},
		"cancelled": {cancelled, &reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.World(), During: func(string) { cancel() }}, context.Canceled},
		"rows":      {t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: map[string]string{"coverage": "2026-03|EUR"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			if _, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.World()}, o); err != nil {
				t.Fatal(err)
			}
			before := contents(t, filepath.Dir(o.Dir))
			o.Run.ID = "run-2"
			_, err := Publish(c.ctx, c.engine, o)
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if diff := cmp.Diff(before, contents(t, filepath.Dir(o.Dir))); diff != "" {
				t.Errorf("the folder changed (-before +after):\n%s", diff)
			}
		})
	}
}

// A later run with fewer formats leaves nothing of the earlier one.
func TestReplace(t *testing.T) {
	o := options(t)
	if _, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.World()}, o); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(o.Dir, ".DS_Store"), "")
	old := tree(t, o.Dir)
	o.Run.ID, o.Formats, o.Detail = "run-2", []string{spec.CSV}, nil
	engine := &reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.World(), During: func(string) {
		if diff := cmp.Diff(old, tree(t, o.Dir)); diff != "" {
			t.Errorf("the old reports changed before the new ones were there:\n%s", diff)
		}
	}}
	if _, err := Publish(t.Context(), engine, o); err != nil {
		t.Fatal(err)
	}
	for _, path := range tree(t, filepath.Dir(o.Dir)) {
		if strings.HasSuffix(path, ".json") && !strings.HasSuffix(path, ManifestName) || strings.Contains(path, "run-") || strings.HasSuffix(path, ".DS_Store") {
			t.Errorf("left over: %s", path)
		}
	}
}

// Where two folders cannot be exchanged, the old one is renamed away first; when the second rename fails it comes back.
func TestSwapByTwoRenames(t *testing.T) {
	unsupported := func(string, string) error { return errors.ErrUnsupported }
	dir := filepath.Join(t.TempDir(), "reports")
	writeFile(t, filepath.Join(dir, "a"), "old")
	writeFile(t, filepath.Join(dir+newSuffix+"1", "a"), "new")
	old, err := swap(dir+newSuffix+"1", dir, "1", unsupported)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(reporttest.Read(t, filepath.Join(dir, "a"))); got != "new" {
		t.Errorf("content %q", got)
	}
	if got := string(reporttest.Read(t, filepath.Join(old, "a"))); got != "old" {
		t.Errorf("old content %q", got)
	}
	if _, err = swap(dir+".missing", dir, "2", unsupported); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if got := string(reporttest.Read(t, filepath.Join(dir, "a"))); got != "new" {
		t.Errorf("content %q after a failed swap", got)
	}
	busy := func(string, string) error { return errors.New("device or resource busy") }
	_, err = swap(old, dir, "3", busy)
	var hint interface{ Try() string }
	if !errors.As(err, &hint) || !strings.Contains(hint.Try(), filepath.Join(dir, "current")) {
		t.Errorf("error %v", err)
	}
}

func TestForeignFiles(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T, dir string){
		"other folder": func(t *testing.T, dir string) {
			writeFile(t, filepath.Join(dir, "my", "thesis.doc"), "x")
		},
		"beside ours": func(t *testing.T, dir string) {
			o := Options{Dir: dir, Formats: []string{spec.CSV}, Run: spec.Run{ID: "a"}, Snapshots: Snapshots{Folder: t.TempDir()}}
			if _, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir()}, o); err != nil {
				t.Fatal(err)
			}
			writeFile(t, filepath.Join(dir, "my", "thesis.doc"), "x")
		},
		"manifest of an export": func(t *testing.T, dir string) {
			writeFile(t, filepath.Join(dir, ManifestName), `{"manifestVersion":"2024-04-01","blobs":[]}`)
		},
		"damaged manifest": func(t *testing.T, dir string) { writeFile(t, filepath.Join(dir, ManifestName), `{`) },
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			prepare(t, o.Dir)
			before := contents(t, filepath.Dir(o.Dir))
			_, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir()}, o)
			var foreign *ForeignError
			if !errors.As(err, &foreign) || len(foreign.Files) != 1 || foreign.Try() == "" {
				t.Fatalf("error %v, %+v", err, foreign)
			}
			if diff := cmp.Diff(before, contents(t, filepath.Dir(o.Dir))); diff != "" {
				t.Errorf("the folder changed:\n%s", diff)
			}
		})
	}
}

// Folders that killed runs left are swept; a stranger's folder with such a name is not.
func TestSweep(t *testing.T) {
	o := options(t)
	writeFile(t, filepath.Join(o.Dir+newSuffix+"killed", unfinished), "")
	writeFile(t, filepath.Join(o.Dir+newSuffix+"killed", "summary.csv"), "half")
	writeFile(t, filepath.Join(o.Dir+newSuffix+"idea", "notes.txt"), "mine")
	if _, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir()}, o); err != nil {
		t.Fatal(err)
	}
	left := tree(t, filepath.Dir(o.Dir))
	if slices.ContainsFunc(left, func(p string) bool { return strings.Contains(p, "killed") }) {
		t.Error("the unfinished folder is still there")
	}
	if !slices.Contains(left, "reports.new-idea/notes.txt") {
		t.Error("a stranger's folder was swept")
	}
}

func TestLinkToReports(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need rights there")
	}
	o := options(t)
	real := filepath.Join(t.TempDir(), "real")
	if err := os.Mkdir(real, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, o.Dir); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b"} {
		o.Run.ID = id
		if _, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir()}, o); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Lstat(o.Dir); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v, %v", info, err)
	}
	if m, err := ReadManifest(real); err != nil || m.RunID != "b" {
		t.Errorf("manifest behind the link: %+v, %v", m, err)
	}
}

func TestBadOptions(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"no format":      func(o *Options) { o.Formats = nil },
		"unknown format": func(o *Options) { o.Formats = []string{"xml"} },
		"unknown detail": func(o *Options) { o.Detail = []string{spec.JSON} },
		"no run":         func(o *Options) { o.Run.ID = "" },
		"path as run":    func(o *Options) { o.Run.ID = "../x" },
		"no folder":      func(o *Options) { o.Dir = "" },
		"root":           func(o *Options) { o.Dir = string(filepath.Separator) },
		"file":           func(o *Options) { writeFile(t, o.Dir, "x") },
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			change(&o)
			if _, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir()}, o); err == nil {
				t.Error("no error")
			}
		})
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tree lists the files below dir.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			files = append(files, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	return files
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, f := range tree(t, dir) {
		path := filepath.Join(dir, f)
		if target, err := os.Readlink(path); err == nil {
			all[f] = "-> " + target
			continue
		}
		all[f] = string(reporttest.Read(t, path))
	}
	return all
}

// modes checks that nobody else can read the reports.
func modes(t *testing.T, dir string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		return
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && d.Type() != fs.ModeSymlink && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// readParquet gives the cells of a file as text, column by column.
func readParquet(t *testing.T, path string) (cols map[string][]string, rows int) {
	t.Helper()
	f, err := file.OpenParquetFile(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	table, err := r.ReadTable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer table.Release()
	cols = map[string][]string{}
	for i := range int(table.NumCols()) {
		c := table.Column(i)
		cols[c.Name()] = nil
		for _, chunk := range c.Data().Chunks() {
			for j := range chunk.Len() {
				text := chunk.ValueStr(j)
				if d, ok := chunk.(*array.Decimal128); ok && d.IsValid(j) { // its ValueStr goes through floating point
					text = columnar.FormatDecimal(d.Value(j))
					if d.DataType().(*arrow.Decimal128Type).Scale == 6 {
						text = columnar.FormatRatio(d.Value(j))
					}
				}
				cols[c.Name()] = append(cols[c.Name()], text)
			}
		}
	}
	return cols, int(table.NumRows())
}
