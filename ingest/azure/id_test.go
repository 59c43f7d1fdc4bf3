package azure

import (
	"bytes"
	"strings"
	"testing"
)

func TestAppendID(t *testing.T) {
	for in, want := range map[string]string{
		"/SUBSCRIPTIONS/S/RESOURCEGROUPS/RG/PROVIDERS/P/T/N":                         "/subscriptions/s/resourcegroups/rg/providers/p/t/n",
		"subscriptions/S/resourceGroups/RG/":                                         "/subscriptions/s/resourcegroups/rg",
		"//subscriptions/S//":                                                        "/subscriptions/s",
		" /subscriptions/S \n":                                                       "/subscriptions/s",
		"/subscriptions/S/resourcegroups/RG/deployments/N":                           "/subscriptions/s/resourcegroups/rg/providers/microsoft.resources/deployments/n",
		"/subscriptions/S/deployments/N":                                             "/subscriptions/s/providers/microsoft.resources/deployments/n",
		"/subscriptions/S/resourcegroups/RG/deployments/N/operations/O":              "/subscriptions/s/resourcegroups/rg/providers/microsoft.resources/deployments/n/operations/o",
		"/subscriptions/S/resourceGroups/RG/providers/Microsoft.X/y/z/deployments/N": "/subscriptions/s/resourcegroups/rg/providers/microsoft.x/y/z/deployments/n",
		"/subscriptions/S/resourceGroups/deployments/providers/P/t/n":                "/subscriptions/s/resourcegroups/deployments/providers/p/t/n",
		"/subscriptions/S/resourceGroups/GRÜN/providers/P/T/Ä B":                     "/subscriptions/s/resourcegroups/grün/providers/p/t/ä b",
		"/TeNaNtS/T/PrOvIdErS/P":                                                     "/tenants/t/providers/p",
		"":                                                                           "",
		"/":                                                                          "",
		"  ":                                                                         "",
	} {
		if got := string(AppendID(nil, []byte(in))); got != want {
			t.Errorf("AppendID(%q) = %q, want %q", in, got, want)
		}
		if got := string(AppendID([]byte("kept"), []byte(in))); got != "kept"+want {
			t.Errorf("AppendID after other text = %q", got)
		}
		if twice := string(AppendID(nil, []byte(want))); twice != want {
			t.Errorf("AppendID is not idempotent: %q -> %q", want, twice)
		}
	}
}

func TestURLID(t *testing.T) {
	const guid = "0d6f1e52-7a3c-4b1e-9a55-3c1f2b7d9e01"
	for in, want := range map[string]string{
		"https://management.azure.com/subscriptions/S/resourceGroups/RG?api-version=1": "/subscriptions/s/resourcegroups/rg",
		"https://management.azure.com:443/subscriptions/S/resourceGroups/a%20b%2Fc":    "/subscriptions/s/resourcegroups/a b/c",
		"/subscriptions/S/x#y": "/subscriptions/s/x",
		"http://localhost:1234/subscriptions/S/resourcegroups/RG/":           "/subscriptions/s/resourcegroups/rg",
		"https://gw.example/arm/subscriptions/" + guid + "/x":                "/subscriptions/" + guid + "/x",
		"https://gw.example/arm/subscriptions/list":                          "",
		"https://management.azure.com/subscriptions/":                        "",
		"https://management.azure.com/subscriptions?api-version=1":           "",
		"https://management.azure.com":                                       "",
		"/providers/Microsoft.Management/managementGroups/G/subscriptions/S": "/providers/microsoft.management/managementgroups/g/subscriptions/s",
		"/providers/list": "",
		"https://www.example.com/?u=/subscriptions/S": "",
		"/subscriptions/S/resourceGroups/100%/x%zz":   "/subscriptions/s/resourcegroups/100%/x%zz",
		"": "",
	} {
		if got := string(AppendURLID(nil, []byte(in))); got != want {
			t.Errorf("AppendURLID(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTypesAndScopes(t *testing.T) {
	tests := []struct{ id, typ, scope string }{
		{"/subscriptions/s/resourcegroups/rg/providers/p/t/n/u/m", "p/t/u", "rg"},
		{"/subscriptions/s/resourcegroups/rg/providers/p/t/n/providers/q/e/x", "q/e", "rg"},
		{"/subscriptions/s/providers/p/t/n", "p/t", "sub"},
		{"/subscriptions/s/resourcegroups/rg", GroupType, "rg"},
		{"/subscriptions/s", "microsoft.resources/subscriptions", "sub"},
		{"/providers/microsoft.management/managementgroups/g/providers/microsoft.resources/deployments/d", DeploymentType, "mg"},
		{"/providers/microsoft.resources/deployments/d", DeploymentType, "tenant"},
		{"/something", "", "tenant"},
		{"", "", ""},
	}
	for _, tt := range tests {
		if got := string(AppendType(nil, []byte(tt.id))); got != tt.typ {
			t.Errorf("AppendType(%q) = %q, want %q", tt.id, got, tt.typ)
		}
		if got := ScopeKind([]byte(tt.id)); got != tt.scope {
			t.Errorf("ScopeKind(%q) = %q, want %q", tt.id, got, tt.scope)
		}
	}
	if _, _, ok := CutOperation([]byte("/subscriptions/s/providers/microsoft.resources/deployments/operations/x")); ok {
		t.Error("a deployment named operations is not an operation")
	}
	dep, op, ok := CutOperation([]byte("/subscriptions/s/providers/microsoft.resources/deployments/d/operations/0a"))
	if string(dep) != "/subscriptions/s/providers/microsoft.resources/deployments/d" || string(op) != "0a" || !ok {
		t.Errorf("CutOperation = %q, %q, %v", dep, op, ok)
	}
}

func TestAppendLower(t *testing.T) {
	for _, in := range []string{"", "A", "abcDEF[`@Z{", "0123456789ABCDEFGHIJ", "ÄÖÜ", "ABCDEFGHÄ", "ABCDEFGHIJÄ", "\xff\xfeABC"} {
		if got, want := AppendLower([]byte("X"), []byte(in)), append([]byte("X"), bytes.ToLower([]byte(in))...); !bytes.Equal(got, want) {
			t.Errorf("AppendLower(%q) = %q, want %q", in, got, want)
		}
	}
	all := make([]byte, 128)
	for i := range all {
		all[i] = byte(i)
	}
	if got := string(AppendLower(nil, all)); got != strings.ToLower(string(all)) {
		t.Errorf("AppendLower of all ASCII = %q", got)
	}
}
