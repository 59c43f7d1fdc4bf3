package evidence

import (
	"strings"
	"testing"
)

// TestOperationsWithoutSubscription: what an operation does not name itself, the configuration or its folder may; else it says what is missing.
func TestOperationsWithoutSubscription(t *testing.T) {
	const (
		subscription = "0d6f1e52-7a3c-4b1e-9a55-3c1f2b7d9e01"
		dep          = "dep_id=/subscriptions/" + subscription + "/resourcegroups/rg-a/providers/microsoft.resources/deployments/main\n"
		chosen       = `{"DeploymentName":"Main","ResourceGroupName":"RG-a","OperationId":"AA01","ProvisioningState":"Succeeded","StatusCode":"Created","TargetResource":"/subscriptions/s/resourceGroups/rg-a/providers/Microsoft.Compute/disks/d"}`
		relative     = `{"Id":"/resourceGroups/RG-a/providers/Microsoft.Resources/deployments/Main/operations/AA01","OperationId":"AA01","ProvisioningState":"Succeeded","TargetResource":"x"}`
		nothing      = `{"OperationId":"AA01","ProvisioningState":"Succeeded","TargetResource":"x"}`
	)
	for _, record := range []string{chosen, relative} {
		if rows, tally := parse(t, record, Options{Subscription: subscription}); !strings.Contains(rows, dep) || len(tally.Rejects) > 0 {
			t.Errorf("%s: %s%+v", record, rows, tally.Rejects)
		}
		if _, tally := parse(t, record, Options{}); len(tally.Rejects) != 1 || !strings.Contains(tally.Rejects[0].Reason, "`subscription: GUID`") {
			t.Errorf("%s: %+v", record, tally.Rejects)
		}
	}
	if _, tally := parse(t, nothing, Options{Subscription: subscription}); len(tally.Rejects) != 1 || !strings.Contains(tally.Rejects[0].Reason, "no Id, which names its deployment") {
		t.Errorf("no deployment: %+v", tally.Rejects)
	}
}
