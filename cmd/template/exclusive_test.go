package template

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestExclusive tells ids that can be deployed together from those that exclude each other.
func TestExclusive(t *testing.T) {
	const head = `{"$schema":"` + groupSchema + `","contentVersion":"1.0.0.0","parameters":{"plan":{"type":"string","defaultValue":"a","allowedValues":["a","b","c"]},
		"prod":{"type":"bool"},"trackingOptOut":{"type":"bool"},"size":{"type":"int"},"more":{"type":"object"}},
		"variables":{"isProd":"[equals(parameters('plan'),'A')]","notProd":"[not(variables('isProd'))]","plans":["a","b"],"x":"[parameters('plan')]"},"resources":[`
	one := func(name, condition string) string {
		if condition != "" {
			condition = `"condition":` + condition + `,`
		}
		return `{"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01",` + condition + `"name":"` + name + `","properties":{"mode":"Incremental","template":{"$schema":"` +
			groupSchema + `","contentVersion":"1.0.0.0","resources":[]}}}`
	}
	for _, c := range []struct {
		a, b string // conditions
		want bool
	}{
		{``, ``, false},
		{`"[equals(parameters('plan'),'a')]"`, `"[equals(parameters('plan'),'b')]"`, true},
		{`"[equals(parameters('plan'),'a')]"`, `"[equals('B',parameters('PLAN'))]"`, true},
		{`"[equals(parameters('plan'),'a')]"`, `"[equals(parameters('plan'),'A')]"`, false},
		{`"[equals(parameters('plan'),'a')]"`, `"[equals(parameters('size'),'b')]"`, false},
		{`"[equals(parameters('size'),1)]"`, `"[equals(parameters('size'),2)]"`, true},
		{`"[parameters('prod')]"`, `"[not(parameters('prod'))]"`, true},
		{`"[parameters('prod')]"`, `"[equals(parameters('prod'),false())]"`, true},
		{`"[parameters('prod')]"`, `"[equals(parameters('prod'),true())]"`, false},
		{`"[parameters('prod')]"`, ``, false},
		{`"[equals(parameters('plan'),'a')]"`, `"[not(equals(toLower(parameters('plan')),'a'))]"`, true},
		{`"[variables('isProd')]"`, `"[variables('notProd')]"`, true},
		{`"[variables('isProd')]"`, `"[equals(variables('x'),'c')]"`, true},
		{`"[and(not(parameters('trackingOptOut')),equals(parameters('plan'),'a'))]"`, `"[and(not(parameters('trackingOptOut')),equals(parameters('plan'),'b'))]"`, true},
		{`"[and(parameters('prod'),equals(parameters('plan'),'a'))]"`, `"[or(parameters('prod'),equals(parameters('plan'),'b'))]"`, false},
		{`"[or(equals(parameters('plan'),'a'),equals(parameters('plan'),'b'))]"`, `"[equals(parameters('plan'),'c')]"`, true},
		{`"[or(equals(parameters('plan'),'a'),equals(parameters('plan'),'b'))]"`, `"[equals(parameters('plan'),'b')]"`, false},
		{`"[not(or(equals(parameters('plan'),'a'),parameters('prod')))]"`, `"[parameters('prod')]"`, true},
		{`"[not(and(equals(parameters('plan'),'a'),parameters('prod')))]"`, `"[parameters('prod')]"`, false},
		{`"[contains(variables('plans'),parameters('plan'))]"`, `"[equals(parameters('plan'),'c')]"`, true},
		{`"[contains(createArray('a','b'),parameters('plan'))]"`, `"[equals(parameters('plan'),'b')]"`, false},
		{`"[not(contains(variables('plans'),parameters('plan')))]"`, `"[equals(parameters('plan'),'b')]"`, true},
		{`"[empty(parameters('more').plan)]"`, `"[not(empty(parameters('more')['plan']))]"`, true},
		{`"[empty(parameters('plan'))]"`, `"[equals(parameters('plan'),'a')]"`, true},
		{`"[if(parameters('prod'),true(),false())]"`, `"[if(parameters('prod'),false(),true())]"`, true},
		{`"[greater(parameters('size'),2)]"`, `"[not(greater(parameters('size'),2))]"`, true},
		{`"[greater(parameters('size'),2)]"`, `"[not(greater(parameters('size'),3))]"`, false},
		{`false`, `true`, true},
		{`"[equals(resourceGroup().location,'westeurope')]"`, `"[equals(resourceGroup().location,'northeurope')]"`, true},
		{`"[broken"`, `"[not(broken"`, false},
	} {
		found, err := Check("azuredeploy.json", []byte(head+one("pid-"+idA, c.a)+","+one("pid-"+idB, c.b)+`]}`), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if several := slices.Contains(idsIn(found), "L15"); several == c.want {
			t.Errorf("%s and %s: L15 %v", c.a, c.b, several)
		}
	}

	// Of three only two exclude each other.
	found, err := Check("azuredeploy.json", []byte(head+one("pid-"+idA, `"[parameters('prod')]"`)+","+one("pid-"+idB, `"[not(parameters('prod'))]"`)+","+one("pid-"+idOther, "")+`]}`), Options{})
	if i := slices.IndexFunc(found, func(f Finding) bool { return f.Rule == "L15" }); err != nil || i < 0 || !strings.Contains(found[i].Why, "3 ids") {
		t.Error(found, err)
	}
	for name, want := range map[string]bool{
		fmt.Sprintf("[if(parameters('prod'),'pid-%s','pid-%s')]", idA, idB):                               false,
		fmt.Sprintf("[concat('pid-',if(equals(parameters('plan'),'a'),'%s','%s'))]", idA, idB):            false,
		fmt.Sprintf("[format('pid-{0}', createObject('a','%s','b','%s')[parameters('plan')])]", idA, idB): false,
		fmt.Sprintf("pid-%s-pid-%s", idA, idB):                                                            true,
	} {
		found, err := Check("azuredeploy.json", []byte(head+one(name, "")+`]}`), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if several := slices.Contains(idsIn(found), "L15"); several != want {
			t.Errorf("%s: L15 %v\n%v", name, several, found)
		}
	}
}

// TestExclusiveAround counts the conditions of the deployments around.
func TestExclusiveAround(t *testing.T) {
	nested := func(id, condition string) string {
		return `{"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01","name":"m` + id[:4] + `","condition":"` + condition + `","properties":{"mode":"Incremental","template":` + pidTemplate("pid-"+id) + `}}`
	}
	for other, want := range map[string]bool{"[not(parameters('prod'))]": false, "[parameters('prod')]": true} {
		found, err := Check("azuredeploy.json", []byte(`{"$schema":"`+groupSchema+`","contentVersion":"1.0.0.0","parameters":{"prod":{"type":"bool"}},"resources":[`+
			nested(idA, "[parameters('prod')]")+","+nested(idB, other)+`]}`), Options{})
		if several := slices.Contains(idsIn(found), "L15"); err != nil || several != want {
			t.Errorf("%s: L15 %v %v", other, several, err)
		}
	}
}

func TestExclusiveBicep(t *testing.T) {
	two := func(a, b string) string {
		src := ""
		for i, condition := range []string{a, b} {
			src += strings.Replace(strings.Replace(trackedAs("", "'pid-"+[]string{idA, idB}[i]+"'"), "= {", "= if ("+condition+") {", 1), "resource tracking", fmt.Sprint("resource t", i), 1)
		}
		return "param plan string\nparam prod bool\nvar isA = plan == 'a'\n" + src
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"plan == 'a'", "plan == 'b'", false}, {"plan == 'a'", "plan != 'a'", false}, {"prod", "!prod", false}, {"isA", "!isA && prod", false}, {"plan == 'a'", "prod", true},
		{"plan == 'a' || prod", "!prod && plan == 'b'", false}, {"prod ? plan == 'a' : false", "!prod", false},
	} {
		found, err := Check("deploy.bicep", []byte(two(c.a, c.b)), Options{})
		if several := slices.Contains(idsIn(found), "L15"); err != nil || several != c.want {
			t.Errorf("%s and %s: L15 %v %v", c.a, c.b, several, err)
		}
	}
}

func TestExclusiveTerraform(t *testing.T) {
	two := func(a, b string) string {
		src := "variable \"prod\" {\n  type = bool\n}\n"
		for i, count := range []string{a, b} {
			src += fmt.Sprintf("resource \"azurerm_resource_group_template_deployment\" \"t%d\" {\n  name = \"pid-%s\"\n  count = %s\n  deployment_mode = \"Incremental\"\n}\n", i, []string{idA, idB}[i], count)
		}
		return src
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"var.prod ? 1 : 0", "var.prod ? 0 : 1", false}, {"var.prod ? 1 : 0", "!var.prod ? 1 : 0", false}, {"var.prod ? 1 : 0", "!var.prod ? 0 : 1", true},
	} {
		found, err := Check("main.tf", []byte(two(c.a, c.b)), Options{})
		if several := slices.Contains(idsIn(found), "L15"); err != nil || several != c.want {
			t.Errorf("%s and %s: L15 %v %v", c.a, c.b, several, err)
		}
	}
}

