package template

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// linking is a main template with an id and links.
func linking(id string, links ...string) string {
	var res []string
	if id != "" {
		res = append(res, `{"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01","name":"pid-`+id+`","properties":{"mode":"Incremental",
			"template":{"$schema":"`+groupSchema+`","contentVersion":"1.0.0.0","resources":[]}}}`)
	}
	for i, l := range links {
		res = append(res, `{"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01","name":"m`+string(rune('0'+i))+`","properties":{"mode":"Incremental","templateLink":{`+l+`}}}`)
	}
	return `{"$schema":"` + groupSchema + `","contentVersion":"1.0.0.0","parameters":{"_artifactsLocation":{"type":"string","defaultValue":"[deployment().properties.templateLink.uri]"}},
		"resources":[` + strings.Join(res, ",") + `]}`
}

// TestRoles checks folders: what is wrong with a file depends on who links to it, then on its name, and not on its folder.
func TestRoles(t *testing.T) {
	plain, tracked := linking(""), linking(idA)
	bicep := "param location string\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  string // findings of warnings and errors
	}{
		"linked by path":          {map[string]string{"mainTemplate.json": linking(idA, `"relativePath":"parts/vm.json"`), "parts/vm.json": plain}, ""},
		"linked up and down":      {map[string]string{"app/azuredeploy.json": linking(idA, `"relativePath":"../shared/vm.json"`), "shared/vm.json": plain}, ""},
		"linked by address":       {map[string]string{"azuredeploy.json": linking(idA, `"uri":"[uri(parameters('_artifactsLocation'), 'a/vm.json')]"`), "a/vm.json": tracked}, "a/vm.json L07"},
		"linked by fixed address": {map[string]string{"x.json": linking(idA, `"uri":"https://raw.contoso.com/org/app/main/a/vm.json"`), "a/vm.json": plain}, ""},
		"linked by a linked one":  {map[string]string{"main.json": linking(idA, `"relativePath":"a/b.json"`), "a/b.json": linking("", `"relativePath":"c.json"`), "a/c.json": plain}, ""},
		"main below modules":      {map[string]string{"modules/a/mainTemplate.json": tracked, "nested/b/azuredeploy.json": plain, "linked/c/azuredeploy-gov.json": plain}, "linked/c/azuredeploy-gov.json L01, nested/b/azuredeploy.json L01"},
		"main linked by main":     {map[string]string{"azuredeploy.json": linking(idA, `"relativePath":"net/azuredeploy.json"`), "net/azuredeploy.json": tracked}, "net/azuredeploy.json L07"},
		"main linked by a test":   {map[string]string{"azuredeploy.json": tracked, "test/all.json": linking("", `"relativePath":"../azuredeploy.json"`)}, ""},
		"a circle":                {map[string]string{"azuredeploy.json": linking(idA, `"relativePath":"a/azuredeploy.json"`), "a/azuredeploy.json": linking("", `"relativePath":"../azuredeploy.json"`)}, ""},
		"itself":                  {map[string]string{"azuredeploy.json": linking("", `"relativePath":"azuredeploy.json"`)}, "azuredeploy.json L01"},
		"no name, no link":        {map[string]string{"vm.json": plain}, "vm.json L01"},
		"below a main":            {map[string]string{"mainTemplate.json": tracked, "nestedtemplates/vm.json": plain, "vm.json": plain}, ""},
		"beside no main":          {map[string]string{"a/mainTemplate.json": tracked, "b/vm.json": plain}, "b/vm.json L01"},
		"underscore":              {map[string]string{"_vm.json": tracked}, "_vm.json L07"},
		"two mains":               {map[string]string{"mainTemplate.json": tracked, "azuredeploy.json": plain}, "azuredeploy.json L01"},

		"bicep mains":       {map[string]string{"a/mainTemplate.bicep": bicep, "b/azuredeploy.bicep": bicep, "c/main.bicep": bicep, "d/storage.bicep": bicep}, "a/mainTemplate.bicep L01, b/azuredeploy.bicep L01, c/main.bicep L01"},
		"bicep module":      {map[string]string{"main.bicep": "module m 'net/main.bicep' = {\n  name: 'net'\n}\n", "net/main.bicep": bicep}, "main.bicep L01"},
		"bicep loop":        {map[string]string{"main.bicep": "module m './net/main.bicep' = [for i in range(0, 2): if (i > 0) {\n  name: 'net${i}'\n}]\n", "net/main.bicep": bicep}, "main.bicep L01"},
		"bicep module json": {map[string]string{"main.bicep": "module m 'net/azuredeploy.json' = {\n  name: 'net'\n}\n", "net/azuredeploy.json": plain}, "main.bicep L01"},
		"bicep registry":    {map[string]string{"main.bicep": "module m 'br/public:avm/main.bicep:1.0' = {\n  name: 'net'\n}\n", "avm/main.bicep": bicep}, "avm/main.bicep L01, main.bicep L01"},
		"bicep loads":       {map[string]string{"main.bicep": "var t = json(loadTextContent('net/vm.json'))\nresource d 'Microsoft.Resources/deployments@2022-09-01' = {\n  name: 'pid-" + idA + "'\n  properties: {\n    mode: 'Incremental'\n    template: t\n  }\n}\n", "net/vm.json": plain}, ""},
		"bicep publishes":   {map[string]string{"main.bicep": "resource d 'Microsoft.Solutions/applicationDefinitions@2021-07-01' = {\n  name: 'x'\n  properties: {\n    mainTemplate: loadJsonContent('mainTemplate.json')\n  }\n}\n", "mainTemplate.json": tracked}, "main.bicep L01"},
		"bicep imports":     {map[string]string{"main.bicep": "import { id } from 'ids.json'\n", "ids.json": plain}, "main.bicep L01"},
		"bicep test":        {map[string]string{"main.bicep": bicep, "test/main.test.bicep": "module m '../main.bicep' = {\n  name: 'x'\n}\n"}, "main.bicep L01"},
	} {
		var files []File
		fs := fstest.MapFS{}
		for n, text := range c.files {
			files = append(files, File{Name: n, Data: []byte(text)})
			fs[n] = &fstest.MapFile{Data: []byte(text)}
		}
		for range 2 { // in any order
			slices.Reverse(files)
			found, err := CheckAll(files, Options{Open: fs.ReadFile})
			if err != nil {
				t.Fatal(name, err)
			}
			var got []string
			for _, f := range found {
				if f.Severity >= Warning {
					got = append(got, f.File+" "+f.Rule)
				}
			}
			slices.Sort(got)
			if strings.Join(got, ", ") != c.want {
				t.Errorf("%s: %q, want %q", name, strings.Join(got, ", "), c.want)
			}
		}
	}
}

