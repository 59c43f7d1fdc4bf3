package ingest_test

import (
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
)

// Forms of evidence that cannot be read are refused with the command that gives a form which can.
func TestRefusedEvidence(t *testing.T) {
	const (
		event = "/subscriptions/0b1e5c3a-1111-4aaa-8bbb-0123456789ab/resourceGroups/rg/providers/Microsoft.Compute/disks/d/events/1c9e7a40-52d3-4f18-8b6a-0e3d5c7f9a21/ticks/639080000000000000"
		vm    = "/subscriptions/0b1e5c3a-1111-4aaa-8bbb-0123456789ab/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm"
	)
	files := map[string]struct{ text, says string }{
		"table.txt":             {"Caller         CorrelationId                         EventTimestamp\n-------------  ------------------------------------  --------------------\na@contoso.com  1c9e7a40-52d3-4f18-8b6a-0e3d5c7f9a21  2026-03-02T10:00:00Z\n", "az monitor activity-log list --offset 90d --max-events 100000 -o json"},
		"rows.tsv":              {"a@contoso.com\t1c9e7a40-52d3-4f18-8b6a-0e3d5c7f9a21\t2026-03-02T10:00:00Z\t" + event + "\tInformational\n", "az monitor activity-log list"},
		"list.txt":              {"Authorization        : \n                       Scope     : " + vm + "\n                       Action    : Microsoft.Compute/virtualMachines/write\nCaller               : a@contoso.com\nCorrelationId        : 1c9e7a40-52d3-4f18-8b6a-0e3d5c7f9a21\nEventTimestamp       : 3/2/2026 10:00:00 AM\nStatus               : Succeeded\n", "ConvertTo-Json -Depth 100, or take az monitor activity-log list"},
		"deployments-table.txt": {"Name    State      Timestamp                         Mode         ResourceGroup\n------  ---------  --------------------------------  -----------  -------------\nmain    Succeeded  2026-03-02T10:00:00.000000+00:00  Incremental  rg\n", "az deployment group list --resource-group RG -o json"},
		"deployments-list.txt":  {"DeploymentName          : main\nResourceGroupName       : rg\nProvisioningState       : Succeeded\nTimestamp               : 3/2/2026 10:00:00 AM\nMode                    : Incremental\n", "az deployment group list"},
		"operations-list.txt":   {"Id                : /subscriptions/s/x\nOperationId       : AA01\nProvisioningState : Succeeded\nTargetResource    : " + vm + "\n", "az deployment operation group list"},
		"events.csv":            {"Authorization,Caller,CorrelationId,EventTimestamp\nMicrosoft.Azure.Commands.Insights.OutputClasses.PSEventDataAuthorization,a@contoso.com,c,3/2/2026 10:00:00 AM\n", "ConvertTo-Json -Depth 100 in place of Export-Csv"},
		"graph.csv":             {"id,name,type,tenantId,location,resourceGroup,subscriptionId,properties\n" + vm + ",vm,microsoft.compute/virtualmachines,t,westeurope,rg,s,\"{\"\"a\"\":1}\"\n", "resourcechanges"},
		"graph.json":            {`{"count":1,"data":[{"id":"` + vm + `","name":"vm","type":"microsoft.compute/virtualmachines","location":"westeurope","properties":{}}]}`, "resourcechanges"},
		"resources.json":        {`[{"id":"` + vm + `","name":"vm","type":"Microsoft.Compute/virtualMachines","location":"westeurope","resourceGroup":"rg","sku":null}]`, "az deployment group list -o json"},
	}
	w := ingesttest.New(t)
	for name, f := range files {
		w.Put(name, f.text)
	}
	r := w.MustIngest()
	for name, want := range files {
		if f := ingesttest.Status(t, r, name); f.Status != ledger.StatusUnknown || !strings.Contains(f.Reason, want.says) {
			t.Errorf("%s: %s, %q", name, f.Status, f.Reason)
		}
	}
}
