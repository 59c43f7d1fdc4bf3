package ledger_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gofrs/flock"
	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/testdata/faults"
)

// stocked is a workbench whose ledger has usage of an export run and of a plain file, evidence-free, and a reject.
func stocked(t *testing.T) *ingesttest.Workbench {
	t.Helper()
	w := ingesttest.New(t)
	w.Run.MaxRejectRatio = 1
	w.PutRun(ingesttest.Run1, "2026-03-20T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "2", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD")+ingesttest.MOSPRow(4, "2.000000000000000001", "USD"))
	w.Put("plain.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD")+ingesttest.MOSPRow(2, "no number", "USD"))
	w.Put("empty.csv", ingesttest.MOSPHeader)
	w.Put("activity.json", `{"records":[{"time":"2026-03-01T10:00:00Z","resourceId":"/SUBSCRIPTIONS/0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.STORAGE/STORAGEACCOUNTS/ST","operationName":"MICROSOFT.STORAGE/STORAGEACCOUNTS/WRITE","category":"Administrative","resultType":"Success","correlationId":"11111111-2222-4333-8444-555555555555"}]}`)
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
	return w
}

// What is exported and imported is the same ledger: every table, every slice, and the next night finds nothing new.
func TestBackup(t *testing.T) {
	w := stocked(t)
	ctx := t.Context()
	before := w.Snapshot()
	dir := filepath.Join(w.Dir, "backup")
	out, err := ledger.Export(ctx, w.Opts, dir)
	if err != nil {
		t.Fatal(err)
	}
	for path, is := range before {
		if now := w.Snapshot()[path]; now != is && path != w.Dir {
			t.Errorf("the export changed %s", path)
		}
	}
	if out.Slices != 2 || out.UsageRows != 3 || out.SchemaVersion != ledger.SchemaVersion() || out.Tables < 15 || out.TableRows == 0 || out.Bytes == 0 {
		t.Errorf("%+v", out)
	}
	r := w.Restored("restored")
	in, err := ledger.Import(ctx, r.Opts, dir)
	if err != nil {
		t.Fatal(err)
	}
	out.Ledger = r.Opts.Folder
	if diff := cmp.Diff(out, in); diff != "" {
		t.Error(diff)
	}
	tables := w.Tables()
	if tables["rejects"] == "" || tables["activity"] == "" || tables["files"] == "" {
		t.Fatalf("the test has too little in it: %v", tables)
	}
	restored := r.Tables()
	if tables["ledger_identity"] == restored["ledger_identity"] {
		t.Error("the restored ledger takes itself for the one that was exported")
	}
	delete(tables, "ledger_identity")
	delete(restored, "ledger_identity")
	if diff := cmp.Diff(tables, restored); diff != "" {
		t.Errorf("tables differ: %s", diff)
	}
	if diff := cmp.Diff(w.Content(), r.Content()); diff != "" {
		t.Errorf("content differs: %s", diff)
	}
	result, err := r.Ingest()
	if err != nil {
		t.Fatal(err)
	}
	if result.Rows != 0 || result.Counts[ledger.StatusLoaded] != 0 {
		t.Errorf("the restored ledger reads files again: %+v", result)
	}
	for _, f := range []string{ledger.DatabaseFile, "usage", "usage/*", "usage/*/*"} {
		found, err := filepath.Glob(filepath.Join(r.Opts.Folder, f))
		if err != nil || len(found) == 0 {
			t.Fatalf("no %s, %v", f, err)
		}
		for _, name := range found {
			if info, err := os.Stat(name); err != nil || info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s has mode %v, %v", name, info.Mode(), err)
			}
		}
	}
	// Where the disk is another, files are copied.
	shm, err := os.MkdirTemp("/dev/shm", "backup") //nolint:usetesting // another disk is wanted
	if err != nil {
		t.Skipf("SKIPPED: no second disk: %v", err)
	}
	defer os.RemoveAll(shm)
	if _, err := ledger.Export(ctx, w.Opts, shm); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Import(ctx, w.Restored("copied").Opts, shm); err != nil {
		t.Error(err)
	}
}