// TestContext leaves main templates above alone, but follows their links.
func TestContext(t *testing.T) {
	above := File{Name: "../mainTemplate.json", At: "/app/mainTemplate.json", Data: []byte(linking("", `"relativePath":"parts/a.json"`)), Beside: true}
	fs := fstest.MapFS{"app/parts/a.json": {Data: []byte(linking("", `"relativePath":"b.json"`))}}
	beside := func(at string) ([]byte, error) { return fs.ReadFile(strings.TrimPrefix(at, "/")) }
	part := File{Name: "b.json", At: "/app/parts/b.json", Data: []byte(linking(""))}
	found, err := CheckAll([]File{part, above}, Options{Open: beside})
	if err != nil || len(found) > 0 {
		t.Error(found, err)
	}
	if by := Linker(part, []File{above}, Options{Open: beside}); by != above.Name {
		t.Errorf("linked by %q", by)
	}
	part.At = "/app/parts/c.json"
	// Nobody links to it, but it stands below a main template, wherever the command runs.
	found, err = CheckAll([]File{part, above}, Options{Open: beside})
	if err != nil || len(found) != 1 || found[0].Rule != "L01" || found[0].Severity != Info || !strings.Contains(found[0].Why, above.Name) {
		t.Error(found, err)
	}
	if by := Linker(part, []File{above}, Options{Open: beside}); by != "" {
		t.Errorf("linked by %q", by)
	}
}

