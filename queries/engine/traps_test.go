package engine

import (
	"path/filepath"
	"strings"
	"testing"
)

// What keeps a full disk from emptying the ledger, and a nightly job from fetching code: each setting is on in every connection. DuckDB 1.4
// loses the whole database file when the disk fills up during an automatic checkpoint; the full-disk tests of cmd show that ours does not.
func TestSettingsAreOn(t *testing.T) {
	db, err := Open(t.Context(), Options{Memory: 1 << 30, Threads: 2, Temp: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Attach(t.Context(), filepath.Join(t.TempDir(), "x.duckdb"), "x", false); err != nil {
		t.Fatal(err)
	}
	for setting, want := range map[string]string{
		"wal_autocheckpoint":           "931.3 GiB", // 1 TB: never
		"autoinstall_known_extensions": "false",
		"autoload_known_extensions":    "false",
		"TimeZone":                     "UTC",
		"threads":                      "2",
	} {
		if got := valueOf(t, db, setting); got != want {
			t.Errorf("%s is %q, expected %q", setting, got, want)
		}
	}
}

func valueOf(t *testing.T, db *DB, name string) string {
	t.Helper()
	rows, err := db.Query(t.Context(), "select cast(current_setting('"+name+"') as varchar)")
	if err != nil {
		t.Fatal(err)
	}
	out := ""
	if rows.Next() {
		out = rows.Values()[0].S
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	return out
}

// What is committed stays in the log: closing the connection does not checkpoint, and opening it again finds everything.
func TestNoCheckpointAtTheEnd(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.duckdb")
	for round := range 3 {
		db, err := Open(t.Context(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Attach(t.Context(), file, "x", false); err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			if err := db.Exec(t.Context(), "create table x.t (s varchar)"); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.InTx(t.Context(), func() error {
			return db.Exec(t.Context(), "insert into x.t select '"+strings.Repeat("x", 100)+"' from range(50000)")
		}); err != nil {
			t.Fatal(err)
		}
		n, err := db.Count(t.Context(), "select count(*) from x.t")
		if err != nil || n != int64(round+1)*50000 {
			t.Errorf("round %d: %d rows (%v)", round, n, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if logs, err := filepath.Glob(file + ".wal"); err != nil || len(logs) != 1 {
			t.Errorf("round %d: there is no log: the engine made a checkpoint by itself", round)
		}
	}
}

// A path is one file to the engine, whatever is in its name.
func TestPathsAreNoPatterns(t *testing.T) {
	db, err := Open(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	dir := t.TempDir()
	names := []string{"x1.parquet", "x[1].parquet", "xx.parquet", "x*.parquet", "x?.parquet", "x'.parquet", "x[[]1].parquet", "x[!a].parquet"}
	for i, name := range names {
		if _, err := db.Write(t.Context(), "select "+string(rune('0'+i))+" as i", filepath.Join(dir, name), ""); err != nil {
			t.Skipf("SKIPPED: the file system does not take the name %s: %v", name, err)
		}
	}
	for i, name := range names {
		path := filepath.Join(dir, name)
		for _, source := range []string{ParquetSource([]string{path}), textSource(path)} {
			n, err := db.Count(t.Context(), "select sum(i) * 100 + count(*) from "+source)
			if err != nil || n != int64(i*100+1) {
				t.Errorf("%s: %d, expected the one row of the file itself (%v)", name, n, err)
			}
		}
	}
}
