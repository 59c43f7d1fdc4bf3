package cmd

import (
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/exit"
)

// A folder of reports that is somebody else's does not keep the file from being checked.
func TestLintBesideForeignReports(t *testing.T) {
	workIn(t, map[string]string{
		"registry.csv":          "tracking_id,mpn_id,offer,channel\n00000000-0000-0000-0000-000000000000,1,a,direct\n",
		"reports/manifest.json": "{}",
	})
	var out, errw strings.Builder
	code := Main([]string{"registry", "lint", "--registry", "registry.csv"}, strings.NewReader(""), &out, &errw)
	if code != exit.Check || !strings.Contains(out.String(), "registry.csv:2: error: tracking_id: ") || !strings.Contains(errw.String(), "no snapshot was asked") {
		t.Errorf("exit code %d\n%s%s", code, &out, &errw)
	}
}
