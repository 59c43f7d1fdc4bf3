package cmd

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
)

// Who opted out is known from the exclusions, and from the customers file by any of its ids.
func TestDiscretion(t *testing.T) {
	got := tryRun(t, "", map[string]string{
		config.Name: "ledger: ledger\nexclusions: exclusions.csv\ncustomers: customers.csv\nregistry: fabrikam-ids.csv\nreport: {dir: reports-rg-optout}\n",
		"exclusions.csv": "scope,reason\n0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0,\n" +
			"/subscriptions/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f1/resourceGroups/rg-optout,\n",
		"customers.csv": "subscription_id,customer_tenant_id,customer_name\n0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f2,0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0,Fabrikam\n" +
			"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f3,,reports\n",
		"ledger/x": "",
	}, nil, "support", "-o", "request.zip", "--yes")
	if got.code != exit.Done {
		t.Fatalf("exit code %d\n%s", got.code, got.err)
	}
	files := unzipped(t, "request.zip")
	var config map[string]any
	if err := json.Unmarshal([]byte(files["config.json"]), &config); err != nil {
		t.Fatal(err)
	}
	if config["registry"] != "<masked>-ids.csv" || config["report.dir"] != "reports-<masked>" || config["exclusions"] != "exclusions.csv" {
		t.Errorf("%s", files["config.json"])
	}
	for name, text := range files {
		if strings.Contains(text, "/srv/") || strings.Contains(text, "4711") {
			t.Errorf("%s names a place\n%s", name, text)
		}
	}
	if info, err := os.Stat("request.zip"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
