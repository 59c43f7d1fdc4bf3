package page

import (
	"testing"

	"github.com/pidledger/pidledger/report/spec"
)

func TestPercentOfPage(t *testing.T) {
	for ratio, want := range map[string]string{"": "-", "1": "100.0\u00a0%", "0.99999": ">99.9\u00a0%", "1.0001": ">100.0\u00a0%", "0.5": "50.0\u00a0%", "0.00001": "<0.1\u00a0%", "-12.345": "-1,234.5\u00a0%"} {
		if got := percent(ratio); got != want {
			t.Errorf("percent(%s) = %s, want %s", ratio, got, want)
		}
	}
}

func TestReportFile(t *testing.T) {
	if got := reportFile([]string{spec.XLSX, spec.Parquet}, "daily"); got != "daily.parquet" {
		t.Errorf("the whole report is in %q", got)
	}
}
