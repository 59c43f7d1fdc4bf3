package template

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// TestBicepFiles reads the files that a Bicep file refers to, from Options.Open only.
func TestBicepFiles(t *testing.T) {
	files := fstest.MapFS{
		"app/ids.json":    {Data: []byte(`{"tracking": {"id": "` + idA + `"}}`)},
		"app/empty.bicep": {Data: []byte("param location string = 'x'\n")},
		"app/full.bicep":  {Data: []byte("resource s 'Microsoft.Storage/storageAccounts@2023-05-01' = {\n  name: 's'\n}\n")},
	}
	src := func(module string) []byte {
		return []byte("var ids = loadJsonContent('ids.json')\nmodule m '" + module + "' = {\n  name: 'pid-${ids.tracking.id}'\n}\n")
	}
	for module, want := range map[string]string{"empty.bicep": "L06", "full.bicep": "L06 L18", "missing.bicep": "L06", "../../x.bicep": "L06"} {
		found, err := Check("app/deploy.bicep", src(module), Options{Open: files.ReadFile})
		if err != nil {
			t.Fatal(err)
		}
		if got := idsIn(found); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: %v, want %s", module, got, want)
		}
	}
	if found, _ := Check("app/deploy.bicep", src("empty.bicep"), Options{}); slices.Contains(idsIn(found), "L06") {
		t.Error("an id without its file")
	}
}

// TestBicepGoesOn reads what follows statements that are not understood.
func TestBicepGoesOn(t *testing.T) {
	src := "type t = {\n  a: string?\n  *: int\n}\nfunc f(a string) string => '${a}'\nvar broken = [ ) \nimport { x } from 'y.bicep'\n" +
		"output o string = f('x')\nresource tracking 'Microsoft.Resources/deployments@2022-09-01' = {\n  name: 'pid-" + idA + "'\n  properties: {\n" +
		"    mode: 'Incremental'\n    template: {\n      '$schema': '" + groupSchema + "'\n      contentVersion: '1.0.0.0'\n      resources: []\n    }\n  }\n}\n"
	found, err := Check("x.bicep", []byte(src), Options{})
	if err != nil || !slices.Equal(idsIn(found), []string{"L02"}) {
		t.Errorf("%v %v", found, err)
	}
}

// TestForeignModule does not blame a template for the ids of modules that others wrote.
func TestForeignModule(t *testing.T) {
	nested := func(id string) []byte {
		return []byte(`{"$schema":"` + groupSchema + `","resources":[{"type":"Microsoft.Resources/deployments","name":"m","properties":{"template":` + pidTemplate("pid-"+id) + `}}]}`)
	}
	for id, want := range map[string]Severity{idA: Error, "f" + idA[1:]: Info} {
		found, err := Check("azuredeploy.json", nested(id), Options{Registry: registry})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(found, func(f Finding) bool { return f.Rule == "L07" })
		if i < 0 || found[i].Severity != want {
			t.Errorf("%s: %v, want %v", id, found, want)
		}
	}
}

// TestSourceMarks reads a byte order mark at the start, and says that a file is UTF-16.
func TestSourceMarks(t *testing.T) {
	found, err := Check("a.ps1", []byte("\xef\xbb\xbf$id = '"+idA[:35]+"'\r\nirm $uri -UserAgent \"pid-$id\"\r\n"), Options{})
	if err != nil || !slices.Equal(idsIn(found), []string{"U06"}) || found[0].Line != 2 {
		t.Errorf("%v %v", found, err)
	}
	if _, err := Check("a.ps1", []byte("\xff\xfe$\x00i\x00"), Options{}); err == nil || !strings.Contains(err.Error(), "UTF-16") {
		t.Errorf("%v", err)
	}
}
