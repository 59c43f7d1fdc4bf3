package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/report/reporttest"
)

// published gives the summary of a world as a command would complete it.
func summaryOf(t *testing.T, tables map[string]string, change func(*Summary), c Commands) *Summary {
	t.Helper()
	pub, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: tables}, options(t))
	if err != nil {
		t.Fatal(err)
	}
	s := pub.Summary
	s.Reports.Dir = "/srv/pidledger/reports" // the test's own folder has a new name every time
	s.Reports.Bytes = 123456
	if change != nil {
		change(s)
	}
	s.Advise(c)
	s.Finish(83500 * time.Millisecond)
	return s
}

func TestSummaryText(t *testing.T) {
	full := func(s *Summary) {
		s.Inputs = &Inputs{
			Files: []Count{{"loaded", 12}, {"unchanged", 1340}, {"waiting", 1}, {"failed", 2}, {"unknown", 1}}, Rows: 1234567, Rejected: 3,
			Problems: []Problem{
				{"exports/ea/broken.csv.gz", "failed", "unexpected end of the gzip stream"},
				{"exports/notes\x1b[2J.txt", "unknown", "no known format"},
			},
			Rejects: []Reject{
				{Path: "exports/a.csv", Record: 17, Line: 19, Column: "Quantity", Value: "1,5", Reason: `quantity "1,5" is no decimal number`, FileRows: 2},
				{Path: "exports/b.parquet", Record: 4, Reason: "no date", FileRows: 1},
			},
		}
		s.NewIDs = []string{"44444444-2222-4333-8444-555555555555"}
		s.Notes = []string{"exports/old: nothing new for 12 days"}
	}
	for name, c := range map[string]struct {
		tables map[string]string
		change func(*Summary)
		cmd    Commands
		color  bool
	}{
		"full":    {reporttest.World(), full, Commands{Registry: "/srv/pidledger/registry.csv", Flags: "--config /srv/pidledger/pidledger.yaml"}, false},
		"color":   {reporttest.World(), full, Commands{Registry: "registry.csv"}, true},
		"report":  {reporttest.World(), nil, Commands{Registry: "registry.csv"}, false},
		"nothing": {nil, func(s *Summary) { s.Inputs = &Inputs{}; s.DataThrough = "" }, Commands{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := summaryOf(t, c.tables, c.change, c.cmd)
			var b bytes.Buffer
			if err := s.WriteText(&b, c.color); err != nil {
				t.Fatal(err)
			}
			reporttest.Golden(t, "summary-"+name+".txt", b.Bytes())
			if !c.color && strings.Contains(b.String(), "\x1b") {
				t.Error("the text holds an escape sequence")
			}
		})
	}
}

func TestSummaryJSON(t *testing.T) {
	s := summaryOf(t, reporttest.World(), nil, Commands{Registry: "registry.csv"})
	var b bytes.Buffer
	if err := s.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	reporttest.Golden(t, "summary.json.txt", b.Bytes())
	var back Summary
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*s, back); diff != "" {
		t.Errorf("read back (-written +read):\n%s", diff)
	}
	empty := summaryOf(t, nil, nil, Commands{})
	b.Reset()
	if err := empty.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "null") {
		t.Errorf("a list is null:\n%s", b.String())
	}
}

// The statuses and the sums of the summary are those of coverage.
func TestSummaryAddsUp(t *testing.T) {
	s := summaryOf(t, reporttest.World(), nil, Commands{})
	if len(s.Money) != 2 || s.Money[0].Currency != "EUR" || s.LatestMonth != "2026-04" {
		t.Fatalf("%+v", s)
	}
	eur := s.Money[0]
	if got := eur.Total.All; got != (Figure{EffectiveCost: "9973.145", BilledCost: "10873.145", UsageRows: 65}) {
		t.Errorf("total %+v", got)
	}
	if got := eur.Usage.All; got != (Figure{EffectiveCost: "9973.145", BilledCost: "9973.145", Share: "1.000000", UsageRows: 64}) {
		t.Errorf("usage %+v", got)
	}
	if got := eur.Statuses[0]; got.Name != "attributed" || got.Latest.EffectiveCost != "1646" || got.All.EffectiveCost != "1746.5" || got.All.Share != "0.175120" {
		t.Errorf("attributed %+v", got)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestSummaryReportsWriteErrors(t *testing.T) {
	s := summaryOf(t, reporttest.World(), nil, Commands{})
	if err := s.WriteText(brokenWriter{}, false); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v", err)
	}
}

// Deployments whose subscription nothing tells come before the advice to deliver evidence, which is there.
func TestAdviseUnplaced(t *testing.T) {
	s := Summary{Inputs: &Inputs{Unplaced: []string{"exports/azps/a.json", "exports/azps/b.json"}}}
	s.Advise(Commands{})
	if len(s.Next) == 0 || s.Next[0].Why != "2 files of deployments name no subscription (exports/azps/a.json, exports/azps/b.json)" || !strings.Contains(s.Next[0].Do, "`subscription: GUID`") {
		t.Errorf("next: %+v", s.Next)
	}
}
