package ingest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest/evidence"
	"github.com/pidledger/pidledger/ingest/ingesttest"
)

const (
	subA = "0b1e5c3a-1111-4aaa-8bbb-0123456789ab"
	subB = "0b1e5c3a-2222-4aaa-8bbb-0123456789ab"
)

// psDeployment is a deployment as Get-AzResourceGroupDeployment | ConvertTo-Json writes it, without id and subscription.
func psDeployment(group, name, correlation string) string {
	return fmt.Sprintf(`[{"DeploymentName":%q,"CorrelationId":%q,"ResourceGroupName":%q,"ProvisioningState":"Succeeded","Timestamp":"2026-03-02T10:01:00Z","Mode":0}]`, name, correlation, group)
}

// psOperation is an operation as Get-AzResourceGroupDeploymentOperation | ConvertTo-Json writes it.
func psOperation(subscription, group, name string) string {
	return fmt.Sprintf(`[{"Id":"/subscriptions/%[1]s/resourceGroups/%[2]s/providers/Microsoft.Resources/deployments/%[3]s/operations/AA01","OperationId":"AA01","ProvisioningState":"Succeeded","StatusCode":"Created","TargetResource":"/subscriptions/%[1]s/resourceGroups/%[2]s/providers/Microsoft.Compute/disks/d"}]`, subscription, group, name)
}

func at(subscription, group string) string {
	return "/subscriptions/" + subscription + "/resourcegroups/" + group
}

// A file of PowerShell names no subscription. What lies beside it tells, whenever that comes; two different ones tell nothing; and the file says
// what is missing for as long as it is.
func TestPlaceByFolder(t *testing.T) {
	w := ingesttest.New(t)
	w.Put("azps/deployments.json", psDeployment("RG-a", "Main", "c-1"))
	w.Put("other/operations.json", psOperation(subB, "rg-a", "main")) // of another folder: that a name is the same is a guess
	r := w.MustIngest()
	if got := w.DepIDs(); got != "Main -" {
		t.Errorf("nothing tells: %s", got)
	}
	f := ingesttest.Status(t, r, "azps/deployments.json")
	if !strings.Contains(f.Reason, "names no subscription") || !strings.Contains(f.Reason, "`subscription: GUID`") {
		t.Errorf("it does not say what is missing: %q", f.Reason)
	}
	if len(r.Unplaced) != 1 || r.Unplaced[0] != f.Path {
		t.Errorf("unplaced files %q", r.Unplaced)
	}
	if r = w.MustIngest(); !strings.Contains(strings.Join(r.Notes, "\n"), "exports/azps/deployments.json: it names no subscription (PowerShell writes none)") {
		t.Errorf("the second night says nothing: %q", r.Notes)
	}

	w.Put("azps/operations.json", psOperation(subA, "rg-a", "main"))
	r = w.MustIngest()
	if got, want := w.DepIDs(), "Main "+at(subA, "rg-a")+" main"; got != want {
		t.Errorf("operations beside it: %s, want %s", got, want)
	}
	if len(r.Notes) > 0 {
		t.Errorf("notes %q", r.Notes)
	}
	if f := ingesttest.Status(t, w.MustIngest(), "azps/deployments.json"); strings.Contains(f.Reason, "subscription") || f.Reason == "" {
		t.Errorf("it still says that something is missing: %q", f.Reason)
	}

	w.Put("azps/more.json", psOperation(subB, "rg-b", "main"))
	r = w.MustIngest()
	if got := w.DepIDs(); got != "Main -" {
		t.Errorf("two subscriptions in the folder: %s", got)
	}
	if f := ingesttest.Status(t, w.MustIngest(), "azps/deployments.json"); !strings.Contains(f.Reason, "tell of 2") || !strings.Contains(strings.Join(r.Notes, "\n"), "tell of 2") {
		t.Errorf("it does not say that there are two: %q, %q", f.Reason, r.Notes)
	}
}

