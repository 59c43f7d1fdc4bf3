package azure

import "testing"

func TestScopeRank(t *testing.T) {
	const account = "/providers/Microsoft.Billing/billingAccounts/1:2_2019-05-31"
	order := [][]string{
		{account, "/providers/microsoft.billing/billingaccounts/8611537/"},
		{account + "/departments/4", "/providers/Microsoft.Billing/departments/7"},
		{account + "/enrollmentAccounts/5", account + "/billingProfiles/P", account + "/departments/4/enrollmentAccounts/5"},
		{account + "/billingProfiles/P/invoiceSections/I", account + "/customers/C", account + "/billingProfiles/P/customers/C"},
		{"/providers/Microsoft.Management/managementGroups/root"},
		{"/subscriptions/s", "/Subscriptions/S/"},
		{"/subscriptions/s/resourceGroups/g"},
		{"", "/", "folder:exports/cost", "/providers/Microsoft.Billing", account + "/newThing/x", account + "/customers", "/subscriptions//", "/data/exports"},
	}
	for i, scopes := range order {
		for _, scope := range scopes {
			if got, want := ScopeRank(scope), len(order)-1-i; got != want {
				t.Errorf("%q: %d, want %d", scope, got, want)
			}
		}
	}
}

func TestBillingAccount(t *testing.T) {
	for cell, want := range map[string]string{
		" 8611537 ": "8611537", "/providers/Microsoft.Billing/billingAccounts/8611537": "8611537",
		"/providers/Microsoft.Billing/billingAccounts/0B9E:7F3C_2019-05-31/billingProfiles/BP": "0b9e:7f3c_2019-05-31", "": "",
	} {
		if got := BillingAccount(cell); got != want {
			t.Errorf("%q: %q", cell, got)
		}
	}
}