// TestExclusiveHostile comes to an end on conditions that grow with each variable.
func TestExclusiveHostile(t *testing.T) {
	for _, step := range []string{
		"[and(variables('v#'), variables('v#'))]", "[or(variables('v#'), not(variables('v#')))]", "[if(variables('v#'), variables('v#'), variables('v#'))]",
		"[equals(variables('v#'), variables('v#'))]", "[not(variables('v#'))]", "[greater(concat(variables('v#'), variables('v#')), 'x')]",
		"[or(equals(parameters('p'), '#'), variables('v#'))]", "[and(or(parameters('a#'), parameters('b#')), variables('v#'))]",
	} {
		var b strings.Builder
		fmt.Fprintf(&b, `{"$schema":"%s","contentVersion":"1.0.0.0","parameters":{"p":{"type":"bool"}},"variables":{"v0":"[parameters('p')]"`, groupSchema)
		const n = 400
		for i := range n {
			fmt.Fprintf(&b, `,"v%d":%q`, i+1, strings.ReplaceAll(step, "#", fmt.Sprint(i)))
		}
		b.WriteString(`},"resources":[`)
		for i := range 60 {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01","name":"pid-%08x%s","condition":"[variables('v%d')]","properties":{"mode":"Incremental"}}`, i, idA[8:], n-i)
		}
		b.WriteString(`]}`)
		if _, err := Check("a.json", []byte(b.String()), Options{}); err != nil {
			t.Error(err)
		}
	}
}