// TestFollowedOnce checks what is linked but not among the files once, whoever links to it, and takes it for the product of the main template.
func TestFollowedOnce(t *testing.T) {
	fs := fstest.MapFS{"parts/a.json": {Data: []byte(linking(idB))}}
	files := []File{
		{Name: "azuredeploy.json", Data: []byte(linking(idA, `"relativePath":"parts/a.json"`, `"relativePath":"./parts/a.json"`))},
		{Name: "mainTemplate.json", Data: []byte(linking(idA, `"relativePath":"parts/a.json"`))},
	}
	for range 2 {
		found, err := CheckAll(files, Options{Open: fs.ReadFile})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range found {
			if f.Severity >= Warning {
				got = append(got, f.File+" "+f.Rule)
			}
		}
		if want := []string{"parts/a.json L07"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		files = append(files, File{Name: "parts/a.json", Data: fs["parts/a.json"].Data}) // now it is among them
	}
}

func TestIsMainName(t *testing.T) {
	for name, want := range map[string]bool{
		"mainTemplate.json": true, "a/AzureDeploy.JSON": true, `c:\x\main.bicep`: true, "main.json": true, "fairfax.mainTemplate.json": true,
		"azuredeploy-auto.json": true, "mainTemplate_byol.bicep": true, "app.zip!mainTemplate.json": true,
		"main.tf": false, "main-net.json": false, "domain.json": false, "_azuredeploy.json": false, "azuredeployment.json": false, "main": false,
	} {
		if got := isMainName(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestIsTemplate(t *testing.T) {
	for text, want := range map[string]bool{
		linking(""): true,
		"\ufeff// x\n" + strings.Replace(linking(""), "$schema", "schema", 1):                 true,
		`{"contentVersion":"1.0.0.0","resources":[{"type":"a/b","apiVersion":"2020-01-01"}]}`: true,
		`{"$schema":"` + groupSchema + `","resources":[`:                                      true,
		"\xff\xfe" + strings.Join(strings.Split(linking(""), ""), "\x00"):                     true,
		`{"properties":{"policyRule":{"then":{"details":{"template":` + linking("") + `}}}}}`: false,
		`[` + linking("") + `]`: false,
		`{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"}`:          false,
		`{"$schema":"https://schema.management.azure.com/schemas/0.1.2-preview/CreateUIDefinition.MultiVm.json#"}`: false,
		`{"contentVersion":"1.0.0.0","resources":[]}`:                                                              false,
		`{"version":"Notebook/1.0","items":[]}`:                                                                    false,
		`{`:                                                                                                        false,
	} {
		if got := IsTemplate([]byte(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// TestOtherFiles has nothing against files that are named and no templates.
func TestOtherFiles(t *testing.T) {
	for text, want := range map[string]string{
		`{"properties":{"policyRule":{"then":{"details":{"deployment":{"properties":{"template":` + linking("") + `}}}}}}}`: "a policy definition",
		`{"mode":"All","policyRule":{}}`: "a policy definition",
		`{"type":"Microsoft.Authorization/policySetDefinitions","properties":{"policyDefinitions":[]}}`:                                          "a policy initiative",
		`{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#","parameters":{}}`:                        "a parameter file",
		`{"$schema":"https://schema.management.azure.com/schemas/0.1.2-preview/CreateUIDefinition.MultiVm.json#","handler":"x","parameters":{}}`: "a definition of the portal's pages",
		`{"version":"Notebook/1.0","items":[]}`: "a workbook",
	} {
		found, err := Check("lib/x.json", []byte(text), Options{})
		if err != nil || len(found) != 1 || found[0].Rule != "L24" || found[0].Severity != Info || !strings.Contains(found[0].Why, want) {
			t.Errorf("%s: %+v %v", text, found, err)
		}
	}
}
