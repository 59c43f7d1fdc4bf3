package ingest

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/testdata/faults"
)

// What earlier runs made of the months and cannot be read any more is made again, whichever file it is.
func TestDamagedJudgement(t *testing.T) {
	tally := faults.Count(t, "damage to the ledger")
	w := newWorkbench(t)
	w.put("plain.csv", mospHeader+mospRow(1, "1", "USD")+mospRow(2, "2", "USD"))
	l := w.night(1)
	defer l.Close()
	settings := queries.Attribution{Owner: "first", Credit: "primary", SharedCorrelation: "per_request", CostBasis: "auto", RunID: "run0"}
	judge := func() *Judgement {
		t.Helper()
		j, err := l.Attribute(t.Context(), settings, false, true)
		if err != nil {
			t.Fatal(err)
		}
		must(t, l.KeepJudgement(t.Context(), j))
		return j
	}
	judge()
	for i, damage := range []func(text []byte) []byte{
		func(text []byte) []byte { return text[:len(text)/2] },
		func(text []byte) []byte { copy(text[len(text)/4:], "damage damage damage damage"); return text },
		func([]byte) []byte { return nil },
	} {
		folder := l.path(judgedFolder, settings.RunID)
		must(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			must(t, err)
			return os.WriteFile(path, damage(text), 0o600)
		}))
		settings.RunID = "run" + string(rune('1'+i))
		if j := judge(); len(j.Judged) != 1 || len(j.Kept) != 0 {
			t.Errorf("judged %v, kept %v", j.Judged, j.Kept)
		}
		tally.Check("judged months", !t.Failed(), "judged again")
	}
}
