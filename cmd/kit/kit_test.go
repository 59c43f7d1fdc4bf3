package kit

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

const profile = "/providers/Microsoft.Billing/billingAccounts/1:2_2019-05-31/billingProfiles/AAAA-BBBB"

// kits are all kinds of kits, by what they are for.
func kits(t *testing.T) map[string]Kit {
	t.Helper()
	all := map[string]Kit{}
	for name, scope := range map[string]string{
		"any": "", "subscription": "22222222-2222-4333-8444-55555555555A", "group": "/providers/Microsoft.Management/managementGroups/contoso", "billing": profile,
	} {
		for _, customer := range []bool{false, true} {
			k := Kit{Scope: scope, Customer: customer, Storage: "contosopidledger"}
			if scope == "" {
				k.Storage = ""
			}
			if err := k.read(); err != nil {
				t.Fatal(err)
			}
			if customer {
				name += " of a customer"
			}
			all[name] = k
		}
	}
	return all
}

func filesOf(t *testing.T, k Kit) map[string]string {
	t.Helper()
	list, err := k.files()
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, f := range list {
		texts[f.name] = string(f.text)
	}
	return texts
}

// typed is a resource of an ARM template with those of the templates within.
type typed struct {
	Type, APIVersion, Name string
	Properties             struct{ Template struct{ Resources []typed } }
}

func (r typed) all() (found []string) {
	if r.Type != "Microsoft.Resources/deployments" {
		return []string{r.Type + "@" + r.APIVersion}
	}
	for _, inner := range r.Properties.Template.Resources {
		found = append(found, inner.all()...)
	}
	return found
}

