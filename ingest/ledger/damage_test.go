package ledger_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/testdata/faults"
)

// A damaged file of usage is named, whether the engine cannot read it or reads other rows than were loaded; no message blames pidledger.
func TestDamagedSliceIsNamed(t *testing.T) {
	tally := faults.Count(t, "damage to the ledger")
	settings := chain.Attribution{Owner: "first", Credit: "primary", SharedCorrelation: "per_request", CostBasis: "auto", RunID: "run0"}
	for _, packed := range []bool{false, true} {
		for name, damage := range map[string]func(l *ledger.Ledger, file string, text []byte) []byte{
			"cut short": func(_ *ledger.Ledger, _ string, text []byte) []byte { return text[:len(text)/2] },
			"the footer": func(_ *ledger.Ledger, _ string, text []byte) []byte {
				copy(text[len(text)-40:], "damage damage damage")
				return text
			},
			"the pages": func(_ *ledger.Ledger, _ string, text []byte) []byte {
				copy(text[40:], "damage damage damage")
				return text
			},
			"no bytes": func(*ledger.Ledger, string, []byte) []byte { return nil },
			"another cost": func(l *ledger.Ledger, file string, _ []byte) []byte {
				other := file + ".other"
				_, err := l.DB.Write(t.Context(), "select * replace (effective_cost + 1 as effective_cost) from "+engine.ParquetSource([]string{file}), other, "")
				ingesttest.Must(t, err)
				text, err := os.ReadFile(other)
				ingesttest.Must(t, errors.Join(err, os.Remove(other)))
				return text
			},
		} {
			w := ingesttest.New(t)
			if packed {
				ingest.PackFrom = 1
			}
			w.Put("a.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
			w.Put("b.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(2, "2", "EUR"))
			l := w.Night(1)
			ingest.PackFrom = 100
			j, err := ingesttest.JudgeOf(l).Attribute(t.Context(), settings, true, true)
			ingesttest.Must(t, err)
			ingesttest.Must(t, ingesttest.JudgeOf(l).Keep(t.Context(), j))
			folders, err := engine.Ask[string](t.Context(), l.DB, "select folder from ("+queries.Text("ledger/slice_folders.sql")+") order by folder")
			ingesttest.Must(t, err)
			files, err := l.Store.FolderFiles(t.Context(), folders[len(folders)-1])
			ingesttest.Must(t, err)
			text, err := os.ReadFile(files[0])
			ingesttest.Must(t, err)
			ingesttest.Must(t, os.WriteFile(files[0], damage(l, files[0], text), 0o600))
			_, err = ingesttest.JudgeOf(l).Attribute(t.Context(), settings, true, true)
			var damaged *ledger.DamagedFileError
			if !errors.As(err, &damaged) || !strings.HasPrefix(files[0], damaged.File) || len(damaged.File) <= len(l.Path(ledger.UsageFolder)) || damaged.Try() == "" ||
				!strings.Contains(err.Error(), damaged.File) || strings.Contains(err.Error(), "mistake") {
				t.Errorf("%s, packed %v: %v", name, packed, err)
			}
			tally.Check("usage is named: "+name, !t.Failed(), "")
			ingesttest.Must(t, l.Close())
		}
	}
}
