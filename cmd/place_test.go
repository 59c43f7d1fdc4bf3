package cmd

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/ingest/status"
	"github.com/pidledger/pidledger/testdata/faults"
)

// What a run is and when it was is all that may differ between the reports of two runs on the same files.
var runMarks = regexp.MustCompile(`(?i)\d{8}T\d{6}-[0-9a-f]{6}|\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?Z?| UTC)`)

// The reports are the same bytes wherever and by whomever they are made: in every time zone and language, without a home, without a folder for
// temporary files. A query, which needs such a folder, says so.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("several nights take seconds")
	}
	if runtime.GOOS == "windows" {
		t.Skip("SKIPPED: another system has other variables")
	}
	tally := faults.Count(t, "time and place")
	v := newVictim(t, t.TempDir())
	v.stock(firstNight)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(v.dir, "pidledger.yaml")
	start := func(env []string, args ...string) (string, string, error) {
		c := exec.Command(v.bin, append(args, "--config", config)...)
		c.Env = env
		var out, errw bytes.Buffer
		c.Stdout, c.Stderr = &out, &errw
		err := c.Run()
		return out.String(), errw.String(), err
	}
	var want map[string]string
	for _, place := range []string{
		"TZ=UTC", "TZ=Pacific/Kiritimati", "TZ=America/New_York", "TZ=Nowhere/Nothing", "LC_ALL=tr_TR.UTF-8", "LC_ALL=de_DE.UTF-8", "LC_ALL=C", "HOME=/nonexistent", "HOME=",
		"TMPDIR=" + file + ".missing", "TMPDIR=" + file,
	} {
		t.Run(place, func(t *testing.T) {
			for _, folder := range []string{"ledger", "reports"} {
				if err := os.RemoveAll(filepath.Join(v.dir, folder)); err != nil {
					t.Fatal(err)
				}
			}
			env := []string{"PATH=" + os.Getenv("PATH"), "PIDLEDGER_REPORT_FORMATS=csv,json,parquet,html", "PIDLEDGER_LIMITS_THREADS=1", place} // and nothing else
			if out, said, err := start(env, "run"); err != nil {
				t.Fatal(err, out, said)
			}
			got := map[string]string{}
			eachFile(t, filepath.Join(v.dir, "reports"), func(path string) {
				text := runMarks.ReplaceAllString(readText(t, path), "run")
				if name := filepath.ToSlash(rel(filepath.Join(v.dir, "reports"), path)); name != "manifest.json" {
					got[name] = fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
				}
			})
			if want == nil {
				want = got
			}
			if !maps.Equal(got, want) || len(got) < 30 {
				for name := range want {
					if got[name] != want[name] {
						t.Errorf("%s is another", name)
					}
				}
				t.Errorf("%d files, not %d", len(got), len(want))
			}
			_, said, err := start(env, "query", "select 1 as one")
			var ended *exec.ExitError
			if folder, ok := strings.CutPrefix(place, "TMPDIR="); ok {
				if !errors.As(err, &ended) || !strings.Contains(said, "cannot create a temporary file in "+folder) || !strings.Contains(said, "Try: set the environment variable TMPDIR") {
					t.Errorf("%v: %s", err, said)
				}
			} else if err != nil {
				t.Errorf("%v: %s", err, said)
			}
			tally.Watch(t, strings.Split(place, "=")[0])
		})
	}
}

// The clock was wrong once, in the first run or in a later one: the runs after it are the last ones, what they say is what counts, what is
// forgotten counts, and the snapshots of that night go when it is their turn.
func TestClockWrongOnce(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("several nights take seconds")
	}
	tally := faults.Count(t, "wrong clock")
	at := func(year, day int) time.Time { return time.Date(year, 5, day, 2, 0, 0, 0, time.UTC) }
	for name, nights := range map[string][]time.Time{
		"the first":  {at(2037, 1), at(2026, 2), at(2026, 3), at(2026, 4)},
		"a later":    {at(2026, 1), at(2037, 2), at(2026, 3), at(2026, 4), at(2026, 5)},
		"the past":   {at(2026, 1), at(1999, 2), at(2026, 3), at(2026, 4), at(2026, 5)},
		"hour again": {at(2026, 1), at(2026, 1).Add(-time.Hour), at(2026, 1), at(2026, 1).Add(time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			const header = "SubscriptionGuid,ResourceGroup,UsageDateTime,MeterCategory,MeterId,UsageQuantity,PreTaxCost,InstanceId,Currency\n"
			row := func(cost int) string {
				return fmt.Sprintf("0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0,rg,2026-03-01,Storage,m1,1,%d,/subscriptions/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st,EUR\n", cost)
			}
			write := func(name, text string) {
				path := filepath.Join(dir, name)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			write("registry.csv", "tracking_id,mpn_id,offer,sku,channel\n90000000-1234-4abc-8def-000000000009,1,o,s,github\n")
			write(config.Name, "ledger: ledger\nregistry: registry.csv\nsources: [{path: exports}]\nreport: {dir: reports, formats: [csv], snapshots: 2}\n")
			do := func(now time.Time, want int, args ...string) string {
				t.Helper()
				var out, errw bytes.Buffer
				p := newProgram(terminal.Streams{In: strings.NewReader(""), Out: &out, Err: &errw, Environ: os.Environ()}, func() time.Time { return now }, app{}, night.Steps)
				if code := p.run(t.Context(), append(args, "--config", filepath.Join(dir, config.Name))); code != want {
					t.Fatalf("%v: exit code %d\n%s%s", args, code, &out, &errw)
				}
				return out.String()
			}
			for i, now := range nights {
				write("exports/usage.csv", header+row(i+1))
				do(now, exit.Done, "run")
				var st status.Status
				if err := json.Unmarshal([]byte(do(now.Add(time.Hour), exit.Done, "status", "--json")), &st); err != nil {
					t.Fatal(err)
				}
				if !st.LastRun.Started.Equal(now) || !st.LastDone.Started.Equal(now) || st.Reports.RunID != st.LastRun.ID {
					t.Errorf("run %d: the last run is %+v, the last that was done %+v, the reports are of %s", i+1, st.LastRun, st.LastDone, st.Reports.RunID)
				}
				if got := readText(t, filepath.Join(dir, "reports", "coverage.csv")); !strings.Contains(got, fmt.Sprintf(",%d,%d\n", i+1, i+1)) {
					t.Errorf("run %d: %s", i+1, got)
				}
				if i > 0 {
					if diff := do(now, exit.Done, "diff", "--format", "csv"); !strings.Contains(diff, fmt.Sprintf(",%d,%d,", i, i+1)) {
						t.Errorf("run %d: diff says\n%s", i+1, diff)
					}
				}
			}
			kept, err := os.ReadDir(filepath.Join(dir, "ledger", "snapshots"))
			if err != nil || len(kept) != 2 {
				t.Errorf("%d snapshots are kept, %v", len(kept), err)
			}
			for i, now := range nights[len(nights)-2:] {
				if !slices.ContainsFunc(kept, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), now.Format("20060102T150405")) }) {
					t.Errorf("the snapshot of run %d of the last two is gone: %v", i+1, kept)
				}
			}
			tally.Watch(t, "the runs, reports, diff and snapshots after it")
		})
	}
}
