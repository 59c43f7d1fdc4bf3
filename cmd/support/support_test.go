package support

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/status"
)

func TestHide(t *testing.T) {
	h := hide([]string{"Fabrikam", "Fabrikam Regulated (AG)", "rg", "", "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"})
	for text, want := range map[string]string{
		"of FABRIKAM regulated (ag).csv":                    "of <masked>.csv",
		"fabrikam and 0F1E2D3C-4b5a-6978-8796-a5b4c3d2e1f0": "<masked> and <masked>",
		"rg stays": "rg stays",
	} {
		if got := h.Replace(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := hide(nil).Replace("as it is"); got != "as it is" {
		t.Error(got)
	}
}

// Of settings that name customers only the number is told.
func TestPlainSettings(t *testing.T) {
	c := config.Config{Collect: config.Collect{Subscriptions: []string{"fabrikam"}, ManagementGroup: "fabrikam"}}
	data, err := json.Marshal(plainSettings(c))
	if err != nil || strings.Contains(string(data), "fabrikam") || !strings.Contains(string(data), `"collect.management_group":true,"collect.subscriptions":1`) {
		t.Errorf("%v %s", err, data)
	}
}

// Exports are numbered: neither name nor scope leaves the house.
func TestPlainStatus(t *testing.T) {
	data, err := json.Marshal(plainStatus(&status.Status{
		Ledger: "/home/fabrikam", Running: &ledger.Holder{Host: "fabrikam"},
		Exports: []status.ExportStatus{{Name: "fabrikam", Scope: "/subscriptions/fabrikam", CostBasis: "focus", Runs: 3}},
		Waiting: []status.WaitingRun{{Folder: "exports/fabrikam", Reason: "fabrikam"}},
	}))
	if err != nil || strings.Contains(string(data), "fabrikam") || !strings.Contains(string(data), `"number":1,"cost_basis":"focus"`) || !strings.Contains(string(data), `"waiting_runs":1`) {
		t.Errorf("%v %s", err, data)
	}
}