// Terraform makes the resources of the ARM template, refers to nothing that is not declared, and loses nothing of their bodies on the way.
func TestSameResources(t *testing.T) {
	for name, k := range kits(t) {
		texts := filesOf(t, k)
		var arm struct{ Resources []typed }
		if err := json.Unmarshal([]byte(texts["pidledger.json"]), &arm); err != nil {
			t.Fatal(err)
		}
		var want, got []string
		for _, r := range arm.Resources {
			want = append(want, r.all()...)
		}
		parsed, diags := hclsyntax.ParseConfig([]byte(texts["main.tf"]), "main.tf", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatalf("%s: %v\n%s", name, diags, texts["main.tf"])
		}
		body := parsed.Body.(*hclsyntax.Body)
		declared := map[string]bool{"each.key": true}
		for _, b := range body.Blocks {
			switch b.Type {
			case "variable":
				declared["var."+b.Labels[0]] = true
			case "resource":
				declared["azapi_resource."+b.Labels[1]] = true
				got = append(got, literal(t, b.Body.Attributes["type"].Expr))
				sameBody(t, b)
			case "locals":
				for local := range b.Body.Attributes {
					declared["local."+local] = true
				}
			}
		}
		for _, v := range variables(body) {
			if root := v.RootName() + "." + v[1].(hcl.TraverseAttr).Name; !declared[root] {
				t.Errorf("%s: %s is not declared", name, root)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func variables(b *hclsyntax.Body) (found []hcl.Traversal) {
	for _, a := range b.Attributes {
		found = append(found, a.Expr.Variables()...)
	}
	for _, inner := range b.Blocks {
		if inner.Type != "terraform" {
			found = append(found, variables(inner.Body)...)
		}
	}
	return slices.DeleteFunc(found, func(v hcl.Traversal) bool { return len(v) < 2 }) // the type of a variable
}

func literal(t *testing.T, e hclsyntax.Expression) string {
	t.Helper()
	v, diags := e.Value(nil)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return v.AsString()
}

// sameBody compares the body of a resource of Terraform with that of resources.json. What is filled in is unknown here.
func sameBody(t *testing.T, b *hclsyntax.Block) {
	t.Helper()
	var want any
	words := strings.Split(b.Labels[1], "_")
	for i := range words[1:] {
		words[i+1] = strings.ToUpper(words[i+1][:1]) + words[i+1][1:]
	}
	r, ok := resources()[strings.Join(words, "")]
	if !ok {
		t.Fatalf("%s is not in resources.json", b.Labels[1])
	}
	a := b.Body.Attributes["body"]
	if a == nil {
		if r.Body != nil {
			t.Errorf("%s has lost its body", b.Labels[1])
		}
		return
	}
	if err := json.Unmarshal(r.Body, &want); err != nil {
		t.Fatal(err)
	}
	unknown := map[string]cty.Value{}
	for _, root := range []string{"var", "local", "each", "azapi_resource"} {
		unknown[root] = cty.DynamicVal
	}
	v, diags := a.Expr.Value(&hcl.EvalContext{Variables: unknown})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	v, err := cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if !v.IsKnown() {
			return cty.StringVal("<>"), nil
		}
		return v, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(unfilled(want), unfilled(got)); diff != "" {
		t.Errorf("%s: %s", b.Labels[1], diff)
	}
}

// unfilled takes out what is filled in; a folder and a role are so for some kits only.
func unfilled(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, of := range v {
			v[name] = unfilled(of)
			if name == "rootFolderPath" || name == "roleDefinitionId" {
				v[name] = "<>"
			}
		}
	case []any:
		for i, of := range v {
			v[i] = unfilled(of)
		}
	case string:
		if strings.HasPrefix(v, "<") {
			return "<>"
		}
	}
	return v
}

// What a kit gives is what it is for, and no more: roles by the ids that Azure documents (learn.microsoft.com, built-in roles, general and storage).
func TestRoles(t *testing.T) {
	const reader, blobReader = "acdd72a7-3385-48ef-bd42-f606fba81ae7", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
	ids := regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	for name, want := range map[string][]string{
		"any": {blobReader, reader}, "group": {blobReader, reader}, "billing": {blobReader},
		"any of a customer": {reader}, "group of a customer": {reader}, "billing of a customer": nil,
	} {
		texts := filesOf(t, kits(t)[name])
		for _, f := range []string{"pidledger.json", "main.tf"} {
			found := map[string]bool{}
			for _, id := range ids.FindAllString(texts[f], -1) {
				found[id] = true
			}
			if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, want) {
				t.Errorf("%s, %s: %v", name, f, got)
			}
		}
	}
}

// The Bicep file passes on every parameter of the template, and every output.
func TestModule(t *testing.T) {
	for name, k := range kits(t) {
		texts := filesOf(t, k)
		var arm struct{ Parameters, Outputs map[string]any }
		if err := json.Unmarshal([]byte(texts["pidledger.json"]), &arm); err != nil {
			t.Fatal(err)
		}
		for pattern, want := range map[string][]string{
			`(?m)^param (\w+) \w+`: slices.Sorted(maps.Keys(arm.Parameters)), `(?m)^    (\w+): \w+$`: slices.Sorted(maps.Keys(arm.Parameters)),
			`(?m)^output (\w+) string = setup\.outputs\.\w+$`: slices.Sorted(maps.Keys(arm.Outputs)),
		} {
			var got []string
			for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(texts["pidledger.bicep"], -1) {
				got = append(got, m[1])
			}
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s: %s", name, pattern, diff)
			}
		}
		if strings.Contains(texts["pidledger.bicep"], "parameters(") {
			t.Errorf("%s has words of ARM", name)
		}
	}
}

// Scopes that have no exports, and what is to end in a template as something else, are refused.
func TestScopes(t *testing.T) {
	for scope, good := range map[string]bool{
		"/subscriptions/22222222-2222-4333-8444-555555555555/": true, "/subscriptions/x": false, "contoso": false,
		"/subscriptions/22222222-2222-4333-8444-555555555555/resourceGroups/rg":      false,
		"/providers/Microsoft.Billing/billingAccounts/123456":                        true,
		"/providers/Microsoft.Billing/billingAccounts/123456/departments/7":          true,
		"/providers/Microsoft.Billing/billingAccounts/123456/enrollmentAccounts/7":   true,
		"/providers/Microsoft.Billing/billingAccounts/1:2_2019-05-31/customers/5fc1": true,
		profile: true, profile + "/invoiceSections/CCCC": true, profile + "/other/CCCC": false,
		"/providers/Microsoft.Billing/billingAccounts/1'": false, "/providers/Microsoft.Billing/billingAccounts/${x}": false,
		"/providers/Microsoft.Billing/billingAccounts/[x]": false, "/providers/Microsoft.Management/managementGroups/a b": false,
	} {
		if err := (&Kit{Scope: scope}).read(); (err == nil) != good {
			t.Errorf("%s: %v", scope, err)
		}
	}
	if (&Kit{Scope: "/providers/Microsoft.Billing/billingAccounts/1:2_2019-05-31/customers/5fc1", Customer: true}).read() == nil {
		t.Error("a customer gets a kit for what is the partner's")
	}
	for _, storage := range []string{"ab", "Contoso", "con-toso", "a'b", strings.Repeat("a", 25)} {
		if (&Kit{Storage: storage}).read() == nil {
			t.Errorf("%s is no storage account", storage)
		}
	}
}