func TestBackupRefuses(t *testing.T) {
	w := stocked(t)
	ctx := t.Context()
	dir := filepath.Join(w.Dir, "backup")
	folder := func(what string, err error) {
		t.Helper()
		var e *ledger.FolderError
		if !errors.As(err, &e) || e.Try() == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil { // an empty folder is not an obstacle
		t.Fatal(err)
	}
	if _, err := ledger.Export(ctx, w.Opts, dir); err != nil {
		t.Fatal(err)
	}
	_, err := ledger.Export(ctx, w.Opts, dir)
	folder("a folder that is taken", err)
	_, err = ledger.Export(ctx, w.Restored("nowhere").Opts, filepath.Join(w.Dir, "other"))
	folder("no ledger", err)
	_, err = ledger.Import(ctx, w.Opts, dir)
	folder("a ledger that is there", err)
	_, err = ledger.Import(ctx, w.Restored("r1").Opts, filepath.Join(w.Dir, "exports"))
	folder("no backup", err)
	if _, err := os.Stat(filepath.Join(w.Dir, "r1")); err == nil {
		t.Error("a refused import made a folder")
	}
	l, err := ledger.Open(ctx, w.Opts)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Export(ctx, w.Opts, filepath.Join(w.Dir, "busy")); !errors.Is(err, ledger.ErrInUse) {
		t.Errorf("a ledger in use: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(w.Dir, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A backup that is not what its manifest says is refused, and nothing that counts is left of the attempt.
func TestDamagedBackup(t *testing.T) {
	tally := faults.Count(t, "damage to the ledger")
	w := stocked(t)
	ctx := t.Context()
	dir := filepath.Join(w.Dir, "backup")
	if _, err := ledger.Export(ctx, w.Opts, dir); err != nil {
		t.Fatal(err)
	}
	manifestFile := filepath.Join(dir, ledger.BackupManifest)
	good, err := os.ReadFile(manifestFile)
	if err != nil {
		t.Fatal(err)
	}
	edit := func(change func(m *ledger.ManifestOfBackup)) func() error {
		return func() error {
			var m ledger.ManifestOfBackup
			if err := json.Unmarshal(good, &m); err != nil {
				return err
			}
			change(&m)
			data, err := json.Marshal(m)
			if err != nil {
				return err
			}
			return os.WriteFile(manifestFile, data, 0o600)
		}
	}
	pick := func(m *ledger.ManifestOfBackup, part string) *ledger.BackupFile {
		for i := range m.Files {
			if strings.Contains(m.Files[i].Path, part) {
				return &m.Files[i]
			}
		}
		t.Fatalf("no %s", part)
		return nil
	}
	table := filepath.Join(dir, "tables", "files.parquet")
	content, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func() error{
		"one byte": func() error {
			changed := append([]byte(nil), content...)
			changed[len(changed)/2] ^= 1
			return os.WriteFile(table, changed, 0o600)
		},
		"cut short":     func() error { return os.WriteFile(table, content[:len(content)-1], 0o600) },
		"gone":          func() error { return os.Remove(table) },
		"no json":       func() error { return os.WriteFile(manifestFile, good[:len(good)/2], 0o600) },
		"rows":          edit(func(m *ledger.ManifestOfBackup) { pick(m, "tables/files.").Rows++ }),
		"usage rows":    edit(func(m *ledger.ManifestOfBackup) { pick(m, "usage/").Rows++ }),
		"climbs":        edit(func(m *ledger.ManifestOfBackup) { pick(m, "usage/").Path = "usage/../../x.parquet" }),
		"absolute":      edit(func(m *ledger.ManifestOfBackup) { pick(m, "usage/").Path = "/etc/passwd" }),
		"statement":     edit(func(m *ledger.ManifestOfBackup) { pick(m, "tables/files.").Path = "tables/x; drop table files.parquet" }),
		"twice":         edit(func(m *ledger.ManifestOfBackup) { m.Files = append(m.Files, m.Files[0]) }),
		"table missing": edit(func(m *ledger.ManifestOfBackup) { m.Files = m.Files[1:] }),
		"slice missing": edit(func(m *ledger.ManifestOfBackup) { m.Files = m.Files[:len(m.Files)-1] }),
		"unknown slice": edit(func(m *ledger.ManifestOfBackup) {
			f := *pick(m, "usage/")
			f.Path = "usage/other/part.parquet"
			m.Files = append(m.Files, f)
		}),
		"unknown table": edit(func(m *ledger.ManifestOfBackup) {
			f := *pick(m, "tables/files.")
			f.Path = "tables/other.parquet"
			m.Files = append(m.Files, f)
		}),
		"table and table": edit(func(m *ledger.ManifestOfBackup) {
			a := pick(m, "tables/files.")
			b := pick(m, "tables/slices.")
			a.Path, b.Path = b.Path, a.Path
		}),
	} {
		t.Run(name, func(t *testing.T) {
			tally.Watch(t, "a backup")
			if err := damage(); err != nil {
				t.Fatal(err)
			}
			if name == "unknown slice" || name == "unknown table" { // with its bytes
				from, to := filepath.Join(dir, "tables", "files.parquet"), filepath.Join(dir, "tables", "other.parquet")
				if name == "unknown slice" {
					found, err := filepath.Glob(filepath.Join(dir, "usage", "*", "*"))
					if err != nil {
						t.Fatal(err)
					}
					from, to = found[0], filepath.Join(dir, "usage", "other", "part.parquet")
				}
				if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.Link(from, to); err != nil {
					t.Fatal(err)
				}
			}
			r := w.Restored("r-" + strings.ReplaceAll(name, " ", "-"))
			_, err := ledger.Import(ctx, r.Opts, dir)
			var check *ledger.CheckError
			if !errors.As(err, &check) || check.Check != "backup" || check.Try() == "" {
				t.Errorf("%v", err)
			}
			for _, part := range []string{ledger.DatabaseFile, ledger.UsageFolder, ledger.StagingFolder} {
				if _, err := os.Stat(r.Opts.Folder + "/" + part); err == nil {
					t.Errorf("left behind: %s", part)
				}
			}
			if err := errors.Join(os.WriteFile(manifestFile, good, 0o600), os.WriteFile(table, content, 0o600)); err != nil {
				t.Fatal(err)
			}
			if _, err := ledger.Import(ctx, r.Opts, dir); err != nil { // and the way is free for a good one
				t.Errorf("afterwards: %v", err)
			}
		})
	}
	if err := edit(func(m *ledger.ManifestOfBackup) { m.SchemaVersion = ledger.SchemaVersion() + 1 })(); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Import(ctx, w.Restored("newer").Opts, dir); err == nil || !strings.Contains(err.Error(), "this program knows up to") {
		t.Errorf("a newer schema: %v", err)
	}
}

// An import that was killed before its last step is made again.
func TestImportAgain(t *testing.T) {
	w := stocked(t)
	dir := filepath.Join(w.Dir, "backup")
	_, err := ledger.Export(t.Context(), w.Opts, dir)
	ingesttest.Must(t, err)
	r := w.Restored("again")
	_, err = ledger.Import(t.Context(), r.Opts, dir)
	ingesttest.Must(t, err)
	staging := filepath.Join(r.Opts.Folder, ledger.StagingFolder)
	ingesttest.Must(t, os.MkdirAll(staging, 0o700))
	ingesttest.Must(t, os.Rename(filepath.Join(r.Opts.Folder, ledger.DatabaseFile), filepath.Join(staging, ledger.DatabaseFile)))
	ingesttest.Must(t, os.Remove(filepath.Join(r.Opts.Folder, ledger.IdentityFile))) // it comes after the last step
	_, err = ledger.Import(t.Context(), r.Opts, dir)
	ingesttest.Must(t, err)
	tables, restored := w.Tables(), r.Tables()
	delete(tables, "ledger_identity") // it is another ledger
	delete(restored, "ledger_identity")
	if d := cmp.Diff(tables, restored); d != "" {
		t.Error(d)
	}
	ingesttest.Must(t, os.Remove(filepath.Join(r.Opts.Folder, ledger.DatabaseFile)))
	var taken *ledger.FolderError
	if _, err = ledger.Import(t.Context(), r.Opts, dir); !errors.As(err, &taken) {
		t.Errorf("usage of a ledger that lost its database: %v", err)
	}
}

// What a killed export left goes with the next one to the same place; what another one is writing stays.
func TestExportSweeps(t *testing.T) {
	w := stocked(t)
	for _, name := range []string{".monday.new-1", ".tuesday.new-2", ".else.new-3"} {
		ingesttest.Must(t, os.Mkdir(filepath.Join(w.Dir, name), 0o700))
	}
	ingesttest.Must(t, os.WriteFile(filepath.Join(w.Dir, ".monday.new-1", ledger.ExportLock), nil, 0o600))
	atWork := flock.New(filepath.Join(w.Dir, ".tuesday.new-2", ledger.ExportLock))
	if ok, err := atWork.TryLock(); err != nil || !ok {
		t.Fatal(err)
	}
	defer atWork.Close()
	_, err := ledger.Export(t.Context(), w.Opts, filepath.Join(w.Dir, "wednesday"))
	ingesttest.Must(t, err)
	left, err := filepath.Glob(filepath.Join(w.Dir, ".*.new-*"))
	ingesttest.Must(t, err)
	if len(left) != 2 || !strings.Contains(left[0], "else") || !strings.Contains(left[1], "tuesday") {
		t.Errorf("left: %v", left)
	}
	if _, err := os.Lstat(filepath.Join(w.Dir, "wednesday", ledger.ExportLock)); err == nil {
		t.Error("the backup holds the lock")
	}
}

// FuzzBackupManifest: a manifest that is believed names files of the backup only.
func FuzzBackupManifest(f *testing.F) {
	f.Add([]byte(`{"generator":"pidledger ledger export","schema_version":1,"files":[{"path":"tables/files.parquet","rows":1},{"path":"usage/0123/part-0001.parquet","rows":1,"slices":2}]}`))
	f.Add([]byte(`{"generator":"pidledger ledger export","files":[{"path":"usage/../x.parquet"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		ingesttest.Must(t, os.WriteFile(filepath.Join(dir, ledger.BackupManifest), text, 0o600))
		m, err := ledger.ReadBackup(dir)
		if err != nil {
			var way interface{ Try() string }
			if !errors.As(err, &way) || way.Try() == "" {
				t.Fatalf("without a way out: %v", err)
			}
			return
		}
		for _, file := range m.Files {
			if !filepath.IsLocal(file.Path) || file.Table() == "" && file.Folder() == "" {
				t.Fatalf("%q", file.Path)
			}
		}
		m.Summary(dir, dir)
	})
}
