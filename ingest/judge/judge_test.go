package judge_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/judge"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/testdata/faults"
)

// What earlier runs made of the months and cannot be read any more is made again, whichever file it is.
func TestDamagedJudgement(t *testing.T) {
	tally := faults.Count(t, "damage to the ledger")
	w := ingesttest.New(t)
	w.Put("plain.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD")+ingesttest.MOSPRow(2, "2", "USD"))
	l := w.Night(1)
	defer l.Close()
	settings := chain.Attribution{Owner: "first", Credit: "primary", SharedCorrelation: "per_request", CostBasis: "auto", RunID: "run0"}
	judge := func() *judge.Judgement {
		t.Helper()
		j, err := ingesttest.JudgeOf(l).Attribute(t.Context(), settings, false, true)
		if err != nil {
			t.Fatal(err)
		}
		ingesttest.Must(t, ingesttest.JudgeOf(l).Keep(t.Context(), j))
		return j
	}
	judge()
	for i, damage := range []func(text []byte) []byte{
		func(text []byte) []byte { return text[:len(text)/2] },
		func(text []byte) []byte { copy(text[len(text)/4:], "damage damage damage damage"); return text },
		func([]byte) []byte { return nil },
	} {
		folder := l.Path(ledger.JudgedFolder, settings.RunID)
		ingesttest.Must(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			ingesttest.Must(t, err)
			return os.WriteFile(path, damage(text), 0o600)
		}))
		settings.RunID = "run" + string(rune('1'+i))
		if j := judge(); len(j.Judged) != 1 || len(j.Kept) != 0 {
			t.Errorf("judged %v, kept %v", j.Judged, j.Kept)
		}
		tally.Check("judged months", !t.Failed(), "judged again")
	}
}

// Of a judged file with the rows of one month that month alone is judged again, of one with those of several months these, of what they are compared with
// all; and a file that nobody wrote is not read.
func TestDamagedMonth(t *testing.T) {
	w := ingesttest.New(t)
	w.Put("plain.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD")+strings.ReplaceAll(ingesttest.MOSPRow(2, "2", "USD"), "2026-03", "2026-04"))
	l := w.Night(1)
	defer l.Close()
	settings := chain.Attribution{Owner: "first", Credit: "primary", SharedCorrelation: "per_request", CostBasis: "auto"}
	run := 0
	judge := func(want int, why string) {
		t.Helper()
		run++
		settings.RunID = fmt.Sprint("run", run)
		j, err := ingesttest.JudgeOf(l).Attribute(t.Context(), settings, false, true)
		ingesttest.Must(t, err)
		ingesttest.Must(t, ingesttest.JudgeOf(l).Keep(t.Context(), j))
		if len(j.Judged) != want || len(j.All) != 2 {
			t.Errorf("%s: judged %v of %v", why, j.Judged, j.All)
		}
	}
	folder := func(month string) string {
		t.Helper()
		of, err := engine.AskText(t.Context(), l.DB, "select run_id from judged_months where month = '"+month+"'")
		ingesttest.Must(t, err)
		return l.Path(ledger.JudgedFolder, of)
	}
	flip := func(name string) {
		t.Helper()
		data, err := os.ReadFile(name)
		ingesttest.Must(t, err)
		data[len(data)/2] ^= 1
		ingesttest.Must(t, os.WriteFile(name, data, 0o600))
	}
	judge(2, "the first time")
	judge(0, "nothing changed")
	detail := filepath.Join(folder("2026-03"), "attributed_usage", "month=2026-03")
	ingesttest.Must(t, os.MkdirAll(detail, 0o700))
	ingesttest.Must(t, os.WriteFile(filepath.Join(detail, "more.parquet"), []byte("PAR1"), 0o600))
	judge(1, "a file more")
	judge(0, "nothing changed")
	flip(filepath.Join(folder("2026-03"), "status_sums.parquet"))
	judge(1, "sums of the month that was judged last")
	before, err := engine.AskText(t.Context(), l.DB, "select run_id from judgement")
	ingesttest.Must(t, err)
	flip(l.Path(ledger.JudgedFolder, before, "credits.parquet"))
	judge(2, "what months are compared with")
	flip(filepath.Join(folder("2026-03"), "status_sums.parquet"))
	judge(2, "sums of both months")
}
