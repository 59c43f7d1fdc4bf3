package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pidledger/pidledger/cmd/exit"
)

// estate is a small world that a test makes up: a few resources, whose they are, and what they cost.
type estate struct {
	t        *testing.T
	dir      string
	deployed []string
}

// The ids of an estate.
const (
	edgeMarket = "2f6a7c1e-52b7-4d08-9e14-a1b2c3d4e501"
	edgeGitHub = "3a8b4d2f-63c8-4e19-af25-b2c3d4e5f602"
	subOne     = "11111111-1234-4000-8000-000000000001"
	subTwo     = "22222222-1234-4000-8000-000000000002"
)

const registryHead = "tracking_id,mpn_id,offer,sku,channel,description,registered_at,retired_at\n"

// newEstate makes a world whose registry has the id edgeMarket alone.
func newEstate(t *testing.T, dir string) *estate {
	t.Helper()
	e := &estate{t: t, dir: dir}
	e.put("pidledger.yaml", "ledger: ledger\nregistry: registry.csv\nexclusions: exclusions.csv\nsources:\n  - path: exports\nreport: {dir: reports, formats: [csv]}\n")
	e.register(edgeMarket + ",1234567,Edge,base,marketplace,,,")
	e.put("exclusions.csv", "scope,reason,since\n")
	return e
}

func (e *estate) put(name, content string) {
	e.t.Helper()
	path := filepath.Join(e.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		e.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		e.t.Fatal(err)
	}
}

func (e *estate) register(lines ...string) {
	e.t.Helper()
	e.put("registry.csv", registryHead+strings.Join(lines, "\n")+"\n")
}

// plan is the id of a resource.
func plan(subscription, name string) string {
	return "/subscriptions/" + subscription + "/resourceGroups/rg/providers/Microsoft.Web/serverFarms/" + name
}

// deploy delivers the deployment of a resource under a tracking id.
func (e *estate) deploy(id, subscription, name string, at time.Time) {
	e.t.Helper()
	request := fmt.Sprintf("c0000000-0000-4000-8000-%012d", len(e.deployed)+1)
	record := func(deployment, created string) string {
		outputs := ""
		if created != "" {
			outputs = fmt.Sprintf(`{"id":%q}`, created)
		}
		return fmt.Sprintf(`{"id":"/subscriptions/%s/resourceGroups/rg/providers/Microsoft.Resources/deployments/%s","name":%q,"type":"Microsoft.Resources/deployments",`+
			`"properties":{"mode":"Incremental","provisioningState":"Succeeded","timestamp":%q,"duration":"PT5S","correlationId":%q,"providers":[],"dependencies":[],"outputResources":[%s]}}`,
			subscription, deployment, deployment, at.UTC().Format(time.RFC3339), request, outputs)
	}
	e.deployed = append(e.deployed, record("main-"+name, plan(subscription, name)), record("pid-"+id, ""))
	e.put("exports/deployments.json", "["+strings.Join(e.deployed, ",\n")+"]\n")
}

// usage is one usage row.
type usage struct{ subscription, name, date, cost, currency string }

// charge delivers a file of usage. customer, when it is not empty, is the tenant and the name that the rows tell.
func (e *estate) charge(file string, rows ...usage) {
	e.t.Helper()
	var b strings.Builder
	b.WriteString("SubscriptionGuid,UsageDateTime,MeterCategory,MeterId,UsageQuantity,PreTaxCost,InstanceId,Currency\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "%s,%s,Web,m-1,1,%s,%s,%s\n", r.subscription, r.date, r.cost, plan(r.subscription, r.name), r.currency)
	}
	e.put("exports/"+file, b.String())
}

// pidledger runs a command line of the world.
func (e *estate) pidledger(args ...string) (code int, out, errs string) {
	e.t.Helper()
	var outw, errw strings.Builder
	code = Main(append(args, "--config", filepath.Join(e.dir, "pidledger.yaml")), strings.NewReader(""), &outw, &errw)
	return code, outw.String(), errw.String()
}

// must runs a command line that must be done, and gives what it says.
func (e *estate) must(args ...string) string {
	e.t.Helper()
	code, out, errs := e.pidledger(args...)
	if code != exit.Done {
		e.t.Fatalf("%v: exit code %d\n%s%s", args, code, out, errs)
	}
	return out
}

// lines gives the lines of a report without its header, some columns of it, joined by blanks.
func (e *estate) lines(report string, columns ...string) []string {
	e.t.Helper()
	records := readReport(e.t, filepath.Join(e.dir, "reports", report+".csv"))
	at := map[string]int{}
	for i, name := range records[0] {
		at[name] = i
	}
	out := []string{}
	for _, r := range records[1:] {
		var cells []string
		for _, c := range columns {
			i, ok := at[c]
			if !ok {
				e.t.Fatalf("%s has no column %s", report, c)
			}
			cells = append(cells, r[i])
		}
		out = append(out, strings.Join(cells, " "))
	}
	return out
}
