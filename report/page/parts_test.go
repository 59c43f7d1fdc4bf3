package page

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/report/spec"
)

func TestLargest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n, size := 1+random.IntN(5), random.IntN(40)
		l := largest[int]{n: n}
		var all []int
		for i := range size {
			w := random.IntN(10)
			all = append(all, i*100+w)
			l.add(big.NewInt(int64(w)), func() int { return i*100 + w })
			if len(l.lines) >= 2*n {
				t.Fatalf("%d lines are kept for %d", len(l.lines), n)
			}
		}
		slices.SortStableFunc(all, func(a, b int) int { return b%100 - a%100 })
		if diff := cmp.Diff(append([]int{}, all[:min(n, size)]...), append([]int{}, l.sorted()...)); diff != "" || l.total != int64(size) {
			t.Fatalf("%d of %d (-want +got):\n%s", n, size, diff)
		}
	}
}

func TestPercentOfPage(t *testing.T) {
	for ratio, want := range map[string]string{"": "-", "1": "100.0\u00a0%", "0.99999": ">99.9\u00a0%", "1.0001": ">100.0\u00a0%", "0.5": "50.0\u00a0%", "0.00001": "<0.1\u00a0%", "-12.345": "-1,234.5\u00a0%"} {
		if got := percent(ratio); got != want {
			t.Errorf("percent(%s) = %s, want %s", ratio, got, want)
		}
	}
}

func TestWindow(t *testing.T) {
	for through, want := range map[string]window{"2026-01-31": {"2026-01", "2025-12", "2025-11"}, "2026-03-31": {"2026-03", "2026-02", "2026-01"}, "": {}} {
		if got := newWindow(through); got != want || got.at("") != -1 || got.at(want[0]) != 0 && want[0] != "" {
			t.Errorf("newWindow(%q) = %v, want %v", through, got, want)
		}
	}
}

func TestReportFile(t *testing.T) {
	if got := reportFile([]string{spec.XLSX, spec.Parquet}, "daily"); got != "daily.parquet" {
		t.Errorf("the whole report is in %q", got)
	}
}