// The order in which files come does not matter, nor whether one run or several read them.
func TestPlaceInAnyOrder(t *testing.T) {
	files := map[string]string{
		"azps/2026-03-02/deployments.json":    psDeployment("rg-a", "main", "c-1"),
		"azps/2026-03-02/operations.json":     psOperation(subA, "rg-a", "main"),
		"azps/2026-03-03/deployments.json":    psDeployment("rg-a", "main", "c-2"), // the operations of the night before, for the name was used again
		"azps/2026-03-03/operations.json":     psOperation(subA, "rg-a", "main"),
		"by-id/" + subB + "/deployments.json": psDeployment("rg-b", "main", "c-3"),
		"log/activity.json":                   `[{"eventTimestamp":"2026-03-02T10:00:00Z","operationName":{"value":"Microsoft.Compute/disks/write"},"status":{"value":"Succeeded"},"resourceId":"` + at(subB, "rg-b") + `/providers/Microsoft.Compute/disks/d","correlationId":"c-3"}]`,
		"exact/deployments.csv":               "\"DeploymentName\",\"CorrelationId\",\"ResourceGroupName\",\"ProvisioningState\",\"Timestamp\"\n\"nested\",\"c-4\",\"rg-c\",\"Succeeded\",\"2026-03-02T10:01:00Z\"\n",
		"log/more.json":                       `[{"eventTimestamp":"2026-03-02T10:00:00Z","operationName":{"value":"Microsoft.Resources/deployments/write"},"status":{"value":"Succeeded"},"resourceId":"` + at(subB, "rg-c") + `/providers/Microsoft.Resources/deployments/nested","correlationId":"c-4"}]`,
	}
	want := strings.Join([]string{
		"main " + at(subA, "rg-a") + " main", "main " + at(subA, "rg-a") + " main", "main " + at(subB, "rg-b") + " main", "nested " + at(subB, "rg-c") + " nested",
	}, "|")
	w := ingesttest.New(t)
	for name, text := range files {
		w.Put(name, text)
	}
	if r := w.MustIngest(); w.DepIDs() != want || len(r.Notes) > 0 {
		t.Errorf("at once: %s, want %s; notes %q", w.DepIDs(), want, r.Notes)
	}
	for range 2 { // the order of a map is another each time
		w = ingesttest.New(t)
		for name, text := range files {
			w.Put(name, text)
			w.MustIngest()
		}
		if got := w.DepIDs(); got != want {
			t.Errorf("one after the other: %s, want %s", got, want)
		}
	}
}

// A folder or file that is named by a GUID may be anything: only one that other evidence knows as a subscription tells.
func TestPlaceByFolderName(t *testing.T) {
	w := ingesttest.New(t)
	w.Put("by-id/"+subA+"/deployments.json", psDeployment("rg-a", "main", "c-1"))
	w.Put("resourceId=/SUBSCRIPTIONS/"+strings.ToUpper(subB)+"/deployments.json", psDeployment("rg-b", "other", "c-2"))
	w.Put("by-id/"+strings.ToUpper(subB)+"_rg-c.json", psDeployment("rg-c", "third", "c-3"))
	r := w.MustIngest()
	if got, want := w.DepIDs(), "main -|other "+at(subB, "rg-b")+" other|third "+at(subB, "rg-c")+" third"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, subA) || strings.Contains(notes, "resourceId") {
		t.Errorf("notes %q", r.Notes)
	}
	w.Run.Sources.List[0].Subscription = subB
	w.MustIngest()
	if got := w.DepIDs(); !strings.Contains(got, "main "+at(subB, "rg-a")+" main") {
		t.Errorf("the configuration does not win: %s", got)
	}
}

// Files of a customer may lie in folders by kind. What lies below the folder, or below that which it lies in, tells; a source as a whole does not.
func TestPlaceByFoldersAround(t *testing.T) {
	w := ingesttest.New(t)
	w.Put("contoso/deployments/rg-a.json", psDeployment("rg-a", "below-parent", "c-1"))
	w.Put("contoso/operations/rg-a/x.json", psOperation(subA, "rg-a", "x"))
	w.Put("fabrikam/rg-b.json", psDeployment("rg-b", "below", "c-2"))
	w.Put("fabrikam/operations/x.json", psOperation(subB, "rg-b", "x"))
	w.Put("loose/rg-c.json", psDeployment("rg-c", "beside-the-source", "c-3"))
	w.Put("rg-d.json", psDeployment("rg-d", "in-the-source", "c-4"))
	w.MustIngest()
	want := "below " + at(subB, "rg-b") + " below|below-parent " + at(subA, "rg-a") + " below-parent|beside-the-source -|in-the-source -"
	if got := w.DepIDs(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	w.Put("contoso/activity/more.json", psOperation(subB, "rg-a", "x"))
	w.MustIngest()
	if got := w.DepIDs(); !strings.Contains(got, "below-parent -|") {
		t.Errorf("two around it: %s", got)
	}
}

func TestPathSubscription(t *testing.T) {
	for path, want := range map[string]string{
		"exports/resourceId=/SUBSCRIPTIONS/" + strings.ToUpper(subA) + "/y=2026/x.json": subA,
		"exports/subscriptions/" + subA + "/resourceGroups/rg/x.json":                   subA,
		"exports/subscription-" + subA + "/x.json":                                      subA,
		"exports/sub=" + subA + "/x.json":                                               subA,
		"exports/" + subA + "/x.json":                                                   "",
		"exports/tenant-" + subA + "/x.json":                                            "",
		"exports/subscription-" + subA + ".json":                                        "",
		"exports/subscription-" + subA + "/subscription-" + subB + "/x.json":            "",
		"am-x/WorkspaceResourceId=/subscriptions/" + subA + "/x.json":                   "",
		"x.json": "",
	} {
		if got := evidence.PathSubscription(path); got != want {
			t.Errorf("PathSubscription(%s) = %q, want %q", path, got, want)
		}
	}
}
