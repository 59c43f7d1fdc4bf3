package ingest

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/engine"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/testdata/faults"
)

// A damaged file of usage is named, whether the engine cannot read it or reads other rows than were loaded; no message blames pidledger.
func TestDamagedSliceIsNamed(t *testing.T) {
	tally := faults.Count(t, "damage to the ledger")
	settings := chain.Attribution{Owner: "first", Credit: "primary", SharedCorrelation: "per_request", CostBasis: "auto", RunID: "run0"}
	for _, packed := range []bool{false, true} {
		for name, damage := range map[string]func(l *Ledger, file string, text []byte) []byte{
			"cut short": func(_ *Ledger, _ string, text []byte) []byte { return text[:len(text)/2] },
			"the footer": func(_ *Ledger, _ string, text []byte) []byte {
				copy(text[len(text)-40:], "damage damage damage")
				return text
			},
			"the pages": func(_ *Ledger, _ string, text []byte) []byte { copy(text[40:], "damage damage damage"); return text },
			"no bytes":  func(*Ledger, string, []byte) []byte { return nil },
			"another cost": func(l *Ledger, file string, _ []byte) []byte {
				other := file + ".other"
				_, err := l.DB.Write(t.Context(), "select * replace (effective_cost + 1 as effective_cost) from "+engine.ParquetSource([]string{file}), other, "")
				must(t, err)
				text, err := os.ReadFile(other)
				must(t, errors.Join(err, os.Remove(other)))
				return text
			},
		} {
			w := newWorkbench(t)
			if packed {
				packFrom = 1
			}
			w.put("a.csv", mospHeader+mospRow(1, "1", "USD"))
			w.put("b.csv", mospHeader+mospRow(2, "2", "EUR"))
			l := w.night(1)
			packFrom = 100
			j, err := judgeOf(l).Attribute(t.Context(), settings, true, true)
			must(t, err)
			must(t, judgeOf(l).Keep(t.Context(), j))
			folders, err := texts(t.Context(), l.DB, "select folder from ("+queries.Text("ledger/slice_folders.sql")+") order by folder")
			must(t, err)
			files, err := l.Store.folderFiles(t.Context(), folders[len(folders)-1])
			must(t, err)
			text, err := os.ReadFile(files[0])
			must(t, err)
			must(t, os.WriteFile(files[0], damage(l, files[0], text), 0o600))
			_, err = judgeOf(l).Attribute(t.Context(), settings, true, true)
			var damaged *DamagedFileError
			if !errors.As(err, &damaged) || !strings.HasPrefix(files[0], damaged.File) || len(damaged.File) <= len(l.path(usageFolder)) || damaged.Try() == "" ||
				!strings.Contains(err.Error(), damaged.File) || strings.Contains(err.Error(), "mistake") {
				t.Errorf("%s, packed %v: %v", name, packed, err)
			}
			tally.Check("usage is named: "+name, !t.Failed(), "")
			must(t, l.Close())
		}
	}
}
